import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type ClusterApi, statusOf } from './cluster-api';
import type { WatchedKind } from './kinds';
import { identityOf, type LiveObject } from './live-object';

/** What watches tell. */
export interface WatchListener {
  /** An object is other than before, or there is one more. */
  changed(object: LiveObject): void;
  /** An object is gone: as it was last, with the version of its end where that is known. */
  gone(object: LiveObject): void;
  /** All objects of the kind are known, as of `version`. */
  listed(kind: WatchedKind, version: string): void;
  /** A watch broke; it is taken up again after `retrySeconds`. */
  broken(kind: WatchedKind, error: unknown, retrySeconds: number): void;
}

/** How long after a broken watch the next begins: the longer, the more often it broke. */
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 5] as const;

/** The status of a version that the API server has forgotten. */
const EXPIRED = 410;

/** After so many failures in a row everything is listed anew: what is asked for may be what is wrong. */
const FAILURES_BEFORE_LIST = 3;

/** A watch that ends sooner, and told of nothing, has failed. */
const SHORT_MS = 5000;

/** The objects of one kind, kept up by a watch that is taken up again whenever it ends. */
export class KeptWatch {
  private readonly known = new Map<string, LiveObject>();
  private readonly stopping = new AbortController();
  /** Where the watch goes on; undefined where everything must be listed. */
  private version: string | undefined;
  /** Since it last told of something. */
  private failures = 0;
  private listed = false;
  private hasTold = false;

  public constructor(
    private readonly kind: WatchedKind,
    private readonly api: ClusterApi,
    private readonly listener: WatchListener,
  ) {}

  /** Lists, and watches from there on, until {@link stop}. */
  public async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        this.version ??= await this.list();
        this.hasTold = false;
        await this.follow(this.version);
        if (signal.aborted) return;
        if (!this.hasTold && performance.now() - began < SHORT_MS) await this.pause(new Error('it ended at once'));
      } catch (error) {
        if (signal.aborted) return;
        const isExpired = statusOf(error) === EXPIRED;
        const isFirst = this.failures === 0;
        if (isExpired || this.failures >= FAILURES_BEFORE_LIST) this.version = undefined;
        // Nothing is wrong but that too much has happened since.
        if (isExpired && isFirst) this.failures += 1;
        else await this.pause(error);
      }
    }
  }

  private async pause(error: unknown): Promise<void> {
    const seconds = RETRY_SECONDS[Math.min(this.failures, RETRY_SECONDS.length - 1)] ?? 1;
    this.failures += 1;
    this.listener.broken(this.kind, error, seconds);
    await sleep(seconds * 1000, undefined, { signal: this.stopping.signal }).catch(() => {});
  }

  public stop(): void {
    this.stopping.abort();
  }

  /** Whether all objects are known that there were at some time. */
  public get hasListed(): boolean {
    return this.listed;
  }

  public get objects(): readonly LiveObject[] {
    return [...this.known.values()];
  }

  public find(identity: string): LiveObject | undefined {
    return this.known.get(identity);
  }

  private async list(): Promise<string> {
    const { objects, version } = await this.api.list(this.kind, this.stopping.signal);
    const before = new Map(this.known);
    this.known.clear();
    for (const object of objects) this.known.set(identityOf(object), object);
    for (const [identity, object] of before) if (!this.known.has(identity)) this.listener.gone(object);
    this.listed = true;
    this.listener.listed(this.kind, version);
    return version;
  }

  private async follow(version: string): Promise<void> {
    for await (const { type, object } of this.api.watch(this.kind, version, this.stopping.signal)) {
      this.failures = 0;
      this.hasTold = true;
      this.version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') continue;
      const identity = identityOf(object);
      if (type === 'DELETED') {
        this.known.delete(identity);
        this.listener.gone(object);
        continue;
      }
      const before = this.known.get(identity);
      this.known.set(identity, object);
      // Who only says how it is, as cert-manager does of Certificates, changes nothing that is looked at.
      if (before === undefined || !isSame(before, object)) this.listener.changed(object);
    }
  }
}

function isSame(before: LiveObject, after: LiveObject): boolean {
  const told = ({ metadata: { resourceVersion: _, ...metadata }, ...object }: LiveObject) => ({ ...object, metadata });
  return isDeepStrictEqual(told(before), told(after));
}

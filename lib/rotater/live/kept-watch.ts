import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterApi, statusOf } from './cluster-api';
import type { WatchedKind } from './kinds';
import { identityOf, type LiveObject } from './live-object';

/** What watches tell. */
export interface WatchListener {
  /** Something may be other than before. */
  changed(): void;
  /** An object is gone. */
  gone(object: LiveObject): void;
  /** A watch broke; it is taken up again after `retrySeconds`. */
  broken(kind: WatchedKind, error: unknown, retrySeconds: number): void;
}

/** How long after a broken watch the next begins: the longer, the more often it broke. */
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 5] as const;

/** The status of a version that the API server has forgotten. */
const EXPIRED = 410;

/** The objects of one kind, kept up by a watch that is taken up again whenever it ends. */
export class KeptWatch {
  private readonly known = new Map<string, LiveObject>();
  private readonly stopping = new AbortController();
  /** Where the watch goes on; undefined where everything must be listed. */
  private version: string | undefined;
  /** Since it last told of something. */
  private failures = 0;
  private listed = false;

  public constructor(
    private readonly kind: WatchedKind,
    private readonly api: ClusterApi,
    private readonly listener: WatchListener,
  ) {}

  /** Lists, and watches from there on, until {@link stop}. */
  public async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.version ??= await this.list();
        await this.follow(this.version);
      } catch (error) {
        if (signal.aborted) return;
        if (statusOf(error) === EXPIRED && this.version !== undefined) {
          // Nothing is wrong but that too much has happened since.
          this.version = undefined;
          continue;
        }
        const seconds = RETRY_SECONDS[Math.min(this.failures, RETRY_SECONDS.length - 1)] ?? 1;
        this.failures += 1;
        this.listener.broken(this.kind, error, seconds);
        await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
      }
    }
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
    this.listener.changed();
    return version;
  }

  private async follow(version: string): Promise<void> {
    for await (const { type, object } of this.api.watch(this.kind, version, this.stopping.signal)) {
      this.failures = 0;
      this.version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') {
        this.known.delete(identityOf(object));
        this.listener.gone(object);
      } else {
        this.known.set(identityOf(object), object);
      }
      this.listener.changed();
    }
  }
}

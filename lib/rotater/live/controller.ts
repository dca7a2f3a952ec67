import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-client';
import type { ClusterApi } from './cluster-api';
import type { WatchedKind } from './kinds';
import { identityOf, type LiveObject } from './live-object';
import { Pace } from './pace';
import { type Changes, isAsWanted, type Rotater, type RouteProblem, reconcile, refused } from './reconcile';
import { WatchedCluster } from './watched-cluster';

/** What the controller tells those who watch it. */
export interface ControllerReport {
  reconciled(changes: Changes, seconds: number): void;
  wrote(action: string, identity: string): void;
  failed(action: string, identity: string, error: unknown): void;
  problem(problem: RouteProblem): void;
  watchBroken(kind: WatchedKind, error: unknown, retrySeconds: number): void;
  /** Looking at the cluster itself failed, which is a fault of this program. */
  broken(error: unknown): void;
}

/** How long changes are gathered before they are looked at together, in milliseconds. */
const GATHER_MS = 20;

/** How many writes are under way at a time. */
const WRITES_AT_A_TIME = 16;

/** How long writes of one look go on when routes have changed meanwhile, in milliseconds. */
const SLICE_MS = 200;

/** How long a write that is under way may take when the controller is to stop, in milliseconds. */
const LAST_WRITES_MS = 3000;

/**
 * Keeps a cluster as its routes ask. Each look compares everything; what it writes is the same whoever writes it, so
 * that several may run at once, and one that was ended in the middle is taken up by the next.
 */
export class Controller {
  private readonly cluster: WatchedCluster;
  private readonly pace = new Pace();
  private readonly warned = new Set<string>();
  /** What the API server refuses for good, by the identity of what was to be written. */
  private readonly refusals = new Map<string, RouteProblem>();
  private readonly stopping = new AbortController();
  private readonly lastWrites = new AbortController();
  private isChanged = false;
  /** Routes or their Service changed since the last look: what is still to be written may be wrong by now. */
  private isStale = false;
  private wake: () => void = () => {};
  private retry: NodeJS.Timeout | undefined;

  public constructor(
    private readonly api: ClusterApi,
    private readonly rotater: Rotater,
    private readonly report: ControllerReport,
    /** What this instance of it is called in Events. */
    private readonly instance: string,
  ) {
    this.cluster = new WatchedCluster(api, rotater.settings, {
      changed: (isAsked) => this.change(isAsked),
      broken: (kind, error, seconds) => report.watchBroken(kind, error, seconds),
    });
  }

  /** Whether it has seen everything once, and so can tell what is missing. */
  public get isReady(): boolean {
    return this.cluster.isComplete;
  }

  /** Runs until {@link stop}; what is being written then is finished, if that does not take long. */
  public async run(): Promise<void> {
    const watching = this.cluster.run();
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.untilChanged();
      await sleep(GATHER_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      this.isChanged = false;
      this.isStale = false;
      if (!this.cluster.isComplete) continue;
      try {
        await this.look();
      } catch (error) {
        this.report.broken(error);
        this.lookAgain(5000);
      }
    }
    clearTimeout(this.retry);
    this.cluster.stop();
    await watching;
    this.api.close();
  }

  public stop(): void {
    this.stopping.abort();
    setTimeout(() => this.lastWrites.abort(), LAST_WRITES_MS).unref();
    this.wake();
  }

  private change(isAsked: boolean): void {
    this.isChanged = true;
    this.isStale ||= isAsked;
    this.wake();
  }

  private async untilChanged(): Promise<void> {
    if (this.isChanged || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  /** One timer at most: the next look is for all that waits. */
  private lookAgain(milliseconds: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.change(false), milliseconds);
    this.retry.unref();
  }

  private async look(): Promise<void> {
    const began = performance.now();
    const changes = reconcile(this.cluster.view, this.rotater);
    this.report.reconciled(changes, (performance.now() - began) / 1000);

    const applied = shuffled(changes.apply).map((object) => this.apply(object, changes.routeOf(object)));
    const allApplied = await this.doAll(applied);
    // What stands for something new goes only when that is there.
    const removed = changes.remove.map((object) => this.remove(object));
    if (allApplied) await this.doAll(removed);
    for (const identity of this.refusals.keys()) {
      if (!changes.apply.some((object) => identityOf(object) === identity)) this.refusals.delete(identity);
    }
    const problems = [...changes.problems, ...this.refusals.values()];
    const warnings = this.unsaid(problems).map((problem) => this.warning(problem));
    await this.doAll(warnings);

    const writes = [...applied, ...removed, ...warnings];
    const left = writes.filter(({ isDone }) => !isDone);
    this.pace.keep(new Set(writes.map(({ key }) => key)));
    if (left.length > 0) this.lookAgain(this.pace.wait(left.map(({ key }) => key)));
  }

  private apply(object: Changes['apply'][number], route: LiveObject | undefined): Write {
    const identity = identityOf(object);
    const isOurs = this.cluster.find(identity) !== undefined;
    return {
      ...{ action: 'apply', identity, key: `apply ${identity}`, isDone: false },
      isDue: () => !isAsWanted(this.cluster.find(identity), object),
      run: async (signal) => {
        const live = await this.api.apply(object, { isOurs, signal });
        if (live) this.cluster.wrote(live);
        this.refusals.delete(identity);
      },
      failed: (error) => {
        if (route && isForGood(error)) this.refusals.set(identity, refused(route, identity, (error as Error).message));
      },
    };
  }

  private remove(object: LiveObject): Write {
    const identity = identityOf(object);
    const key = `remove ${identity}`;
    return { action: 'remove', identity, key, isDone: false, run: (signal) => this.api.remove(object, signal) };
  }

  private warning(problem: RouteProblem): Write {
    const identity = problem.route ? identityOf(problem.route) : problem.problem.at;
    return {
      ...{ action: 'warn', identity, key: `warn ${keyOf(problem)}`, isDone: false },
      run: async (signal) => {
        await this.api.warn(problem, this.instance, signal);
        this.warned.add(keyOf(problem));
        this.report.problem(problem);
      },
    };
  }

  /** Does them some at a time; whether all are done. Ends early when what they were made of has changed. */
  private async doAll(writes: readonly Write[]): Promise<boolean> {
    const began = performance.now();
    const left = writes.values();
    const isOver = () => this.stopping.signal.aborted || (this.isStale && performance.now() - began > SLICE_MS);
    const worker = async () => {
      for (const write of left) {
        if (isOver()) return;
        await this.doOne(write);
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_A_TIME }, worker));
    return writes.every(({ isDone }) => isDone);
  }

  private async doOne(write: Write): Promise<void> {
    const { action, identity, key } = write;
    if (write.isDue?.() === false) write.isDone = true;
    if (write.isDone || !this.pace.isDue(key)) return;
    try {
      await write.run(this.lastWrites.signal);
      write.isDone = true;
      this.pace.wrote(key);
      this.report.wrote(action, identity);
    } catch (error) {
      if (error instanceof ApiError && error.retryAfterSeconds !== undefined)
        this.pace.holdAll(error.retryAfterSeconds);
      this.pace.failed(key);
      write.failed?.(error);
      this.report.failed(action, identity, error);
    }
  }

  private unsaid(problems: readonly RouteProblem[]): RouteProblem[] {
    const current = new Set(problems.map(keyOf));
    // One that is gone is said again when it comes back.
    for (const key of this.warned) if (!current.has(key)) this.warned.delete(key);
    return problems.filter((problem) => !this.warned.has(keyOf(problem)));
  }
}

/** One write that a look found to be due. */
interface Write {
  /** `apply`, `remove` or `warn`. */
  readonly action: string;
  readonly identity: string;
  /** What it is kept apart by. */
  readonly key: string;
  isDone: boolean;
  /** Whether nobody else has done it meanwhile. */
  isDue?(): boolean;
  run(signal: AbortSignal): Promise<void>;
  failed?(error: unknown): void;
}

/** Whether the API server would refuse the same again. */
function isForGood(error: unknown): boolean {
  return error instanceof ApiError && [400, 403, 404, 413, 422].includes(error.status);
}

/** In an order of its own, so that of two instances that see the same each does its half. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function keyOf({ route, problem }: RouteProblem): string {
  return JSON.stringify([route?.metadata.uid, problem]);
}

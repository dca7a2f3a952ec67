import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterApi } from './cluster-api';
import type { WatchedKind } from './kinds';
import { identityOf } from './live-object';
import { type Changes, isAsWanted, type Rotater, type RouteProblem, reconcile } from './reconcile';
import { WatchedCluster } from './watched-cluster';

/** What the controller tells those who watch it. */
export interface ControllerReport {
  reconciled(changes: Changes, seconds: number): void;
  wrote(action: string, identity: string): void;
  failed(action: string, identity: string, error: unknown): void;
  problem(problem: RouteProblem): void;
  watchBroken(kind: WatchedKind, error: unknown, retrySeconds: number): void;
}

/** How long changes are gathered before they are looked at together, in milliseconds. */
const GATHER_MS = 20;

/** How many writes are under way at a time. */
const WRITES_AT_A_TIME = 16;

/** How long after writes that failed the next look is taken, in milliseconds: the longer, the more often. */
const RETRY_MS = [500, 1000, 2000, 5000, 10_000, 30_000] as const;

/**
 * Keeps a cluster as its routes ask. Each look compares everything; what it writes is the same whoever writes it, so
 * that several may run at once, and one that was ended in the middle is taken up by the next.
 */
export class Controller {
  private readonly cluster: WatchedCluster;
  private readonly warned = new Set<string>();
  private readonly stopping = new AbortController();
  private isChanged = false;
  private wake: () => void = () => {};
  private failures = 0;

  public constructor(
    private readonly api: ClusterApi,
    private readonly rotater: Rotater,
    private readonly report: ControllerReport,
    /** What this instance of it is called in Events. */
    private readonly instance: string,
  ) {
    this.cluster = new WatchedCluster(api, rotater.settings, {
      changed: () => this.change(),
      broken: (kind, error, seconds) => report.watchBroken(kind, error, seconds),
    });
  }

  /** Whether it has seen everything once, and so can tell what is missing. */
  public get isReady(): boolean {
    return this.cluster.isComplete;
  }

  /** Runs until {@link stop}; what is being written then is finished. */
  public async run(): Promise<void> {
    const watching = this.cluster.run();
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.untilChanged();
      await sleep(GATHER_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      this.isChanged = false;
      if (this.cluster.isComplete) await this.look();
    }
    this.cluster.stop();
    await watching;
    this.api.close();
  }

  public stop(): void {
    this.stopping.abort();
    this.wake();
  }

  private change(): void {
    this.isChanged = true;
    this.wake();
  }

  private async untilChanged(): Promise<void> {
    if (this.isChanged || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  private async look(): Promise<void> {
    const began = performance.now();
    const changes = reconcile(this.cluster.view, this.rotater);
    this.report.reconciled(changes, (performance.now() - began) / 1000);
    const writes: Write[] = [
      ...shuffled(changes.apply).map((object) => ({
        ...{ action: 'apply', identity: identityOf(object) },
        isDue: () => !isAsWanted(this.cluster.find(identityOf(object)), object),
        run: async () => {
          const applied = await this.api.apply(object);
          if (applied) this.cluster.wrote(applied);
        },
      })),
      ...changes.remove.map((object) => ({
        ...{ action: 'remove', identity: identityOf(object) },
        run: () => this.api.remove(object),
      })),
      ...this.unsaid(changes.problems).map((problem) => ({
        ...{ action: 'warn', identity: identityOf(problem.route) },
        run: () => this.warn(problem),
      })),
    ];
    const failed = await this.doAll(writes);
    if (failed === 0) {
      this.failures = 0;
      return;
    }
    const pause = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 1000;
    this.failures += 1;
    setTimeout(() => this.change(), pause).unref();
  }

  /** Does them some at a time, all of them whatever fails; returns how many failed. */
  private async doAll(writes: readonly Write[]): Promise<number> {
    const left = writes.values();
    let failed = 0;
    const worker = async () => {
      for (const { action, identity, isDue, run } of left) {
        if (this.stopping.signal.aborted) return;
        if (isDue?.() === false) continue;
        try {
          await run();
          this.report.wrote(action, identity);
        } catch (error) {
          failed += 1;
          this.report.failed(action, identity, error);
        }
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_A_TIME }, worker));
    return failed;
  }

  private unsaid(problems: readonly RouteProblem[]): RouteProblem[] {
    const current = new Set(problems.map(keyOf));
    // One that is gone is said again when it comes back.
    for (const key of this.warned) if (!current.has(key)) this.warned.delete(key);
    return problems.filter((problem) => !this.warned.has(keyOf(problem)));
  }

  private async warn(problem: RouteProblem): Promise<void> {
    await this.api.warn(problem, this.instance);
    this.warned.add(keyOf(problem));
    this.report.problem(problem);
  }
}

/** One write that a look found to be due. */
interface Write {
  /** `apply`, `remove` or `warn`. */
  readonly action: string;
  readonly identity: string;
  /** Whether nobody else has done it meanwhile. */
  isDue?(): boolean;
  run(): Promise<void> | void;
}

/** In an order of its own, so that of two instances that see the same each does its half. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function keyOf({ route, problem }: RouteProblem): string {
  return JSON.stringify([route.metadata.uid, problem]);
}

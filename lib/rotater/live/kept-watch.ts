import type { Watched, WatchedKind } from './cluster-api';
import type { LiveObject } from './live-object';

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
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 5, 10] as const;

/** The objects of one kind, kept up by a watch that is taken up again whenever it breaks. */
export class KeptWatch {
  private readonly watch: Watched;
  /** Since it last told of a change. */
  private failures = 0;
  private breaks = 0;
  private listed = false;
  private stopped = false;
  private retry: NodeJS.Timeout | undefined;

  public constructor(
    private readonly kind: WatchedKind,
    watch: Watched,
    private readonly listener: WatchListener,
  ) {
    this.watch = watch;
    watch.on('change', () => {
      this.failures = 0;
      listener.changed();
    });
    watch.on('delete', (object) => listener.gone(this.complete(object)));
    watch.on('error', (error) => this.tryAgain(error));
  }

  public start(): void {
    // It lists, and from then on it watches; what goes wrong, also later, is told by an event.
    const { breaks } = this;
    this.watch.start().then(
      () => {
        if (this.breaks !== breaks || this.stopped) return;
        this.listed = true;
        this.listener.changed();
      },
      (error: unknown) => this.tryAgain(error),
    );
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.watch.stop();
  }

  /** Whether all objects are known that there were at some time. */
  public get hasListed(): boolean {
    return this.listed;
  }

  public get objects(): LiveObject[] {
    return this.watch.list().map((object) => this.complete(object));
  }

  /** Items of a list do not say themselves what they are. */
  private complete(object: object): LiveObject {
    const { apiVersion, kind } = this.kind;
    return { ...(object as LiveObject), apiVersion, kind };
  }

  private tryAgain(error: unknown): void {
    if (this.stopped) return;
    const seconds = RETRY_SECONDS[Math.min(this.failures, RETRY_SECONDS.length - 1)] ?? 1;
    this.failures += 1;
    this.breaks += 1;
    this.listener.broken(this.kind, error, seconds);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), seconds * 1000);
  }
}

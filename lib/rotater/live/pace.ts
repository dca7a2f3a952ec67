/** How long a write waits that failed, or that somebody undid, in seconds: the longer, the more often. */
const PAUSES = [0.5, 1, 2, 5, 10, 30, 60] as const;

/** Written again within that time, an object counts as fought for. */
const FIGHT_MS = 10_000;

interface Attempts {
  /** Failures in a row, or writes that were undone at once. */
  count: number;
  writtenMs: number;
  notBeforeMs: number;
}

/** Keeps writes apart that fail, or that somebody undoes, each by itself: others do not wait for them. */
export class Pace {
  private readonly attempts = new Map<string, Attempts>();
  private allNotBeforeMs = 0;

  public constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a write of that identity may be tried now. */
  public isDue(identity: string): boolean {
    const now = this.now();
    return now >= this.allNotBeforeMs && now >= (this.attempts.get(identity)?.notBeforeMs ?? 0);
  }

  public failed(identity: string): void {
    const attempts = this.of(identity);
    attempts.notBeforeMs = this.now() + pauseOf(attempts.count);
    attempts.count += 1;
  }

  /** Nothing at all is tried for a while: the API server asked for that. */
  public holdAll(seconds: number): void {
    this.allNotBeforeMs = Math.max(this.allNotBeforeMs, this.now() + seconds * 1000);
  }

  /** The first time that it is undone, it is written again at once; from then on it waits. */
  public wrote(identity: string): void {
    const attempts = this.of(identity);
    const now = this.now();
    const isFought = now - attempts.writtenMs < FIGHT_MS;
    attempts.count = isFought ? attempts.count + 1 : 0;
    attempts.notBeforeMs = attempts.count < 2 ? 0 : now + pauseOf(attempts.count - 2);
    attempts.writtenMs = now;
  }

  /** Forgets all but `wanted`, and what was written just now. */
  public keep(wanted: ReadonlySet<string>): void {
    const old = this.now() - 2 * FIGHT_MS;
    for (const [identity, { writtenMs, notBeforeMs }] of this.attempts) {
      if (!wanted.has(identity) && writtenMs < old && notBeforeMs < old) this.attempts.delete(identity);
    }
  }

  /** In how many milliseconds the first of `identities` may be tried; 0 where one may now. */
  public wait(identities: Iterable<string>): number {
    const times = [...identities].map((identity) => this.attempts.get(identity)?.notBeforeMs ?? 0);
    return Math.max(0, this.allNotBeforeMs - this.now(), Math.min(...times) - this.now());
  }

  private of(identity: string): Attempts {
    const known = this.attempts.get(identity) ?? { count: 0, writtenMs: Number.NEGATIVE_INFINITY, notBeforeMs: 0 };
    this.attempts.set(identity, known);
    return known;
  }
}

function pauseOf(count: number): number {
  return (PAUSES[Math.min(count, PAUSES.length - 1)] ?? 1) * 1000;
}

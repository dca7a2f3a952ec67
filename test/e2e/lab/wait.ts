import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

export interface WaitOptions {
  /** How long at most, in seconds. */
  readonly seconds: number;
  /** How often it is looked at, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Waits until `look` gives something (not `undefined`, not `false`) and returns that.
 * What it throws counts as 'not yet', and stands in the error when the time is over.
 */
export async function until<T>(
  what: string,
  { seconds, everyMs = 250 }: WaitOptions,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const why = last instanceof Error ? `\n${last.message}` : '';
      throw new Error(`${what}: not within ${seconds} s${why}`);
    }
    await sleep(everyMs);
  }
}

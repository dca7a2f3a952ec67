import type { Check, ExpectedCertificate, Observed } from '../check';
import type { Declaration } from '../declaration';
import { type Expectations, judge } from '../judge';
import { makeReport, type Remark, type Report } from '../report';
import { lagging } from '../same-certificate';
import { type ObserveOptions, observe } from './observe';
import { plan } from './plan';
import { Names } from './resolve';

/** What is declared at this time, and what is known of it beside. */
export interface Known {
  readonly declaration: Declaration;
  readonly expected: ReadonlyMap<string, readonly ExpectedCertificate[]>;
  readonly remarks: readonly Remark[];
}

/** How a round is made. */
export interface RoundOptions {
  readonly observe: ObserveOptions;
  readonly expectations: Omit<Expectations, 'now' | 'expected'>;
  /** The port of nodes that say none. */
  readonly port: number;
  readonly dns: boolean;
  readonly resolvers: readonly string[];
}

/** What one round came to. */
export interface Round {
  readonly report: Report;
  /** The checks whose nodes do not serve yet what all are to serve. */
  readonly lagging: readonly Check[];
}

/** Asks every node once, and judges what was seen. */
export async function makeRound(known: Known, options: RoundOptions): Promise<Round> {
  const began = performance.now();
  const { timeout, concurrency } = options.observe;
  const names = new Names(options.resolvers, { timeout, concurrency });
  const { checks, remarks } = await plan(known.declaration, { names, port: options.port, dns: options.dns });
  const observed: Observed[] = await observe(checks, options.observe);
  const now = new Date();
  const results = judge(observed, { ...options.expectations, now, expected: known.expected });
  return {
    report: makeReport({
      checkedAt: now,
      seconds: (performance.now() - began) / 1000,
      results,
      remarks: [...known.remarks, ...remarks],
    }),
    lagging: lagging(observed, known.expected),
  };
}

/** How long it is watched, and who is told. */
export interface WatchOptions {
  /** From the end of one round to the next, in milliseconds. */
  readonly interval: number;
  /** Milliseconds. */
  readonly longest: number;
  readonly onRound: (round: Round) => void;
  /** Why there was no round this time: an API server may be away for a while. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Rounds, until all nodes serve one certificate for each host, or the time is up; the last one. Throws what makes the
 * first round, or the last, impossible.
 */
export async function watch(makeOne: () => Promise<Round>, options: WatchOptions): Promise<Round> {
  const end = performance.now() + options.longest;
  for (let isFirst = true; ; isFirst = false) {
    const isLast = performance.now() + options.interval > end;
    const round = await makeOne().catch((error: unknown) => {
      if (isFirst || isLast) throw error;
      options.onFailure(error);
    });
    if (round) {
      options.onRound(round);
      const isSettled = round.lagging.length === 0 && round.report.results.length > 0;
      if (isSettled || isLast) return round;
    }
    await new Promise((resolve) => setTimeout(resolve, options.interval));
  }
}

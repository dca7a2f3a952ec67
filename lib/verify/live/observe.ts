import type { Check, Observation, Observed } from '../check';
import { type ProbeOptions, probe } from './probe';
import { Slots } from './slots';

/** How many are asked at a time, and who is told how far it is. */
export interface ObserveOptions extends ProbeOptions {
  readonly concurrency: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** Who has not answered after this many milliseconds is not waited for with the next. */
const PATIENCE = 250;

/**
 * Asks every node for every host. The first question to a node shows whether it can be reached at all; where it cannot,
 * its other hosts are not tried one by one.
 */
export async function observe(checks: readonly Check[], options: ObserveOptions): Promise<Observed[]> {
  const slots = new Slots(options.concurrency, PATIENCE);
  const first = new Map<string, Promise<Observation | undefined>>();
  let done = 0;
  const ask = async (check: Check): Promise<Observed> => {
    const observation = await observeOne(check, options, slots, first);
    done += 1;
    options.onProgress?.(done, checks.length);
    return { check, observation };
  };
  return Promise.all(checks.map(ask));
}

async function observeOne(
  check: Check,
  options: ProbeOptions,
  slots: Slots,
  first: Map<string, Promise<Observation | undefined>>,
): Promise<Observation> {
  const { address, port } = check.node;
  const place = `${address} ${port}`;
  const known = first.get(place);
  if (known) return (await known) ?? slots.run(() => probe(check, options));
  let tell: (unreachable: Observation | undefined) => void = () => {};
  first.set(place, new Promise((resolve) => (tell = resolve)));
  const observation = await slots.run(() => probe(check, options, () => tell(undefined)));
  tell(observation.kind === 'unreachable' ? observation : undefined);
  return observation;
}

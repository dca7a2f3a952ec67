import type { IConstruct } from 'constructs';
import { perCluster } from '../cluster';
import { type KvStore, sameStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import type { KvEntry } from './entries';
import { unitOf } from './unit';

/** What a seed of the program writes. */
interface Seed {
  readonly at: string;
  readonly store: KvStore;
  /** Traefik does not tell upper and lower case apart. */
  readonly units: ReadonlySet<string>;
}

const seedsOf = perCluster((): Seed[] => []);

/**
 * Notes what `seed` writes. KV-19 for each router, service and so on that another seed writes to the same store: the one
 * would write over what the other wrote, and delete it when it has it no more.
 */
export function writtenTwice(seed: IConstruct, store: KvStore, entries: readonly KvEntry[]): Finding[] {
  const units = new Set(entries.map(({ key }) => unitOf(key, store.rootKey).toLowerCase()));
  const others = seedsOf(seed).filter((other) => sameStore(other.store, store));
  seedsOf(seed).push({ at: seed.node.path, store, units });
  return others.flatMap((other) =>
    [...units]
      .filter((unit) => other.units.has(unit))
      .map((unit) => ({
        code: 'KV-19',
        value: unit,
        message: `${other.at} writes it as well, and each would write over what the other wrote, or delete it`,
        fix: 'Leave it out of one of them',
      })),
  );
}

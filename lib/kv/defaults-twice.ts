import type { IConstruct } from 'constructs';
import { kvReadersOf } from '../kv-readers';
import { type KvStore, sameStore } from '../model/kv-store';
import type { Problem } from '../model/problem';
import type { DynamicConfiguration } from './dynamic-configuration';

/**
 * KV-14 where a default TLS object is said in `store` by `seed`, and by a Traefik of the program that reads it: it would
 * take neither.
 */
export function defaultsTwice(seed: IConstruct, store: KvStore, { tls }: DynamicConfiguration): Problem[] {
  const reader = kvReadersOf(seed).find((each) => sameStore(each.store, store));
  if (reader === undefined || tls?.options?.default === undefined) return [];
  return [
    {
      code: 'KV-14',
      at: seed.node.path,
      value: 'tls.options.default',
      message: `${reader.at} serves from the store and says the default TLS options itself, and Traefik takes neither of two`,
      fix: `Leave it out here, and say tls of the ${reader.kind}`,
    },
  ];
}

import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';

/** KV-17 where the default image, which has curl, does not speak the protocol of the store over TLS. */
export function toolFindings({ kind, tls }: KvStore, isOwnImage: boolean): Finding[] {
  if (kind !== 'redis' || tls === undefined || isOwnImage) return [];
  return [
    {
      code: 'KV-17',
      value: 'redis with TLS',
      message: 'the default image has nothing that speaks TLS to it',
      fix: 'Give an image that also holds openssl',
    },
  ];
}

/** KV-13 where nothing here writes to the store. */
export function writableFindings({ kind }: KvStore): Finding[] {
  if (kind !== 'zookeeper') return [];
  return [
    {
      code: 'KV-13',
      value: kind,
      message: 'nothing here writes to it: Traefik can read it, and others fill it',
      fix: 'Use consul, etcd or redis, or fill it yourself from kvEntries',
    },
  ];
}

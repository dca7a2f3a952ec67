import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';

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

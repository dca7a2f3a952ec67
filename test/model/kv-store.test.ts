import { kvProviderArguments } from '../../lib/model/kv-provider';
import { KvStore } from '../../lib/model/kv-store';
import { locate, printProblem } from '../../lib/model/problem';
import { traefikArguments } from '../../lib/traefik/arguments';
import { askArguments, ORACLE_TIMEOUT } from '../support/oracle';

const problems = ({ findings }: KvStore) => locate(findings, 'edge/traefik').map(printProblem);

const PLACES = { credential: (name: string) => `@${name}`, file: (name: string) => `/${name}` };

const STORES: Record<string, KvStore> = {
  consul: KvStore.consul({ endpoint: 'consul:8500', token: 'consul-token', tls: {} }),
  etcd: KvStore.etcd({ endpoints: ['a:2379', '[::1]:2379'], credentials: { username: 'u', password: 'p' } }),
  redis: KvStore.redis({ endpoint: 'redis:6379', database: 3, credentials: { password: 'p' }, tls: { ca: 'ca' } }),
  zookeeper: KvStore.zooKeeper({ endpoints: ['zk:2181'], rootKey: 'edge/blue' }),
};

test('stores that are right', () => {
  expect(Object.values(STORES).flatMap(problems)).toEqual([]);
});

test('how Traefik is told to read them', () => {
  const told = Object.values(STORES).map((store) => kvProviderArguments(store, PLACES));
  expect(told).toEqual([
    [
      '--providers.consul.endpoints=consul:8500',
      '--providers.consul.rootKey=traefik',
      '--providers.consul.token=@token',
      '--providers.consul.tls.insecureSkipVerify=false',
    ],
    [
      '--providers.etcd.endpoints=a:2379,[::1]:2379',
      '--providers.etcd.rootKey=traefik',
      '--providers.etcd.username=@username',
      '--providers.etcd.password=@password',
    ],
    [
      '--providers.redis.endpoints=redis:6379',
      '--providers.redis.rootKey=traefik',
      '--providers.redis.db=3',
      '--providers.redis.password=@password',
      '--providers.redis.tls.ca=/ca.crt',
    ],
    ['--providers.zookeeper.endpoints=zk:2181', '--providers.zookeeper.rootKey=edge/blue'],
  ]);
});

test(
  'Traefik takes it',
  () => {
    const base = { version: '3.7.13', namespace: 'edge', ingressClass: 'traefik', http01: false, graceSeconds: 30 };
    const lists = Object.values(STORES).map((kvStore) =>
      traefikArguments({ ...base, logLevel: 'INFO', extra: [], kvStore }),
    );
    expect(askArguments(lists)).toEqual(lists.map(() => ({ ok: true })));
  },
  ORACLE_TIMEOUT,
);

test('what is no endpoint', () => {
  expect(problems(KvStore.etcd({ endpoints: ['http://etcd:2379'] }))).toEqual([
    'KV-01 [edge/traefik] not the host and port of a store (http://etcd:2379). Write etcd:2379, without a scheme; whether it speaks TLS is said by tls',
  ]);
  expect(problems(KvStore.etcd({ endpoints: [] }))).toHaveLength(1);
  for (const endpoint of ['etcd', 'etcd:0', 'etcd:99999', ':2379', 'a b:1', 'a:2379,b:2379']) {
    expect(problems(KvStore.consul({ endpoint }))[0]).toMatch(/^KV-01 /);
  }
});

test('what is no root key', () => {
  expect(problems(KvStore.redis({ endpoint: 'redis:6379', rootKey: '/traefik' }))).toEqual([
    'KV-02 [edge/traefik] not a root key: levels divided by slashes, none of them empty or a number (/traefik). Leave rootKey out for traefik, or use letters, digits, hyphens, underscores and dots',
  ]);
  for (const rootKey of ['', 'a/', 'a//b', '42', 'a/0/b', 'a\nb', '$(KV_PASSWORD)']) {
    expect(problems(KvStore.redis({ endpoint: 'redis:6379', rootKey }))[0]).toMatch(/^KV-02 /);
  }
});

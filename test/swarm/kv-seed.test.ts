import { KvStore } from '../../lib/model/kv-store';
import { ConsulCluster } from '../../lib/swarm/consul-cluster';
import { KvSeed, type KvSeedProps } from '../../lib/swarm/kv-seed';
import { StackService } from '../../lib/swarm/stack-service';
import { SwarmTraefik } from '../../lib/swarm/swarm-traefik';
import { stackProblems, writtenStack } from '../support/stacks';

const STORE = KvStore.etcd({ endpoints: ['etcd.example.com:2379'] });
const CONFIGURATION = { http: { middlewares: { compress: { compress: {} } } } };

const written = (props: Partial<KvSeedProps> = {}) =>
  writtenStack((stack) => new KvSeed(stack, 'seed', { store: STORE, configuration: CONFIGURATION, ...props }));
const problemsOf = (props: Partial<KvSeedProps>) =>
  stackProblems((stack) => new KvSeed(stack, 'seed', { store: STORE, configuration: CONFIGURATION, ...props }));

test('what runs where nothing was said', () => {
  const { stack, files } = written();
  expect(files['edge/seed.tsv']).toBe('traefik/http/middlewares/compress\t/compress\tdHJ1ZQ==\n');
  expect(files['edge/seed-script.sh']).toMatch(/^#!\/bin\/sh\n/);
  expect(stack.services.seed).toEqual({
    image: 'docker.io/curlimages/curl:8.11.1',
    entrypoint: ['/scripts/seed.sh'],
    environment: {
      SEED_NAME: 'edge_seed',
      SEED_FILE: '/etc/seed/entries.tsv',
      SEED_TIMEOUT_SECONDS: '300',
      KV_STORE: 'etcd',
      KV_ENDPOINT: 'http://etcd.example.com:2379',
      KV_ROOT: 'traefik',
    },
    user: '65532:65532',
    read_only: true,
    cap_drop: ['ALL'],
    configs: [
      { source: 'seed', target: '/etc/seed/entries.tsv', mode: 0o444 },
      { source: 'seed-script', target: '/scripts/seed.sh', mode: 0o555 },
    ],
    networks: { control: {}, outbound: {} },
    volumes: [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: 67_108_864 } }],
    deploy: {
      mode: 'replicated-job',
      replicas: 1,
      resources: { limits: { memory: '64M' } },
      restart_policy: { condition: 'on-failure', delay: '5s' },
    },
  });
});

test('every property shows', () => {
  const props: Required<KvSeedProps> = {
    store: KvStore.redis({ endpoint: 'redis:6379', rootKey: 'edge', credentials: { password: 'redis-password' } }),
    configuration: CONFIGURATION,
    repeatMinutes: 5,
    image: 'registry.example.com/shell:1',
    networks: ['redis'],
  };
  const { stack, files } = written(props);
  expect(files['edge/seed.tsv']).toContain('edge/http/middlewares/');
  expect(stack.services.seed).toMatchObject({
    image: 'registry.example.com/shell:1',
    environment: {
      KV_STORE: 'redis',
      KV_PASSWORD_FILE: '/run/secrets/redis-password',
      SEED_INTERVAL_SECONDS: '300',
    },
    deploy: { mode: 'replicated', replicas: 1, restart_policy: { condition: 'any' } },
    secrets: [{ source: 'redis-password', target: 'redis-password', uid: '65532', gid: '65532', mode: 0o400 }],
    networks: { control: {}, outbound: {}, redis: {} },
  });
});

test('repeated after no minutes', () => {
  expect(problemsOf({ repeatMinutes: 0 })).toEqual([
    'KV-16 [edge/seed] repeatMinutes is a whole number from 1 to 59 (0). Give 5, or leave it out for once',
  ]);
});

test('the service of a KvSeed is its default child', () => {
  writtenStack((stack) => {
    const seed = new KvSeed(stack, 'seed', { store: STORE, configuration: CONFIGURATION });
    expect(seed.node.defaultChild).toBe(seed.service);
  });
});

test('a store of the stack is reached without a way out, wherever it is declared', () => {
  const { stack } = writtenStack((edge) => {
    new KvSeed(edge, 'first', { store: KvStore.etcd({ endpoints: ['etcd:2379'] }), configuration: CONFIGURATION });
    new KvSeed(edge, 'second', { store: new ConsulCluster(edge, 'consul').store, configuration: CONFIGURATION });
    new StackService(edge, 'etcd', {
      image: 'etcd:3',
      networks: { [edge.network('control')]: {} },
      deploy: { mode: 'replicated', replicas: 1 },
    });
  });
  expect(stack.services.first.networks).toEqual({ control: {} });
  expect(stack.services.second.networks).toEqual({ control: {} });
  expect(stack.networks).not.toHaveProperty('outbound');
});

test('of nothing, so that what was written before goes', () => {
  expect(written({ configuration: {} }).files['edge/seed.tsv']).toBe('\n');
});

describe('what is refused', () => {
  test('a configuration that Traefik would not read, or that holds a secret', () => {
    expect(problemsOf({ configuration: { http: { middlewares: { slow: { sloth: {} } } } } as never })).toEqual([
      expect.stringMatching(/^KV-0[39] \[edge\/seed\] /),
    ]);
    const users = { http: { middlewares: { login: { basicAuth: { users: ['a:$apr1$x'] } } } } };
    expect(problemsOf({ configuration: users })).toEqual([expect.stringMatching(/^KV-12 \[edge\/seed\] /)]);
  });

  test('a store that nothing here writes to, or not from that image', () => {
    expect(problemsOf({ store: KvStore.zooKeeper({ endpoints: ['zookeeper:2181'] }) })).toEqual([
      expect.stringMatching(/^KV-13 \[edge\/seed\] /),
    ]);
    expect(problemsOf({ store: KvStore.redis({ endpoint: 'redis:6379', tls: {} }) })).toEqual([
      'SWARM-18 [edge/seed] the default image can speak TLS only without looking at certificates, and is not let to (redis with TLS). Give an image that also holds openssl',
    ]);
    expect(problemsOf({ store: KvStore.etcd({ endpoints: ['etcd:2379'], tls: {} }) })).toEqual([]);
  });

  test('more keys than a transaction of Consul holds', () => {
    const routers = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`router-${index}`, { rule: 'Path(`/`)', service: 'shop@swarm' }]),
    );
    const configuration = { http: { routers } };
    const store = KvStore.consul({ endpoint: 'consul.example.com:8500' });
    expect(problemsOf({ store, configuration })).toEqual([
      expect.stringMatching(
        /^KV-18 \[edge\/seed\] Consul takes 512 KiB at once, in which a seed notes its keys as well \(\d+ bytes of keys\)\. Divide the configuration among several seeds$/,
      ),
    ]);
    expect(problemsOf({ configuration })).toEqual([]);
  });

  test('default TLS options beside those of Traefik', () => {
    expect(
      stackProblems((stack) => {
        // Of the same store, said once more.
        new SwarmTraefik(stack, 'traefik', { kvStore: KvStore.etcd({ endpoints: ['etcd.example.com:2379'] }) });
        const configuration = { tls: { options: { default: { minVersion: 'VersionTLS13' } } } } as const;
        new KvSeed(stack, 'seed', { store: STORE, configuration });
      }),
    ).toEqual([
      'KV-14 [edge/seed] edge/traefik serves from the store and says the default TLS options itself, and Traefik takes neither of two (tls.options.default). Leave it out here, and say tls of the SwarmTraefik',
    ]);
  });
});

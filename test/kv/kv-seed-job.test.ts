import { Chart, Testing } from 'cdk8s';
import { KvSeedJob, type KvSeedJobProps, KvStore, TraefikHA, TraefikHaError } from '../../lib';
import type { DynamicConfiguration } from '../../lib/kv/dynamic-configuration';
import { kvEntries } from '../../lib/kv/entries';
import { identities, objectsIn, only } from '../support/edge';

const store = KvStore.etcd({ endpoints: ['etcd:2379'] });
const configuration: DynamicConfiguration = {
  http: {
    routers: { shop: { rule: 'Host(`shop.example.com`)', service: 'shop', tls: {} } },
    services: { shop: { loadBalancer: { servers: [{ url: 'http://10.0.0.7:8080' }] } } },
  },
};

const chartOf = () => new Chart(Testing.app(), 'edge', { namespace: 'edge' });

function seeded(props: Partial<KvSeedJobProps> = {}) {
  const chart = chartOf();
  const seed = new KvSeedJob(chart, 'routes', { store, configuration, ...props });
  return { chart, seed };
}

function problemsOf(props: Partial<KvSeedJobProps>): string[] {
  try {
    Testing.synth(seeded(props).chart);
    return [];
  } catch (error) {
    if (!(error instanceof TraefikHaError)) throw error;
    return error.message.split('\n');
  }
}

test('defaults', () => {
  const { chart, seed } = seeded();
  const objects = objectsIn(chart);
  expect(seed.jobName).toMatch(/^routes-[0-9a-f]{10}$/);
  expect(identities(objects)).toEqual([`ConfigMap ${seed.jobName}`, `Job ${seed.jobName}`]);
  const { data, immutable } = only(objects, 'ConfigMap') as unknown as {
    data: Record<string, string>;
    immutable: boolean;
  };
  expect(immutable).toBe(true);
  expect(data['seed.sh']).toMatch(/^#!\/bin\/sh\n/);
  const written = (data.entries ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(
    written.map(([unit, rest, value = '']) => ({
      key: `${unit}${rest}`,
      value: Buffer.from(value, 'base64').toString(),
    })),
  ).toEqual(kvEntries(configuration).entries);
  const { spec } = only(objects, 'Job').spec.template;
  expect(spec).toMatchObject({
    restartPolicy: 'OnFailure',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(spec.containers[0]).toMatchObject({
    image: 'docker.io/curlimages/curl:8.11.1',
    command: ['sh', '/etc/traefik-ha/seed/seed.sh'],
    securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  });
  expect(spec.containers[0].env).toEqual([
    { name: 'KV_STORE', value: 'etcd' },
    { name: 'KV_ENDPOINT', value: 'http://etcd:2379' },
    { name: 'KV_ROOT', value: 'traefik' },
    { name: 'SEED_NAME', value: 'edge/routes' },
    { name: 'SEED_FILE', value: '/etc/traefik-ha/seed/entries' },
  ]);
});

test('everything', () => {
  const everything: Required<KvSeedJobProps> = {
    store: KvStore.redis({
      endpoint: 'redis:6379',
      database: 2,
      rootKey: 'edge',
      credentials: { username: 'redis', password: 'redis' },
      tls: { ca: 'redis-ca', client: 'redis-client' },
    }),
    configuration,
    repeatMinutes: 5,
    image: 'registry.example.com/tools:1',
    name: 'seed',
  };
  const { chart } = seeded(everything);
  const { containers, volumes } = only(objectsIn(chart), 'Job').spec.template.spec;
  expect(containers[0].image).toBe('registry.example.com/tools:1');
  expect(Object.fromEntries(containers[0].env.map((each: Record<string, string>) => [each.name, each.value]))).toEqual({
    KV_STORE: 'redis',
    KV_ENDPOINT: 'rediss://redis:6379',
    KV_ROOT: 'edge',
    KV_DATABASE: '2',
    KV_USERNAME_FILE: '/etc/traefik-ha/store/username',
    KV_PASSWORD_FILE: '/etc/traefik-ha/store/password',
    KV_CA_FILE: '/etc/traefik-ha/store/ca.crt',
    KV_CERT_FILE: '/etc/traefik-ha/store/tls.crt',
    KV_KEY_FILE: '/etc/traefik-ha/store/tls.key',
    SEED_NAME: 'edge/seed',
    SEED_FILE: '/etc/traefik-ha/seed/entries',
  });
  expect(volumes.map(({ name }: { name: string }) => name)).toEqual(['seed', 'tmp', 'store']);
  expect(containers[0].volumeMounts).toContainEqual({
    name: 'store',
    mountPath: '/etc/traefik-ha/store',
    readOnly: true,
  });
});

test('repeated: a CronJob whose name stays does the same as the Job', () => {
  const { chart, seed } = seeded({ repeatMinutes: 5, name: `${'a'.repeat(51)}-b` });
  const { metadata, spec } = only(objectsIn(chart), 'CronJob');
  expect(metadata.name).toBe('a'.repeat(51));
  expect(spec).toMatchObject({ schedule: '*/5 * * * *', concurrencyPolicy: 'Forbid' });
  expect(spec.jobTemplate.spec).toEqual(only(objectsIn(chart), 'Job').spec);
  expect(seed.jobName).not.toBe(metadata.name);
  expect(seed.node.defaultChild).toBe(seed.job);
  expect(seeded().seed.cronJob).toBeUndefined();
});

test.each([0, 60, 1.5])('repeated after %s minutes', (repeatMinutes) => {
  expect(problemsOf({ repeatMinutes })).toEqual([
    `KV-16 [edge/routes] repeatMinutes is a whole number from 1 to 59 (${repeatMinutes}). Give 5, or leave it out for once`,
  ]);
});

test('the default child is the Job', () => {
  const { seed } = seeded();
  expect(seed.node.defaultChild).toBe(seed.job);
});

test('its name changes with what it writes, and with nothing else', () => {
  const nameOf = (props: Partial<KvSeedJobProps> = {}) => seeded(props).seed.jobName;
  const other = {
    http: { ...configuration.http, routers: { shop: { rule: 'Host(`a.example.com`)', service: 'shop' } } },
  };
  expect(nameOf()).toBe(nameOf());
  expect(new Set([nameOf(), nameOf({ configuration: other }), nameOf({ image: 'curl:1' })]).size).toBe(3);
  expect(nameOf({ name: 'a'.repeat(63) })).toHaveLength(63);
});

test('what is secret', () => {
  const secret: DynamicConfiguration = {
    http: {
      middlewares: {
        auth: { basicAuth: { users: ['admin:$2y$05$hash'] } },
        file: { basicAuth: { usersFile: '/users' } },
      },
    },
    tls: {
      certificates: {
        shop: { certFile: '-----BEGIN CERTIFICATE-----', keyFile: '-----BEGIN PRIVATE KEY-----' },
        path: { certFile: '/shop.crt', keyFile: '/shop.key' },
      },
    },
  };
  expect(problemsOf({ configuration: secret })).toEqual([
    'KV-12 [edge/routes] a secret would stand in plain in a manifest (http.middlewares.auth.basicAuth.users). Name a file that every Traefik has, such as usersFile or a path, or publish certificates with KvCertificatePublisher',
    expect.stringMatching(/^KV-12 \[edge\/routes\] .*\(tls\.certificates\.shop\.keyFile\)/),
  ]);
});

test('stores and images that cannot be', () => {
  expect(problemsOf({ store: KvStore.zooKeeper({ endpoints: ['zk:2181'] }) })).toEqual([
    'KV-13 [edge/routes] nothing here writes to it: Traefik can read it, and others fill it (zookeeper). Use consul, etcd or redis, or fill it yourself from kvEntries',
  ]);
  expect(problemsOf({ store: KvStore.consul({ endpoint: 'consul', token: 'No Name' }), image: 'curl' })).toEqual([
    expect.stringMatching(/^KV-01 /),
    expect.stringMatching(/^NAME-04 .*kvStore token\.secretName/),
    expect.stringMatching(/^IMAGE-01 /),
  ]);
});

test('Redis with TLS by the default image', () => {
  expect(problemsOf({ store: KvStore.redis({ endpoint: 'redis:6379', tls: {} }) })).toEqual([
    'KV-17 [edge/routes] the default image has nothing that speaks TLS to it (redis with TLS). Give an image that also holds openssl',
  ]);
});

test('more than a ConfigMap holds', () => {
  const middlewares = { long: { headers: { contentSecurityPolicy: 'a'.repeat(800_000) } } };
  expect(problemsOf({ configuration: { http: { middlewares } } })).toEqual([
    expect.stringMatching(
      /^KV-18 \[edge\/routes\] a ConfigMap holds 1 MiB \(10\d{5} bytes\)\. Divide the configuration among several seeds$/,
    ),
  ]);
});

test('what another seed writes to the same store', () => {
  const chart = chartOf();
  const seeds = (id: string, endpoint: string, name: string) =>
    new KvSeedJob(chart, id, {
      store: KvStore.etcd({ endpoints: [endpoint] }),
      configuration: { http: { middlewares: { [name]: { compress: {} } } } },
    });
  seeds('one', 'etcd:2379', 'compress');
  seeds('two', 'etcd:2379', 'other');
  seeds('three', 'other:2379', 'compress');
  expect(() => Testing.synth(chart)).not.toThrow();
  seeds('four', 'etcd:2379', 'Compress');
  expect(() => Testing.synth(chart)).toThrow(
    'KV-19 [edge/four] edge/one writes it as well, and each would write over what the other wrote, or delete it (traefik/http/middlewares/compress). Leave it out of one of them',
  );
});

test('problems of the configuration', () => {
  expect(
    problemsOf({ configuration: { http: { routers: { shop: { rule: 'x', service: 'y' } } } } }).map((line) =>
      line.slice(0, 7),
    ),
  ).toEqual(['KV-10 [', 'RULE-01']);
});

test('default TLS options in the store and in a TraefikHA that reads it', () => {
  const chart = chartOf();
  new KvSeedJob(chart, 'routes', { store, configuration: { tls: { options: { default: { sniStrict: true } } } } });
  expect(() => Testing.synth(chart)).not.toThrow();
  new TraefikHA(chart, 'traefik', { kvStore: store });
  expect(() => Testing.synth(chart)).toThrow(
    'KV-14 [edge/routes] edge/traefik serves from the store and says the default TLS options itself, and Traefik takes neither of two (tls.options.default). Leave it out here, and say tls of the TraefikHA',
  );
});

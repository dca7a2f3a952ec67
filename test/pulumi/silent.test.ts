import type { Recorded } from './recording-engine';
import { run } from './short-program';

/** What went wrong without a word, or could. */

const inputsOf = ({ resources }: Recorded, kind: string) =>
  resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs as Record<string, never> | undefined;
const LATE = /zq\dxj\dqz/;

test('Pod Identity in a namespace that is an Output', async () => {
  const recorded = await run(
    `const ns = late('edge'); new ha.EdgeNamespace('ns', { namespace: ns });
new ha.ExternalDns('dns', { namespace: ns, ownerId: 'prod-1', zones: [{ name: 'example.com', zoneId: 'Z1' }],
  provider: ha.AwsAccess.podIdentity({ clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/prod' }) });`,
    { answer: ({ name }) => ({ name, arn: 'arn:aws:iam::123456789012:role/x' }) },
  );
  expect(recorded.errors).toEqual([]);
  expect(inputsOf(recorded, 'PodIdentityAssociation')).toMatchObject({ namespace: 'edge', serviceAccount: 'dns' });
}, 30_000);

test('what refers to an issuer whose name is an Output', async () => {
  const recorded = await run(
    `const { issuerRef } = new ha.CertManagerIssuer('le', {
  namespace: 'edge', name: late('letsencrypt'), solvers: [AcmeSolver.http01()] });
export { issuerRef };`,
  );
  expect(recorded.errors).toEqual([]);
  expect(recorded.outputs).toEqual({
    issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
  });
}, 30_000);

test.each([
  ['a part of a text', "settings('s', { url: 'https://' + ha.text(nothing) + '/' });"],
  ['a whole text', "settings('s', { host: ha.text(nothing) });"],
])(
  'an Output that turns out to be nothing: %s',
  async (_, use) => {
    const recorded = await run(
      `const nothing = pulumi.output(Promise.resolve(undefined as unknown as string));
${use}
new ha.SynthesizedApp('x', { app });`,
    );
    expect(recorded.errors).toEqual([
      "PULUMI-13 [this program] an Output that a text was made of turned out to be nothing. Say what stands for it then, by apply, as in output.apply((value) => value ?? '')",
    ]);
    expect(inputsOf(recorded, 'ConfigMap')).toBeUndefined();
  },
  30_000,
);

test('documents within documents are quoted at each level', async () => {
  const recorded = await run(
    `const word = ha.text(output); const more = ha.text(late('a: b # c'));
settings('s', {
  json: JSON.stringify({ inner: JSON.stringify({ a: word }) }, undefined, 2),
  yaml: Yaml.stringify({ config: JSON.stringify({ a: word }) }),
  both: Yaml.stringify({ config: Yaml.stringify({ a: more }) }),
});
new ha.SynthesizedApp('x', { app });`,
  );
  expect(recorded.errors).toEqual([]);
  const { data } = inputsOf(recorded, 'ConfigMap') as unknown as { data: Record<string, string> };
  const yaml = require('yaml') as typeof import('yaml');
  expect(JSON.parse(JSON.parse(data.json ?? '').inner)).toEqual({ a: 'say "hi"' });
  expect(data.json).toMatch(/^\{\n {2}"inner": /);
  expect(JSON.parse(yaml.parse(data.yaml ?? '').config)).toEqual({ a: 'say "hi"' });
  expect(yaml.parse(yaml.parse(data.both ?? '').config)).toEqual({ a: 'a: b # c' });
}, 30_000);

describe('between double quotes, in a text that is no document', () => {
  const of = (value: string) =>
    run(
      `settings('s', { env: 'export A=' + JSON.stringify(ha.text(${value})) + ' B=1\\n' }); new ha.SynthesizedApp('x', { app });`,
    );

  test.each(['say "hi"', 'C:\\', 'a\nb'])(
    '%j would end them, or be read as something else',
    async (value) => {
      const recorded = await of(`late(${JSON.stringify(value)})`);
      const shown = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
      expect(recorded.errors).toEqual([
        `PULUMI-15 [x/ConfigMap/edge/settings] an Output turned out to hold what cannot stand between double quotes as it is, in a text that is no JSON (${shown}). Quote the Output itself, by apply, as in text(output.apply((value) => JSON.stringify(value)))`,
      ]);
      expect(inputsOf(recorded, 'ConfigMap')).toBeUndefined();
    },
    60_000,
  );

  test('what is secret is not shown', async () => {
    const { errors } = await of('pulumi.secret(output)');
    expect(errors).toEqual([expect.stringMatching(/^PULUMI-15 .* secret Output .* not shown/)]);
  }, 60_000);

  test('others stay as they are', async () => {
    const recorded = await of("late('plain: #1')");
    expect(recorded.errors).toEqual([]);
    expect(inputsOf(recorded, 'ConfigMap')?.data).toEqual({ env: 'export A="plain: #1" B=1\n' });
  }, 60_000);
});

test('digests of the library change with what it is', async () => {
  const of = async (value: string) => {
    const recorded = await run(
      `new ha.CertRotater('rotater', { namespace: 'edge', image: 'registry.example.com/traefik-ha:0.1.0',
  settings: { ingressClass: ha.text(late('${value}')), dns: {}, certificates: { issuer: 'letsencrypt' } } });`,
    );
    expect([recorded.errors, recorded.warnings]).toEqual([[], []]);
    const { spec } = inputsOf(recorded, 'Deployment') as unknown as {
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    };
    return spec.template.metadata.annotations['traefik-ha/settings'];
  };
  const [one, other] = [await of('public'), await of('other')];
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(other).toMatch(/^[0-9a-f]{16}$/);
  expect(other).not.toBe(one);
}, 60_000);

test('a seed of routes with an Output', async () => {
  const recorded = await run(
    `new KvSeedJob(chart, 'seed', { store: KvStore.etcd({ endpoints: ['etcd:2379'] }), configuration: { http: {
  services: { shop: { loadBalancer: { servers: [{ url: ha.text(late('http://10.0.0.7')) }] } } } } } });
new ha.SynthesizedApp('x', { app });`,
  );
  expect([recorded.errors, recorded.warnings]).toEqual([[], []]);
  const { data, metadata } = inputsOf(recorded, 'ConfigMap') as unknown as {
    data: Record<string, string>;
    metadata: { name: string };
  };
  expect(data.entries).toBe(
    `traefik/http/services/shop\t/loadBalancer/servers/00/url\t${Buffer.from('http://10.0.0.7').toString('base64')}\n`,
  );
  expect(metadata.name).toMatch(/^seed-[0-9a-f]{10}$/);
}, 30_000);

test('pods of all kinds come after what they name', async () => {
  const recorded = await run(
    `const pod = { serviceAccountName: 'runner', imagePullSecrets: [{ name: 'registry' }], containers: [],
  volumes: [{ name: 'a', projected: { sources: [{ secret: { name: 'keys' } }, { configMap: { name: 'settings' } }] } }] };
object('cron', { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'cron' },
  spec: { jobTemplate: { spec: { template: { spec: pod } } } } });
object('pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec: pod });
object('account', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } });
for (const name of ['registry', 'keys']) object(name, { apiVersion: 'v1', kind: 'Secret', metadata: { name } });
settings('settings', {});
new ha.SynthesizedApp('x', { app });`,
  );
  expect(recorded.errors).toEqual([]);
  for (const kind of ['CronJob', 'Pod']) {
    const { dependencies = [] } = recorded.resources.find(({ type }) => type.endsWith(`:${kind}`)) ?? {};
    const named = dependencies.map((urn) => urn.split('::').at(-1)?.replace(/^x\//, ''));
    expect(named.sort()).toEqual([
      'ConfigMap/edge/settings',
      'Secret/edge/keys',
      'Secret/edge/registry',
      'ServiceAccount/edge/runner',
    ]);
  }
}, 30_000);

test('hexadecimal letters of an Output are found', async () => {
  const recorded = await run(
    `const word = ha.text(output);
settings('s', { hex: Buffer.from(word).toString('hex'), word });
new ha.SynthesizedApp('x', { app });`,
  );
  expect(recorded.errors).toEqual([expect.stringMatching(/^PULUMI-09 /)]);
}, 30_000);

test('a text that looks like a part of one, in a program without any', async () => {
  const recorded = await run(
    `object('s', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 's' }, data: { log: '/var/log/output-2024.log' } });
new ha.SynthesizedApp('x', { app });`,
  );
  expect(recorded.errors).toEqual([]);
}, 30_000);

test('two copies of the library never take the Outputs of one another', async () => {
  const recorded = await run(
    `for (const path of Object.keys(require.cache)) if (path.includes('/lib/')) delete require.cache[path];
const other = require('../../../../lib/pulumi') as typeof ha;
ha.text(late('first'));
settings('s', { a: other.text(late('second')) });
new ha.SynthesizedApp('x', { app });`,
  );
  expect(recorded.errors).toEqual([expect.stringMatching(/^PULUMI-01 /)]);
  expect(JSON.stringify(recorded.resources)).not.toContain('first');
  expect(JSON.stringify(recorded.resources)).not.toMatch(LATE);
}, 30_000);

import { run } from './short-program';

/** What would be made twice in one cluster, each time by another component. */

const MAP = (name: string) => `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ${name}, namespace: 'edge' } }`;

test('one app that two components apply', async () => {
  const { errors, resources } = await run(
    "settings('s', {}); new ha.SynthesizedApp('one', { app }); new ha.SynthesizedApp('two', { app: chart });",
  );
  expect(errors).toEqual([
    'PULUMI-14 [edge/s] two makes the object that one makes as well, at edge/s (ConfigMap/edge/settings). Take it out of one of the two',
  ]);
  expect(resources.filter(({ name }) => name.startsWith('two/'))).toEqual([]);
}, 60_000);

test.each([
  ['two apps', "'settings'", 'new ha.SynthesizedApp("y", { app: other });'],
  ['two apps, in one by an Output', "ha.text(late('settings'))", 'new ha.SynthesizedApp("y", { app: other });'],
])(
  'an object of %s',
  async (_, name, apply) => {
    const { errors } = await run(
      `settings('s', {}); new ha.SynthesizedApp('x', { app });
const other = new App(); new ApiObject(new Chart(other, 'more'), 's', ${MAP(name)} as any); ${apply}`,
    );
    expect(errors).toEqual([
      expect.stringMatching(/^PULUMI-14 \[more\/s\] y makes the object that x makes as well, at edge\/s \(ConfigMap/),
    ]);
  },
  60_000,
);

test('a namespace of an app that a component makes as well', async () => {
  const { errors } = await run(
    `object('n', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } }); new ha.SynthesizedApp('x', { app });
new ha.EdgeNamespace('ns', { namespace: late('edge') });`,
  );
  expect(errors).toEqual([
    expect.stringMatching(/^PULUMI-14 \[namespace-1\/ns\/Resource\] ns makes .* x .*Namespace\/edge/),
  ]);
}, 60_000);

test('two objects of one app, whoever made its constructs', async () => {
  const { errors } = await run(
    "settings('a', {}, ha.text(late('settings'))); settings('b', {}); new ha.SynthesizedApp('x', { app });",
  );
  expect(errors).toEqual([expect.stringMatching(/^NAME-01 \[edge\/b\] edge\/a makes the same object/)]);
}, 60_000);

test('in two clusters they are two', async () => {
  const { errors, resources } = await run(
    `import * as kubernetes from '@pulumi/kubernetes';
settings('s', {});
for (const name of ['one', 'two']) new ha.SynthesizedApp(name, { app }, { provider: new kubernetes.Provider(name, {}) });`,
  );
  expect(errors).toEqual([]);
  expect(resources.filter(({ type }) => type.endsWith(':ConfigMap'))).toHaveLength(2);
}, 60_000);

test('promises and Outputs within an object as it is', async () => {
  const { errors, resources } = await run(
    `new ha.KubeObject('k', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'k' },
  data: { a: Promise.resolve('one'), b: late('two'), c: ha.text(output), d: output.apply(() => '<' + ha.text(late('three')) + '>') },
  more: Promise.resolve({ list: [ha.text(late('four')), 5] }) }, {});`,
  );
  expect(errors).toEqual([]);
  expect(resources.find(({ name }) => name === 'k')?.inputs).toMatchObject({
    data: { a: 'one', b: 'two', c: 'say "hi"', d: '<three>' },
    more: { list: ['four', 5] },
  });
}, 60_000);

import { run } from './short-program';

/** What is changed once its objects are created would be lost. */

const APPLY = "settings('s', { a: 'b' }); new ha.SynthesizedApp('x', { app });";
const COMPONENT = `const { construct } = new ha.EdgeNamespace('ns', { namespace: 'edge' });
const later = (act: () => void) => setTimeout(act, 300);`;
const OTHER = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } }";

test.each([
  ['an object of the app', `${APPLY} settings('t', {}, 'other');`, '[edge/t] ConfigMap other was added'],
  [
    'an object of a further chart',
    `${APPLY} new ApiObject(new Chart(app, 'more'), 'a', ${OTHER});`,
    '[more/a] ConfigMap other was added',
  ],
  [
    'a patch',
    `${APPLY} ApiObject.of(chart.node.findChild('s')).addJsonPatch(JsonPatch.replace('/data/a', 'c'));`,
    '[edge/s] ConfigMap settings is to be another one',
  ],
  ['a removal', `${APPLY} chart.node.tryRemoveChild('s');`, '[edge/s] ConfigMap settings is not wanted any more'],
  [
    'a patch of a component',
    `${COMPONENT} later(() => ApiObject.of(construct).addJsonPatch(JsonPatch.add('/metadata/labels/a', 'b')));`,
    '[edge/ns/Resource] Namespace edge is to be another one',
  ],
  [
    'an object below a component',
    `${COMPONENT} later(() => new ApiObject(construct, 'more', ${OTHER}));`,
    '[edge/ns/more] ConfigMap other was added',
  ],
])(
  '%s fails the program',
  async (_, body, said) => {
    const { errors } = await run(body);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^PULUMI-03 [^\n]*$/);
    expect(errors[0]).toContain(said);
  },
  60_000,
);

test('before they are created all of it counts', async () => {
  const { errors, resources } = await run(
    `${COMPONENT} ApiObject.of(construct).addJsonPatch(JsonPatch.add('/metadata/labels/a', 'b'));
new ApiObject(construct, 'more', ${OTHER});
settings('s', {}); settings('t', {}, 'third'); new ha.SynthesizedApp('x', { app });`,
  );
  expect(errors).toEqual([]);
  expect(resources.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ns/ConfigMap/edge/other', 'x/ConfigMap/edge/settings', 'x/ConfigMap/edge/third']),
  );
  const namespace = resources.find(({ name }) => name === 'ns/Namespace/edge')?.inputs.metadata;
  expect(namespace).toMatchObject({ labels: { a: 'b' } });
}, 60_000);

test('what is wrong with what was added late is told as well', async () => {
  const { errors } = await run(`${APPLY} settings('t', { a: output }, 'other');`);
  expect(errors.join()).toMatch(/^PULUMI-05 \[edge\/t\] [^\n]*$/);
}, 60_000);

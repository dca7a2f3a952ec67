import { join } from 'node:path';
import { schemaProblems } from '../support/schemas';
import { DECLARATIONS, type Declaration } from './declarations';
import {
  type Answer,
  projectAt,
  type Recorded,
  type Registration,
  type RunOptions,
  runProgram,
} from './recording-engine';

/** What AWS and Kubernetes would add. */
const answer: Answer = ({ type, name, inputs }) => {
  if (type === 'kubernetes:core/v1:Service') {
    return { status: { loadBalancer: { ingress: [{ hostname: 'lb-1.elb.example.com' }] } } };
  }
  if (type === 'aws:route53/zone:Zone') return { zoneId: 'Z0123456789ABCDEFGHIJ', nameServers: ['ns-1.example.net'] };
  if (type.startsWith('aws:iam/'))
    return { arn: `arn:aws:iam::123456789012:${name}`, name: inputs.name ?? `${name}-1` };
  return {};
};

const run = (name: string, options: Pick<RunOptions, 'preview' | 'checkTypes' | 'project'> = {}) =>
  runProgram({ ...(DECLARATIONS[name] as Declaration), answer, ...options });

/** What of a run does not depend on what came first. */
function settled({ resources, outputs }: Recorded) {
  const lines = (each: Registration) => ({
    type: each.type,
    parent: shortOf(each.parent),
    ...(each.provider === '' ? {} : { provider: shortOf(each.provider) }),
    inputs: each.inputs,
    dependencies: each.dependencies.map(shortOf),
    propertyDependencies: Object.fromEntries(
      Object.entries(each.propertyDependencies)
        .filter(([, urns]) => urns.length > 0)
        .map(([key, urns]) => [key, urns.map(shortOf)]),
    ),
  });
  return {
    resources: Object.fromEntries(
      resources.map((each) => [each.name, lines(each)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ),
    outputs,
  };
}

function shortOf(urn: string): string {
  return urn.split('::').slice(2, 4).join(' ').split('$').at(-1) ?? urn;
}

const ROOT = join(__dirname, '../..');

describe.each([
  ['pulumi-full-stack', ROOT],
  ['pulumi-existing-cluster', join(ROOT, 'examples/pulumi-existing-cluster')],
] as const)('%s', (name, folder) => {
  let up: Recorded;
  beforeAll(async () => {
    up = await run(name);
  }, 60_000);

  test('up: what is asked for', () => {
    expect([up.errors, up.warnings]).toEqual([[], []]);
    expect(settled(up)).toMatchSnapshot();
  });

  test('Pulumi finds its types right', async () => {
    const { errors, resources } = await run(name, { checkTypes: true });
    expect(errors).toEqual([]);
    expect(resources).toHaveLength(up.resources.length);
  }, 180_000);

  test('a second up, as its Pulumi.yaml has it run, asks for the same', async () => {
    const again = await run(name, { project: projectAt(folder) });
    expect([again.errors, settled(again)]).toEqual([[], settled(up)]);
  }, 60_000);

  test('preview: the same resources, with what is not known yet', async () => {
    const preview = await run(name, { preview: true });
    expect(preview.errors).toEqual([]);
    expect(preview.resources.map(({ urn }) => urn).sort()).toEqual(up.resources.map(({ urn }) => urn).sort());
    expect(settled(preview)).toMatchSnapshot();
  }, 60_000);

  test('the API server would take every object', () => {
    const objects = up.resources.filter(
      ({ type }) => /^kubernetes:(?!.*Provider)/.test(type) && !type.startsWith('pulumi:'),
    );
    expect(objects.length).toBeGreaterThan(15);
    expect(objects.flatMap(({ inputs }) => schemaProblems(inputs))).toEqual([]);
    expect(JSON.stringify(objects)).not.toMatch(/zq\dxj\dqz/);
  });

  test('every resource is asked for after those that it depends on', () => {
    const place = new Map(up.resources.map(({ urn }, index) => [urn, index]));
    for (const [index, { dependencies, urn }] of up.resources.entries()) {
      const late = dependencies.filter((each) => (place.get(each) ?? Number.POSITIVE_INFINITY) > index);
      expect([urn, late]).toEqual([urn, []]);
    }
  });
});

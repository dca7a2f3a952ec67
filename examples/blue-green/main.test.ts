import { filesOf, objectsOf } from '../../test/support/synthesize';
import { build, PRODUCTION } from './main';

test('what is written to dist', () => {
  const files = filesOf((app) => build(app, PRODUCTION));
  for (const [path, text] of Object.entries(files)) expect(text).toMatchSnapshot(path);
});

/** The records of the shop, as both edges announce them. */
const records = (greenPercent: number) =>
  objectsOf(filesOf((app) => build(app, { ...PRODUCTION, greenPercent })))
    .filter(({ kind }) => kind === 'DNSEndpoint')
    .flatMap(({ spec }) => spec.endpoints as SteeredRecord[]);

interface SteeredRecord {
  readonly dnsName: string;
  readonly recordType: string;
  readonly setIdentifier: string;
  readonly targets: readonly string[];
  readonly providerSpecific: readonly { readonly name: string; readonly value: string }[];
}

test.each([0, 10, 50, 100])('one number moves %d of 100 answers to the green edge', (greenPercent) => {
  const settings = records(greenPercent).map(({ setIdentifier, recordType, targets, providerSpecific }) => ({
    edge: `${setIdentifier} ${recordType} ${targets}`,
    ...Object.fromEntries(providerSpecific.map(({ name, value }) => [name, value])),
  }));
  const record = (color: string, type: string, weight: number) => ({
    edge: `${color} ${type} ${color}.example.com`,
    alias: 'true',
    'aws/evaluate-target-health': 'true',
    'aws/weight': String(weight),
  });
  expect(settings).toEqual([
    record('blue', 'A', 100 - greenPercent),
    record('blue', 'AAAA', 100 - greenPercent),
    record('green', 'A', greenPercent),
    record('green', 'AAAA', greenPercent),
  ]);
});

test('nothing but the shares differs between two steps', () => {
  const [before, after] = [10, 50].map((greenPercent) => filesOf((app) => build(app, { ...PRODUCTION, greenPercent })));
  const changed = Object.keys(before ?? {}).filter((path) => before?.[path] !== after?.[path]);
  expect(changed.map((path) => path.replace(/^\d+-|-[0-9a-f]{8}\.k8s\.yaml$/g, ''))).toEqual([
    'blue-shop',
    'green-shop',
  ]);
});

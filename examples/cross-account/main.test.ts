import { filesOf, objectsOf } from '../../test/support/synthesize';
import { build, PRODUCTION } from './main';

const files = filesOf((app) => build(app, PRODUCTION));

test('what is written to dist', () => {
  for (const [path, text] of Object.entries(files)) expect(text).toMatchSnapshot(path);
});

test('each account gets what is granted there, and the own one nothing but the way to them', () => {
  const documents = Object.keys(files).filter((path) => path.startsWith('iam/'));
  expect(documents).toEqual([
    'iam/210987654321/edge-challenges.policy.json',
    'iam/210987654321/edge-challenges.trust.json',
    'iam/210987654321/edge-records.policy.json',
    'iam/210987654321/edge-records.trust.json',
    'iam/210987654321/edge-validation.policy.json',
    'iam/210987654321/edge-validation.trust.json',
    'iam/310987654321/edge-challenges.policy.json',
    'iam/310987654321/edge-challenges.trust.json',
    'iam/310987654321/edge-records.policy.json',
    'iam/310987654321/edge-records.trust.json',
    ...['cert-manager', 'edge-dns-network', 'edge-dns-partner'].flatMap((name) => [
      `iam/${name}.association.json`,
      `iam/${name}.policy.json`,
      `iam/${name}.trust.json`,
    ]),
  ]);
  const actions = documents
    .filter((path) => /^iam\/[^/]+\.policy\.json$/.test(path))
    .flatMap((path) => JSON.parse(files[path] ?? '').Statement.flatMap(({ Action }: { Action: string[] }) => Action));
  expect([...new Set(actions)]).toEqual(['sts:AssumeRole', 'sts:TagSession']);
});

test('one issuer answers in three ways, each as another role', () => {
  const [issuer] = objectsOf(files).filter(({ kind }) => kind === 'ClusterIssuer');
  const ways = issuer?.spec.acme.solvers.map(
    ({
      selector,
      dns01,
    }: {
      selector: { dnsZones: string[] };
      dns01: Record<string, { role: string; hostedZoneID: string }>;
    }) => [...selector.dnsZones, dns01.route53?.hostedZoneID, dns01.route53?.role],
  );
  expect(ways).toEqual([
    ['example.com', 'Z0123456789ABCDEFGHIJ', 'arn:aws:iam::210987654321:role/edge-challenges'],
    ['example.org', 'Z9876543210ZYXWVUTSRQ', 'arn:aws:iam::310987654321:role/edge-challenges'],
    ['example.net', 'Z0011223344556677889', 'arn:aws:iam::210987654321:role/edge-validation'],
  ]);
});

test('the record that the closed zone needs is written down', () => {
  expect(files['dns/delegated-challenges.zone']).toContain(
    '\n_acme-challenge.shop.example.net. 300 IN CNAME _acme-challenge.shop.example.net.validation.example.com.\n',
  );
});

import fc from 'fast-check';
import { recordSets, targetFindings } from '../../lib/model/records';
import { DnsRouting, identified, routingFindings } from '../../lib/model/routing';

const settingsOf = (routing: DnsRouting, targets = ['203.0.113.10']) =>
  recordSets('shop.example.com', { targets, ttlSeconds: 60, routing }).map(({ setIdentifier, providerSpecific }) => [
    setIdentifier,
    Object.fromEntries((providerSpecific ?? []).map(({ name, value }) => [name, value])),
  ]);
const setIdentifier = 'blue';

test.each<[DnsRouting, Record<string, string>]>([
  [DnsRouting.weighted({ weight: 90, setIdentifier }), { 'aws/weight': '90' }],
  [
    DnsRouting.weighted({ weight: 0, setIdentifier, healthCheckId: 'check-1' }),
    { 'aws/weight': '0', 'aws/health-check-id': 'check-1' },
  ],
  [DnsRouting.latency({ region: 'eu-central-1', setIdentifier }), { 'aws/region': 'eu-central-1' }],
  [DnsRouting.failover('primary', { setIdentifier }), { 'aws/failover': 'PRIMARY' }],
  [DnsRouting.failover('secondary', { setIdentifier }), { 'aws/failover': 'SECONDARY' }],
  [DnsRouting.geolocation({ continent: 'EU' }, { setIdentifier }), { 'aws/geolocation-continent-code': 'EU' }],
  [DnsRouting.geolocation({ country: 'DE' }, { setIdentifier }), { 'aws/geolocation-country-code': 'DE' }],
  [
    DnsRouting.geolocation({ country: 'US', subdivision: 'NY' }, { setIdentifier }),
    { 'aws/geolocation-country-code': 'US', 'aws/geolocation-subdivision-code': 'NY' },
  ],
  [DnsRouting.geolocation({ default: true }, { setIdentifier }), { 'aws/geolocation-country-code': '*' }],
])('%j, as external-dns reads it', (routing, settings) => {
  expect(routingFindings(routing)).toEqual([]);
  expect(settingsOf(routing)).toEqual([['blue', settings]]);
});

test('both families steer alike', () => {
  const routing = DnsRouting.weighted({ weight: 10, setIdentifier });
  const record = {
    ...{ dnsName: 'shop.example.com', recordTTL: 60, setIdentifier },
    providerSpecific: [{ name: 'aws/weight', value: '10' }],
  };
  expect(recordSets('shop.example.com', { targets: ['2001:db8::1', '203.0.113.10'], ttlSeconds: 60, routing })).toEqual(
    [
      { ...record, recordType: 'A', targets: ['203.0.113.10'] },
      { ...record, recordType: 'AAAA', targets: ['2001:db8::1'] },
    ],
  );
});

test('each address of a multi-value name has a record, and its own health check', () => {
  const healthChecks = { '203.0.113.10': 'check-10', '2001:DB8:0::1': 'check-1' };
  const routing = DnsRouting.multiValue({ setIdentifier, healthChecks });
  const targets = ['203.0.113.11', '203.0.113.10', '2001:db8::1'];
  expect(targetFindings({ targets, ttlSeconds: 60, routing })).toEqual([]);
  expect(settingsOf(routing, targets)).toEqual([
    ['blue 203.0.113.10', { 'aws/multi-value-answer': '', 'aws/health-check-id': 'check-10' }],
    ['blue 203.0.113.11', { 'aws/multi-value-answer': '' }],
    ['blue 2001:db8::1', { 'aws/multi-value-answer': '', 'aws/health-check-id': 'check-1' }],
  ]);
});

test('multi-value names have addresses, and health checks are of these', () => {
  const routing = DnsRouting.multiValue({ setIdentifier, healthChecks: { '203.0.113.12': 'check' } });
  expect(targetFindings({ targets: ['203.0.113.10', '203.0.113.11'], ttlSeconds: 60, routing })).toEqual([
    {
      code: 'DNS-25',
      value: '203.0.113.12',
      message: 'a health check is given for an address that is no target',
      fix: 'Give one of 203.0.113.10, 203.0.113.11, or add it to the targets',
    },
  ]);
  const plain = DnsRouting.multiValue({ setIdentifier });
  expect(targetFindings({ targets: ['lb.example.net'], ttlSeconds: 60, routing: plain })).toEqual([
    {
      code: 'DNS-27',
      value: 'lb.example.net',
      message: 'multi-value records hold addresses, and this is a host name',
      fix: 'Give the addresses, or use DnsRouting.weighted({ weight })',
    },
  ]);
});

test('a record is told from others by its cluster, unless it is said', () => {
  expect(identified(DnsRouting.weighted({ weight: 1 }), 'west').setIdentifier).toBe('west');
  expect(identified(DnsRouting.weighted({ weight: 1, setIdentifier }), 'west').setIdentifier).toBe('blue');
  expect(routingFindings(identified(DnsRouting.weighted({ weight: 1 }), undefined))).toEqual([
    {
      code: 'DNS-30',
      value: '',
      message: 'nothing tells this weighted record from the others of its name',
      fix: "Give it setIdentifier: 'blue', or declare its cluster: new Cluster(app, 'blue')",
    },
  ]);
});

const wrong = (value: unknown) => value as never;

test.each<[DnsRouting, string, string]>([
  [DnsRouting.weighted({ weight: 256, setIdentifier }), '256', 'a weight is a whole number from 0 to 255'],
  [DnsRouting.weighted({ weight: -1, setIdentifier }), '-1', 'a weight is a whole number from 0 to 255'],
  [DnsRouting.weighted({ weight: 0.5, setIdentifier }), '0.5', 'a weight is a whole number from 0 to 255'],
  [DnsRouting.weighted({ weight: 1, setIdentifier: '' }), '', 'a set identifier is one line of 1 to 128 characters'],
  [
    DnsRouting.weighted({ weight: 1, setIdentifier: 'x'.repeat(129) }),
    'x'.repeat(129),
    'a set identifier is one line of 1 to 128 characters',
  ],
  [
    DnsRouting.multiValue({ setIdentifier: 'x'.repeat(89) }),
    'x'.repeat(89),
    'a set identifier is one line of 1 to 88 characters',
  ],
  [DnsRouting.latency({ region: 'Frankfurt', setIdentifier }), 'Frankfurt', 'not a region of AWS'],
  [DnsRouting.failover(wrong('first'), { setIdentifier }), 'first', 'not a role in a failover'],
  [DnsRouting.failover('primary', { setIdentifier, healthCheckId: 'a b' }), 'a b', 'not the id of a health check'],
  ...[{ continent: 'XX' }, { country: 'de' }, { country: 'DE', subdivision: 'BY' }, { default: false }].map(
    (location): [DnsRouting, string, string] => [
      DnsRouting.geolocation(wrong(location), { setIdentifier }),
      JSON.stringify(location),
      'not a location that Route 53 knows',
    ],
  ),
])('%j is refused', (routing, value, message) => {
  expect(routingFindings(routing)).toMatchObject([{ code: 'DNS-25', value, message }]);
});

test('a refused weight is said with what to write', () => {
  expect(routingFindings(DnsRouting.weighted({ weight: 300, setIdentifier }))).toEqual([
    {
      code: 'DNS-25',
      value: '300',
      message: 'a weight is a whole number from 0 to 255',
      fix: 'Write shares, such as 90 and 10',
    },
  ]);
});

test('without a routing a record says nothing about one', () => {
  fc.assert(
    fc.property(fc.array(fc.ipV4(), { minLength: 1 }), (targets) => {
      for (const record of recordSets('shop.example.com', { targets, ttlSeconds: 60 })) {
        expect(Object.keys(record)).toEqual(['dnsName', 'recordType', 'recordTTL', 'targets']);
      }
    }),
  );
});

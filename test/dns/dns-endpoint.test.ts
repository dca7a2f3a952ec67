import { type Chart, Testing } from 'cdk8s';
import { DnsEndpoint, type DnsEndpointProps } from '../../lib/dns/dns-endpoint';
import { TraefikHaError } from '../../lib/model/problem';
import { DnsRouting } from '../../lib/model/routing';
import { HostedZone } from '../../lib/model/zone';
import { edgeChart, objectsIn, only } from '../support/edge';

const ZONE = HostedZone.of('example.com');
const endpointIn = (chart: Chart, props: Partial<DnsEndpointProps> = {}) =>
  new DnsEndpoint(chart, 'shop', { dnsName: 'shop.example.com', targets: ['203.0.113.10'], ...props });
const endpointsOf = (props: Partial<DnsEndpointProps>) => {
  const chart = edgeChart();
  endpointIn(chart, props);
  return only(objectsIn(chart), 'DNSEndpoint').spec.endpoints;
};

test('defaults', () => {
  const chart = edgeChart();
  endpointIn(chart);
  expect(only(objectsIn(chart), 'DNSEndpoint')).toEqual({
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: {
      name: 'shop',
      namespace: 'edge',
      labels: {
        'app.kubernetes.io/name': 'traefik-ha',
        'app.kubernetes.io/instance': 'shop',
        'app.kubernetes.io/component': 'dns',
        'app.kubernetes.io/managed-by': 'traefik-ha',
      },
    },
    spec: {
      endpoints: [{ dnsName: 'shop.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] }],
    },
  });
});

test('everything', () => {
  const everything: Required<DnsEndpointProps> = {
    dnsName: '*.Shop.example.com.',
    targets: ['LB.example.com.'],
    ttlSeconds: 60,
    zones: [ZONE],
    routing: DnsRouting.weighted({ weight: 90, setIdentifier: 'blue', evaluateTargetHealth: false }),
    dualStack: true,
    name: 'everything',
  };
  const chart = edgeChart();
  expect(endpointIn(chart, everything)).toMatchObject({
    dnsName: '*.shop.example.com',
    ttlSeconds: 60,
    name: 'everything',
  });
  const { metadata, spec } = only(objectsIn(chart), 'DNSEndpoint');
  expect(metadata.name).toBe('everything');
  const record = {
    dnsName: '*.shop.example.com',
    recordTTL: 60,
    targets: ['lb.example.com'],
    setIdentifier: 'blue',
    providerSpecific: [
      { name: 'alias', value: 'true' },
      { name: 'aws/evaluate-target-health', value: 'false' },
      { name: 'aws/weight', value: '90' },
    ],
  };
  expect(spec.endpoints).toEqual([
    { ...record, recordType: 'A' },
    { ...record, recordType: 'AAAA' },
  ]);
});

test('the default child is the DNSEndpoint', () => {
  expect(endpointIn(edgeChart()).node.defaultChild).toMatchObject({ kind: 'DNSEndpoint', name: 'shop' });
});

test('each address family gets its record, whatever the order', () => {
  const expected = [
    { dnsName: 'shop.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10', '203.0.113.9'] },
    { dnsName: 'shop.example.com', recordType: 'AAAA', recordTTL: 300, targets: ['2001:db8::10'] },
  ];
  expect(endpointsOf({ targets: ['203.0.113.9', '203.0.113.10', '2001:db8::10'] })).toEqual(expected);
  expect(endpointsOf({ targets: ['2001:db8::10', '203.0.113.10', '203.0.113.9'] })).toEqual(expected);
});

test('zones are looked at only where they are given', () => {
  expect(endpointsOf({ dnsName: 'shop.example.org' })).toHaveLength(1);
  const chart = edgeChart();
  endpointIn(chart, { dnsName: 'shop.example.org', zones: [ZONE] });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ZONE-01',
        at: 'edge/shop',
        value: 'shop.example.org',
        message: 'in none of the zones example.com',
        fix: 'Add the zone that holds it to zones, or use a name below example.com',
      },
    ]),
  );
});

test('everything that is wrong is said in one error, at the construct that is wrong', () => {
  const chart = edgeChart();
  new DnsEndpoint(chart, 'empty', { dnsName: 'a.example.com', targets: [], ttlSeconds: 60 });
  new DnsEndpoint(chart, 'mixed', { dnsName: 'b', targets: ['lb.example.net', '203.0.113.10'], ttlSeconds: 0 });
  new DnsEndpoint(chart, 'apex', { dnsName: 'example.com', targets: ['lb.example.net'], zones: [ZONE] });
  new DnsEndpoint(chart, 'private', { dnsName: 'c.example.com', targets: ['10.0.0.1'], zones: [ZONE] });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'DNS-01',
        at: 'edge/empty',
        value: '',
        message: 'no targets',
        fix: 'Give at least one address or one host name',
      },
      {
        code: 'HOST-01',
        at: 'edge/mixed',
        value: 'b',
        message: 'not a fully qualified host name',
        fix: 'Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com',
      },
      {
        code: 'DNS-02',
        at: 'edge/mixed',
        value: 'lb.example.net, 203.0.113.10',
        message: 'a host name stands alone as a CNAME (RFC 1034, 3.6.2)',
        fix: 'Keep either lb.example.net or the addresses',
      },
      {
        code: 'DNS-05',
        at: 'edge/mixed',
        value: '0',
        message: 'a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8)',
        fix: 'Leave ttlSeconds out for 300',
      },
      {
        code: 'DNS-07',
        at: 'edge/apex',
        value: 'example.com',
        message: 'the apex of a zone cannot be a CNAME to lb.example.net (RFC 1912, 2.4)',
        fix: 'Give addresses as targets, serve the host under a name below the apex, or give the zone its id, if it is one of Route 53',
      },
      {
        code: 'DNS-04',
        at: 'edge/private',
        value: '10.0.0.1',
        message: 'a private address is announced to the public as c.example.com',
        fix: "Give the public address, or say HostedZone.of('example.com', { private: true })",
      },
    ]),
  );
});

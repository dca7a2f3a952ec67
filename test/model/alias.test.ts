import { type DnsTargets, recordSets } from '../../lib/model/records';
import { DnsRouting } from '../../lib/model/routing';
import { HostedZone } from '../../lib/model/zone';

const zone = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
const NLB = 'edge-0123456789abcdef.elb.eu-central-1.amazonaws.com';
const typesOf = (dnsName: string, dns: Partial<DnsTargets> & { targets: string[] }, zones = [zone]) =>
  recordSets(dnsName, { ttlSeconds: 300, ...dns }, zones).map(({ recordType }) => recordType);

test('the apex is an ALIAS to a name of its zone, for the family that is sure to be there', () => {
  expect(recordSets('example.com', { targets: ['Edge.example.com.'], ttlSeconds: 300 }, [zone])).toEqual([
    {
      dnsName: 'example.com',
      recordType: 'A',
      recordTTL: 300,
      targets: ['edge.example.com'],
      providerSpecific: [
        { name: 'alias', value: 'true' },
        { name: 'aws/evaluate-target-health', value: 'true' },
      ],
    },
  ]);
  expect(typesOf('example.com', { targets: ['edge.example.com'], dualStack: true })).toEqual(['A', 'AAAA']);
});

test.each([
  NLB,
  'dualstack.edge-1.eu-central-1.elb.amazonaws.com',
  'edge.cn-north-1.elb.amazonaws.com.cn',
  'edge.elb.cn-north-1.amazonaws.com.cn',
  'a1.awsglobalaccelerator.com',
  'd1.cloudfront.net',
])('the apex is an ALIAS to %s, for both families', (target) => {
  expect(typesOf('example.com', { targets: [target] })).toEqual(['A', 'AAAA']);
  expect(typesOf('example.com', { targets: [target], dualStack: false })).toEqual(['A']);
});

test.each(['elb.amazonaws.com', 'bucket.s3.amazonaws.com', 'edge.elb.amazonaws.com.example.net', 'lb.example.net'])(
  'and none to %s',
  (target) => {
    expect(typesOf('example.com', { targets: [target] })).toEqual(['CNAME']);
  },
);

test('below the apex a CNAME does it, unless the target has to be watched', () => {
  expect(typesOf('shop.example.com', { targets: ['edge.example.com'] })).toEqual(['CNAME']);
  expect(typesOf('shop.example.com', { targets: [NLB] })).toEqual(['CNAME']);
  const weighted = (evaluateTargetHealth?: boolean) =>
    DnsRouting.weighted({ weight: 1, setIdentifier: 'blue', evaluateTargetHealth });
  expect(typesOf('shop.example.com', { targets: ['edge.example.com'], routing: weighted() })).toEqual(['CNAME']);
  expect(typesOf('shop.example.com', { targets: ['edge.example.com'], routing: weighted(false) })).toEqual(['A']);
  // External-dns makes ALIASes of these by itself.
  expect(typesOf('shop.example.com', { targets: [NLB], routing: weighted() }, [])).toEqual(['A', 'AAAA']);
});

test('only where the zone is known to be one of Route 53', () => {
  for (const id of [undefined, 'b6f1a5a1c3', 'projects/edge/managedZones/example']) {
    expect(typesOf('example.com', { targets: [NLB] }, [HostedZone.of('example.com', { id })])).toEqual(['CNAME']);
  }
  const inner = HostedZone.of('inner.example.com');
  expect(typesOf('inner.example.com', { targets: ['edge.example.com'] }, [zone, inner])).toEqual(['CNAME']);
});

test('addresses stay addresses', () => {
  expect(typesOf('example.com', { targets: ['203.0.113.10', '2001:db8::1'] })).toEqual(['A', 'AAAA']);
  expect(recordSets('example.com', { targets: ['203.0.113.10'], ttlSeconds: 300 }, [zone])[0]).not.toHaveProperty(
    'providerSpecific',
  );
});

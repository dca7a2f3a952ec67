import { isPrivateAddress, placementFindings } from '../../lib/model/placement';
import { DnsRouting } from '../../lib/model/routing';
import { HostedZone } from '../../lib/model/zone';

const ttlSeconds = 300;
const publicZone = HostedZone.of('example.com');
const route53 = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });

test('a private address is not announced to the public', () => {
  const dns = { targets: ['203.0.113.10', '10.0.0.1', 'fd00::1'], ttlSeconds };
  expect(placementFindings('shop.example.com', dns, [publicZone])).toEqual([
    {
      code: 'DNS-04',
      value: '10.0.0.1, fd00::1',
      message: 'a private address is announced to the public as shop.example.com',
      fix: "Give the public address, or say HostedZone.of('example.com', { private: true })",
    },
  ]);
  expect(placementFindings('shop.example.com', { ...dns, targets: ['10.0.0.1'] }, [publicZone])).toMatchObject([
    { code: 'DNS-04', value: '10.0.0.1' },
  ]);
  expect(placementFindings('shop.example.com', dns, [HostedZone.of('example.com', { private: true })])).toEqual([]);
  expect(placementFindings('shop.example.com', dns, [])).toMatchObject([{ code: 'DNS-04' }]);
  expect(placementFindings('shop.example.org', dns, [publicZone])).toEqual([]);
});

test('the apex of a zone is no CNAME, a name below it may be', () => {
  const dns = { targets: ['lb.example.net'], ttlSeconds };
  expect(placementFindings('example.com', dns, [publicZone])).toEqual([
    {
      code: 'DNS-07',
      value: 'example.com',
      message: 'the apex of a zone cannot be a CNAME to lb.example.net (RFC 1912, 2.4)',
      fix: 'Give addresses as targets, serve the host under a name below the apex, or give the zone its id, if it is one of Route 53',
    },
  ]);
  expect(placementFindings('shop.example.com', dns, [publicZone])).toEqual([]);
  expect(placementFindings('example.com', { ...dns, targets: ['203.0.113.10'] }, [publicZone])).toEqual([]);
});

describe('where Route 53 has ALIASes', () => {
  const at = (dnsName: string, target: string, zones = [route53]) =>
    placementFindings(dnsName, { targets: [target], ttlSeconds }, zones).map(({ code }) => code);

  test('the apex may point to names of the zone and of load balancers at AWS, and to no other', () => {
    for (const target of ['edge.example.com', 'a.eu-central-1.elb.amazonaws.com', 'a.elb.eu-central-1.amazonaws.com']) {
      expect(at('example.com', target)).toEqual([]);
    }
    const inner = HostedZone.of('inner.example.com', { id: 'ZI' });
    expect(at('example.com', 'edge.inner.example.com', [route53, inner])).toEqual(['DNS-07']);
    expect(placementFindings('example.com', { targets: ['lb.example.net'], ttlSeconds }, [route53])).toEqual([
      {
        code: 'DNS-07',
        value: 'example.com',
        message:
          'the apex of a zone cannot be a CNAME to lb.example.net (RFC 1912, 2.4), nor an ALIAS, which points to a name of the same zone or of a load balancer at AWS',
        fix: 'Give addresses as targets, or announce the name in the zone and point to that',
      },
    ]);
  });

  test('a primary needs something that says whether it is healthy', () => {
    const failover = (target: string, props: { healthCheckId?: string; evaluateTargetHealth?: boolean }) => {
      const routing = DnsRouting.failover('primary', { setIdentifier: 'blue', ...props });
      return placementFindings('shop.example.com', { targets: [target], ttlSeconds, routing }, [route53]);
    };
    expect(failover('203.0.113.10', {})).toEqual([
      {
        code: 'DNS-24',
        value: 'shop.example.com',
        message: 'nothing tells Route 53 whether the primary is healthy, so it would never fail over',
        fix: 'Give healthCheckId, or evaluateTargetHealth: true where the target is a name of the zone or of a load balancer at AWS',
      },
    ]);
    const lb = 'a.elb.eu-central-1.amazonaws.com';
    expect(failover('203.0.113.10', { healthCheckId: 'check' })).toEqual([]);
    expect(failover(lb, {})).toEqual([]);
    expect(failover(lb, { evaluateTargetHealth: false })).toMatchObject([{ code: 'DNS-24' }]);
    expect(failover('edge.example.com', {})).toMatchObject([{ code: 'DNS-24' }]);
    expect(failover('edge.example.com', { evaluateTargetHealth: true })).toEqual([]);
    const secondary = DnsRouting.failover('secondary', { setIdentifier: 'green' });
    const dns = { targets: ['203.0.113.10'], ttlSeconds, routing: secondary };
    expect(placementFindings('shop.example.com', dns, [route53])).toEqual([]);
  });

  test("a target's health can be looked at through an ALIAS only", () => {
    const routing = DnsRouting.weighted({ weight: 1, setIdentifier: 'blue', evaluateTargetHealth: true });
    const found = (target: string, zones: HostedZone[]) =>
      placementFindings('shop.example.com', { targets: [target], ttlSeconds, routing }, zones);
    expect(found('lb.example.net', [route53])).toEqual([
      {
        code: 'DNS-29',
        value: 'lb.example.net',
        message:
          'evaluateTargetHealth makes shop.example.com an ALIAS, which points to a name of the same zone or of a load balancer at AWS',
        fix: 'Give healthCheckId in its place, or point to such a name and give zones',
      },
    ]);
    expect(found('203.0.113.10', [route53])).toMatchObject([{ code: 'DNS-29' }]);
    expect(found('edge.example.com', [])).toMatchObject([{ code: 'DNS-29' }]);
    expect(found('edge.example.com', [route53])).toEqual([]);
  });
});

test('private networks end where their documents say', () => {
  const inside = [
    ['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
    ['127.0.0.0', '127.255.255.255', '169.254.0.0', '169.254.255.255'],
    ['172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
    ['::', '::1', 'fc00::', 'fdff::1', 'fe80::1', 'febf::1', '::ffff:10.0.0.1'],
  ].flat();
  const outside = [
    ['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ['169.253.255.255', '169.255.0.0'],
    ['172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '203.0.113.10'],
    ['::2', '2001:db8::1', 'fbff::1', 'fec0::1', '::ffff:203.0.113.10', 'lb.example.net', '10.0.0'],
  ].flat();
  expect([...inside, ...outside].filter(isPrivateAddress)).toEqual(inside);
});

import fc from 'fast-check';
import { HostedZone, zoneFindings, zoneMembershipFindings, zoneOf } from '../../lib/model/zone';

const zonesOf = (...names: string[]) => names.map((name) => HostedZone.of(name));
const permutations = <T>(values: readonly T[]) => fc.shuffledSubarray([...values], { minLength: values.length });

test('a zone is read as providers and users write it', () => {
  expect(HostedZone.of('Bücher.Example.', { id: '/hostedzone/Z0123', private: true })).toMatchObject({
    name: 'xn--bcher-kva.example',
    id: 'Z0123',
    isPrivate: true,
  });
  expect(HostedZone.of('example.com')).toMatchObject({ id: undefined, isPrivate: false });
});

test('a zone holds its apex and whole labels below, wildcards too', () => {
  const hosts = ['example.com', 'a.b.example.com', '*.example.com', 'myexample.com', 'example.com.net', 'com'];
  const zone = HostedZone.of('example.com');
  expect(hosts.filter((host) => zone.contains(host))).toEqual(['example.com', 'a.b.example.com', '*.example.com']);
});

test('of several zones the longest holds the host, whatever the order', () => {
  fc.assert(
    fc.property(permutations(zonesOf('com', 'example.com', 'dev.example.com', 'example.net')), (zones) => {
      const found = (host: string) => zoneOf(host, zones)?.name;
      expect(found('a.dev.example.com')).toBe('dev.example.com');
      expect(found('dev.example.com')).toBe('dev.example.com');
      expect(found('*.example.com')).toBe('example.com');
      expect(found('adev.example.com')).toBe('example.com');
      expect(found('example.org')).toBeUndefined();
    }),
  );
});

test('of a public and a private zone of one name the public one counts, whatever the order', () => {
  const inside = HostedZone.of('example.com', { private: true });
  const outside = HostedZone.of('example.com');
  expect(zoneOf('a.example.com', [inside, outside])).toBe(outside);
  expect(zoneOf('a.example.com', [outside, inside])).toBe(outside);
  expect(zoneOf('a.example.com', [inside])).toBe(inside);
});

test('a host in no zone is refused, and the nearest zone shown', () => {
  const zones = zonesOf('example.net', 'example.com', 'dev.example.com');
  expect(zoneMembershipFindings(['a.example.com', 'a.example.org', 'a.dev.example.net'], zones)).toEqual([
    {
      code: 'ZONE-01',
      value: 'a.example.org',
      message: 'in none of the zones dev.example.com, example.com, example.net',
      fix: 'Add the zone that holds it to zones, or use a name below example.com',
    },
  ]);
  const deep = zonesOf('a.example.com', 'a.example.net', 'b.example.net');
  expect(zoneMembershipFindings(['c.example.net'], deep)).toMatchObject([
    { fix: 'Add the zone that holds it to zones, or use a name below a.example.net' },
  ]);
});

test('without zones no host is refused', () => {
  expect(zoneMembershipFindings(['a.example.org'], [])).toEqual([]);
});

test.each(['', '*.example.com', 'a b.com', 'com'])('%s is no name of a zone', (name) => {
  expect(zoneFindings(zonesOf(name))).toEqual([
    { code: 'ZONE-02', value: name, message: 'not the name of a zone', fix: 'Give its apex, such as example.com' },
  ]);
});

test('a zone is given once, or once public and once private', () => {
  const inside = HostedZone.of('example.com', { private: true });
  expect(zoneFindings([...zonesOf('example.com', 'a.example.com'), inside])).toEqual([]);
  expect(zoneFindings(zonesOf('example.com', 'a.example.com', 'Example.com.'))).toEqual([
    {
      code: 'ZONE-04',
      value: 'example.com',
      message: 'the zone is given twice',
      fix: 'Keep the one whose id is right',
    },
  ]);
});

import fc from 'fast-check';
import { DEFAULT_TTL_SECONDS, recordSets, recordTypeOf, targetFindings } from '../../lib/model/records';

const ttlSeconds = 300;

test('each address family gets its record, each target once, whatever the order', () => {
  const targets = ['203.0.113.20', '2001:DB8::10', '203.0.113.10', '2001:db8::10'];
  fc.assert(
    fc.property(fc.shuffledSubarray(targets, { minLength: targets.length }), (shuffled) => {
      expect(recordSets('shop.example.com', { targets: shuffled, ttlSeconds })).toEqual([
        {
          dnsName: 'shop.example.com',
          recordType: 'A',
          recordTTL: 300,
          targets: ['203.0.113.10', '203.0.113.20'],
        },
        { dnsName: 'shop.example.com', recordType: 'AAAA', recordTTL: 300, targets: ['2001:db8::10'] },
      ]);
    }),
  );
});

test('a host name is announced by a CNAME in its canonical form', () => {
  expect(recordSets('shop.example.com', { targets: ['LB.example.net.'], ttlSeconds: 60 })).toEqual([
    { dnsName: 'shop.example.com', recordType: 'CNAME', recordTTL: 60, targets: ['lb.example.net'] },
  ]);
});

test('resolvers keep an answer for five minutes if nothing else is said', () => {
  expect(DEFAULT_TTL_SECONDS).toBe(300);
});

test('only whole addresses are addresses', () => {
  const targets = ['203.0.113.10', '2001:db8::10', '203.0.113', '203.0.113.10:443', 'fe80::1%eth0', 'lb.example.net'];
  expect(targets.map(recordTypeOf)).toEqual(['A', 'AAAA', 'CNAME', 'CNAME', 'CNAME', 'CNAME']);
});

test.each([[['203.0.113.10', '2001:db8::10']], [['lb.example.net']], [['lb.example.net', 'LB.example.net.']]])(
  '%j can be announced',
  (targets) => {
    expect(targetFindings({ targets, ttlSeconds: 1 })).toEqual([]);
    expect(targetFindings({ targets, ttlSeconds: 2_147_483_647 })).toEqual([]);
  },
);

test('a record without targets is refused', () => {
  expect(targetFindings({ targets: [], ttlSeconds })).toEqual([
    { code: 'DNS-01', value: '', message: 'no targets', fix: 'Give at least one address or one host name' },
  ]);
});

test.each([
  [['203.0.113.10', 'lb.example.net'], 'Keep either lb.example.net or the addresses'],
  [['lb.example.net', 'lb.example.org'], 'Keep one of them'],
])('a host name stands alone, not as in %j', (targets, fix) => {
  expect(targetFindings({ targets, ttlSeconds })).toEqual([
    {
      code: 'DNS-02',
      value: targets.join(', '),
      message: 'a host name stands alone as a CNAME (RFC 1034, 3.6.2)',
      fix,
    },
  ]);
});

test.each(['', 'localhost', '*.example.net', 'lb.example.net:443', '203.0.113.256', 'fe80::1%eth0'])(
  '%j is no target',
  (target) => {
    expect(targetFindings({ targets: [target], ttlSeconds })).toEqual([
      {
        code: 'DNS-03',
        value: target,
        message: 'a target is an IP address or a host name',
        fix: 'Write 203.0.113.10, 2001:db8::10 or lb.example.net',
      },
    ]);
  },
);

test.each([0, -1, 1.5, 2_147_483_648, Number.NaN])('nobody remembers a record for %d seconds', (seconds) => {
  expect(targetFindings({ targets: ['203.0.113.10'], ttlSeconds: seconds })).toEqual([
    {
      code: 'DNS-05',
      value: String(seconds),
      message: 'a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8)',
      fix: 'Leave ttlSeconds out for 300',
    },
  ]);
});

test('targets and time to live are both said to be wrong', () => {
  const codes = (targets: string[]) => targetFindings({ targets, ttlSeconds: 0 }).map(({ code }) => code);
  expect(codes([])).toEqual(['DNS-01', 'DNS-05']);
  expect(codes(['localhost', '203.0.113.10'])).toEqual(['DNS-03', 'DNS-02', 'DNS-05']);
});

test('any text as a target is refused or announced whole', () => {
  const target = fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 3 }), (targets) => {
      const dns = { targets, ttlSeconds };
      if (targetFindings(dns).length > 0) return;
      const sets = recordSets('shop.example.com', dns);
      expect(sets.flatMap((set) => set.targets.map((each) => [recordTypeOf(each), each]))).toEqual(
        sets.flatMap((set) => set.targets.map((each) => [set.recordType, each])),
      );
      expect(
        sets.some(({ recordType }) => recordType === 'CNAME') ? sets.flatMap((set) => set.targets).length : 1,
      ).toBe(1);
    }),
  );
});

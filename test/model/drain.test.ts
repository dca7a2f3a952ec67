import fc from 'fast-check';
import {
  type DrainProfile,
  drainFindings,
  drainTimes,
  forgottenSeconds,
  NODE_TTL_SECONDS,
  PUBLISHED_SECONDS,
} from '../../lib/model/drain';

const PROFILES: DrainProfile[] = ['generic', 'node-local', 'nlb-ip', 'fixed-nodes', { ttlSeconds: 60 }];

test.each([
  ['generic', 15, 30, 60],
  ['node-local', 40, 30, 90],
  ['nlb-ip', 150, 60, 230],
  ['fixed-nodes', 5, 30, 50],
  [{ ttlSeconds: 60 }, 180, 30, 230],
] as const)('%j: %d s before SIGTERM, %d s of grace, killed after %d s', (profile, preStop, grace, termination) => {
  expect(drainTimes(profile)).toEqual({
    preStopSeconds: preStop,
    graceSeconds: grace,
    terminationSeconds: termination,
  });
  expect(drainFindings(profile, {})).toEqual([]);
});

test('the kill waits for preStop, grace and 10 s more, whatever is set', () => {
  const seconds = fc.option(fc.integer({ min: 1, max: 3600 }), { nil: undefined });
  fc.assert(
    fc.property(fc.constantFrom(...PROFILES), seconds, seconds, (profile, preStopSeconds, graceSeconds) => {
      const times = drainTimes(profile, { preStopSeconds, graceSeconds });
      expect(times.preStopSeconds).toBe(preStopSeconds ?? drainTimes(profile).preStopSeconds);
      expect(times.graceSeconds).toBe(graceSeconds ?? drainTimes(profile).graceSeconds);
      expect(times.terminationSeconds).toBeGreaterThanOrEqual(times.preStopSeconds + times.graceSeconds + 10);
    }),
  );
});

test('an instance does not stop before its load balancer stops sending', () => {
  expect(drainFindings('nlb-ip', { preStopSeconds: 149 })).toEqual([
    {
      code: 'DRAIN-01',
      value: '149',
      message:
        'this load balancer (nlb-ip) still sends new connections for up to 150 s after an instance began to stop',
      fix: 'Set drain.preStopSeconds to 150 or more, or leave it out',
    },
  ]);
});

test('a node stops only when no resolver that honours the time to live has its address', () => {
  expect(forgottenSeconds(NODE_TTL_SECONDS)).toBe(PUBLISHED_SECONDS + NODE_TTL_SECONDS);
  expect(drainFindings({ ttlSeconds: 30 }, { preStopSeconds: 149 })).toEqual([
    {
      code: 'DRAIN-01',
      value: '149',
      message: 'DNS (TTL 30 s) still sends new connections for up to 150 s after an instance began to stop',
      fix: 'Set drain.preStopSeconds to 150 or more, or leave it out',
    },
  ]);
  expect(drainFindings('fixed-nodes', { preStopSeconds: 4 })).toMatchObject([
    { message: 'the address of a node still sends new connections for up to 5 s after an instance began to stop' },
  ]);
});

test('a record that lives for an hour would keep its nodes for ever', () => {
  expect(drainFindings({ ttlSeconds: 3480 }, {})).toEqual([]);
  expect(drainFindings({ ttlSeconds: 3481 }, {})).toEqual([
    {
      code: 'DRAIN-03',
      value: '3481',
      message: 'resolvers keep an address for so long, and each instance would wait 3601 s before it stops',
      fix: 'Leave ttlSeconds out for 60',
    },
  ]);
});

test.each(PROFILES)('%j: the least preStop is its default', (profile) => {
  const { preStopSeconds } = drainTimes(profile);
  expect(drainFindings(profile, { preStopSeconds })).toEqual([]);
  expect(drainFindings(profile, { preStopSeconds: preStopSeconds - 1 })).toMatchObject([{ code: 'DRAIN-01' }]);
});

test.each([1, 3600])('%d s are a time to wait', (graceSeconds) => {
  expect(drainFindings('generic', { graceSeconds })).toEqual([]);
});

test.each([0, -1, 1.5, 3601, Number.NaN, Number.POSITIVE_INFINITY])('%d is no time to wait', (seconds) => {
  const finding = {
    code: 'DRAIN-02',
    value: String(seconds),
    fix: 'Leave it out for what the load balancer needs',
  };
  expect(drainFindings('generic', { preStopSeconds: seconds, graceSeconds: seconds })).toEqual([
    { ...finding, message: 'drain.preStopSeconds is a whole number of seconds from 1 to 3600' },
    { ...finding, message: 'drain.graceSeconds is a whole number of seconds from 1 to 3600' },
  ]);
});

test('what is wrong with one time does not hide what is wrong with the other', () => {
  const codes = drainFindings('nlb-ip', { preStopSeconds: 5, graceSeconds: 0 }).map(({ code }) => code);
  expect(codes.sort()).toEqual(['DRAIN-01', 'DRAIN-02']);
});

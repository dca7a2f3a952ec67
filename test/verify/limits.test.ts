import fc from 'fast-check';
import {
  areCrossed,
  DAY,
  DEFAULT_LIMITS,
  parseLimit,
  parseTime,
  printDays,
  printTime,
  timeLeft,
} from '../../lib/verify/limits';

test.each([
  ['20', { days: 20 }],
  ['1.5d', { days: 1.5 }],
  ['25%', { percent: 25 }],
  ['0', { days: 0 }],
  ['101%', undefined],
  ['-1', undefined],
  ['20h', undefined],
  ['', undefined],
])('limit %j', (text, expected) => expect(parseLimit(text)).toEqual(expected));

test.each([
  ['30', 30_000],
  ['0.5s', 500],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1d', DAY],
  ['0s', 0],
  ['10 m', undefined],
  ['1w', undefined],
  ['', undefined],
])('time %j', (text, expected) => expect(parseTime(text)).toBe(expected));

test('days count for long lives, a part of the life for short ones', () => {
  expect(timeLeft(DEFAULT_LIMITS, 'warning', 90 * DAY)).toBe(20 * DAY);
  expect(timeLeft(DEFAULT_LIMITS, 'critical', 60 * DAY)).toBe(15 * DAY);
  expect(timeLeft(DEFAULT_LIMITS, 'warning', 45 * DAY)).toBeCloseTo(9.9 * DAY);
  expect(timeLeft({ ...DEFAULT_LIMITS, critical: { percent: 10 } }, 'critical', 90 * DAY)).toBe(9 * DAY);
});

test('whatever the lifetime, a certificate renewed when a third is left is never warned of', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 400, noNaN: true }), (days) => {
      const lifetime = days * DAY;
      const [warning, critical] = (['warning', 'critical'] as const).map((level) =>
        timeLeft(DEFAULT_LIMITS, level, lifetime),
      );
      expect(warning).toBeLessThanOrEqual(lifetime / 3 + 1);
      expect(critical).toBeLessThan(warning as number);
    }),
  );
});

test('limits that are crossed', () => {
  expect(areCrossed(DEFAULT_LIMITS)).toBe(false);
  expect(areCrossed({ warning: { days: 1 }, critical: { days: 2 } })).toBe(true);
  expect(areCrossed({ warning: { percent: 10 }, critical: { percent: 11 } })).toBe(true);
  expect(areCrossed({ warning: { percent: 10 }, critical: { days: 11 } })).toBe(false);
});

test('days are cut off, on either side of none', () => {
  expect([299.999, 0.5, -0.5, -10.9].map((days) => printDays(days * DAY))).toEqual(['299', '0', '0', '-10']);
  expect([299.999, -10.999].map((days) => printDays(days * DAY, 2))).toEqual(['299.99', '-10.99']);
});

test('times as people say them', () => {
  expect([1.9 * DAY, 2 * DAY, 3_600_000, 119_000, 0].map(printTime)).toEqual([
    '45 hours',
    '2 days',
    '60 minutes',
    '119 seconds',
    '0 seconds',
  ]);
});

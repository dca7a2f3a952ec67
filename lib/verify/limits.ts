/** How much of its life a certificate must have left: days, or a part of its lifetime. */
export type Limit = { readonly days: number } | { readonly percent: number };

/** When an expiry is told, and how loudly. */
export interface Limits {
  readonly warning: Limit;
  readonly critical: Limit;
}

/** For certificates of 90 days, which are renewed with 30 days left. */
export const DEFAULT_LIMITS: Limits = { warning: { days: 20 }, critical: { days: 15 } };

/**
 * What counts for certificates of a shorter life, for which days would always be too many: the same part of a life as
 * the defaults are of 90 days.
 */
const SHORT_LIVED = { warning: { percent: 22 }, critical: { percent: 17 } } as const;
const SHORT_LIFE_DAYS = 60;

export const DAY = 86_400_000;

/** `20` (days) or `25%` (of the lifetime); undefined where it is neither. */
export function parseLimit(text: string): Limit | undefined {
  const [, number, unit] = /^(\d{1,5}(?:\.\d{1,3})?)(d|%)?$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number);
  if (unit === '%') return value <= 100 ? { percent: value } : undefined;
  return { days: value };
}

/** The time that must be left of a certificate that lives for `lifetime`, in milliseconds. */
export function timeLeft(limits: Limits, level: 'warning' | 'critical', lifetime: number): number {
  const limit = limits[level];
  const counts = 'days' in limit && lifetime < SHORT_LIFE_DAYS * DAY ? SHORT_LIVED[level] : limit;
  return 'days' in counts ? counts.days * DAY : (counts.percent / 100) * lifetime;
}

/** Whether a certificate of any lifetime is critical before it is worth a warning. */
export function areCrossed({ warning, critical }: Limits): boolean {
  if ('days' in warning && 'days' in critical) return critical.days > warning.days;
  return 'percent' in warning && 'percent' in critical && critical.percent > warning.percent;
}

export function printLimit(limit: Limit): string {
  return 'days' in limit ? `${limit.days} days` : `${limit.percent}%`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY };

/** `30`, `30s`, `10m`, `2h` or `1d` in milliseconds; undefined where it is no time. */
export function parseTime(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] as number);
}

/** `milliseconds` as days with so many `digits` behind the point: what is left over is cut off, as {@link printTime} does. */
export function printDays(milliseconds: number, digits = 0): string {
  const parts = 10 ** digits;
  return (Math.trunc((milliseconds * parts) / DAY) / parts).toFixed(digits);
}

/** A time as people say it: whole days above two, then hours, minutes and seconds. */
export function printTime(milliseconds: number): string {
  for (const [unit, name] of [
    [DAY, 'days'],
    [3_600_000, 'hours'],
    [60_000, 'minutes'],
  ] as const) {
    if (milliseconds >= 2 * unit) return `${Math.floor(milliseconds / unit)} ${name}`;
  }
  return `${Math.floor(milliseconds / 1000)} seconds`;
}

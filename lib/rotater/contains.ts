import { isDeepStrictEqual } from 'node:util';

/** Whether `live` says all that `wanted` says; it may say more, such as defaults. */
export function contains(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => contains(live[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return isDeepStrictEqual(live, wanted);
  if (typeof live !== 'object' || live === null) return false;
  return Object.entries(wanted).every(([key, value]) => contains((live as Record<string, unknown>)[key], value));
}

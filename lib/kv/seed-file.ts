import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import { madeOf } from '../model/token';
import { base64 } from './base64';
import type { KvEntry } from './entries';
import { unitOf } from './unit';

/**
 * `entries` as the seeding script reads them, a line each, divided by tabs: what changes in one transaction with it, the
 * rest of its key, and its value in base64.
 */
export function seedFile(entries: readonly KvEntry[], rootKey: string): string {
  return entries
    .map(({ key, value }) => {
      const unit = unitOf(key, rootKey);
      return `${unit}\t${key.slice(unit.length)}\t${madeOf(value, base64)}\n`;
    })
    .join('');
}

/** What a seed notes in each transaction is at most so large, as Consul takes 512 KiB at once, and both in base64. */
const MOST_BYTES_OF_KEYS = 200_000;

/** KV-18 for more keys than can be noted in the store. */
export function seedFindings({ kind }: KvStore, entries: readonly KvEntry[]): Finding[] {
  const bytes = entries.reduce((sum, { key }) => sum + Buffer.byteLength(key) + 2, 0);
  if (kind !== 'consul' || bytes <= MOST_BYTES_OF_KEYS) return [];
  return [tooLarge(`${bytes} bytes of keys`, 'Consul takes 512 KiB at once, in which a seed notes its keys as well')];
}

export function tooLarge(value: string, message: string): Finding {
  return { code: 'KV-18', value, message, fix: 'Divide the configuration among several seeds' };
}

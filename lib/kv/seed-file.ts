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

import { madeOf } from '../model/token';
import { base64 } from './base64';
import type { KvEntry } from './entries';

/** `entries` as the seeding script reads them: a line each, key, tab and value in base64. */
export function seedFile(entries: readonly KvEntry[]): string {
  return entries.map(({ key, value }) => `${key}\t${madeOf(value, base64)}\n`).join('');
}

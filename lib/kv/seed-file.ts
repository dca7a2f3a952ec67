import type { KvEntry } from './entries';

/** `entries` as the seeding script reads them: a line each, key, tab and value in base64. */
export function seedFile(entries: readonly KvEntry[]): string {
  return entries.map(({ key, value }) => `${key}\t${Buffer.from(value, 'utf8').toString('base64')}\n`).join('');
}

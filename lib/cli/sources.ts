import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Problem } from '../model/problem';
import type { Source } from '../rotater/manifest-stream';
import { UserError } from './user-error';

/**
 * What lies at `paths`: files, the manifests below folders in the order of their names, and standard input for `-` or
 * where there are no paths. Throws INPUT-02 for what cannot be read, INPUT-01 for what is no text.
 */
export async function readSources(paths: readonly string[]): Promise<Source[]> {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  for (const path of paths.length === 0 ? ['-'] : paths) {
    if (path === '-') sources.push({ name: 'stdin', text: decoded(await buffer(process.stdin), 'stdin') });
    else
      for (const file of attempt(path, problems, () => manifestsAt(path)) ?? []) {
        const text = attempt(file, problems, () => decoded(readFileSync(file), file));
        if (text !== undefined) sources.push({ name: file, text });
      }
  }
  if (problems.length > 0) throw UserError.of(problems);
  return sources;
}

/** The text that `bytes` are; INPUT-01 where they are none, which would come out altered. */
export function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw UserError.of([
      { code: 'INPUT-01', at: name, value: '', message: 'not a text in UTF-8', fix: 'Convert it; nothing was written' },
    ]);
  }
}

function attempt<T>(path: string, problems: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const what = { none: 'file or folder', fix: 'Give files, folders, or - for standard input' };
    problems.push(unreadable(path, error, what));
    return undefined;
  }
}

/** INPUT-02 for what the system does not let be read; `none` is what there may be none of. */
export function unreadable(
  path: string,
  error: unknown,
  what: { readonly none: string; readonly fix: string },
): Problem {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? `there is no such ${what.none}` : `it cannot be read: ${message}`;
  return { code: 'INPUT-02', at: path, value: code, message: why, fix: what.fix };
}

function manifestsAt(path: string): string[] {
  return statSync(path).isDirectory() ? manifestsBelow(path).sort() : [path];
}

/** Links to files are followed, and links to folders are not: of mounted ConfigMaps each file is found once. */
function manifestsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith('..') ? [] : manifestsBelow(path);
    if (!/\.(?:ya?ml|json)$/.test(entry.name)) return [];
    const target = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    // A link that leads nowhere is told when it is read.
    return target === undefined || target.isFile() ? [path] : [];
  });
}

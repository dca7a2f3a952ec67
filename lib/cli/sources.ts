import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Problem } from '../model/problem';
import type { Source } from '../rotater/manifest-stream';
import { UserError } from './user-error';

/**
 * What lies at `paths`: files, the manifests below folders in the order of their names, and standard input for `-` or
 * where there are no paths. Throws INPUT-02 for what cannot be read.
 */
export async function readSources(paths: readonly string[]): Promise<Source[]> {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  for (const path of paths.length === 0 ? ['-'] : paths) {
    if (path === '-') sources.push({ name: 'stdin', text: await readAll(process.stdin) });
    else sources.push(...readPath(path, problems));
  }
  if (problems.length > 0) throw UserError.of(problems);
  return sources;
}

function readPath(path: string, problems: Problem[]): Source[] {
  try {
    return manifestsAt(path).map((file) => ({ name: file, text: readFileSync(file, 'utf8') }));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    problems.push({
      code: 'INPUT-02',
      at: path,
      value: code,
      message: code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read: ${message}`,
      fix: 'Give files, folders, or - for standard input',
    });
    return [];
  }
}

function manifestsAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return (
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ya?ml|json)$/.test(name))
      .map((name) => join(path, name))
      // Also what a link leads to, as of mounted ConfigMaps.
      .filter((file) => statSync(file).isFile())
      .sort()
  );
}

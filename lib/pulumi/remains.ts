import { hasPartOfToken, hasToken } from '../model/token';

/**
 * Where in `value` something is left of the text of an Output that was cut, changed or encoded on its way, as the path
 * of a field; undefined where nothing is.
 */
export function remainsIn(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value === 'string') return isLeft(value) ? path.join('.') : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (isSpread(value)) return path.join('.');
  for (const [key, part] of Object.entries(value)) {
    const own = [...path, key];
    const found = isLeft(key) ? own.join('.') : remainsIn(part, own);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isLeft(text: string): boolean {
  return hasPartOfToken(text) || decoded(text).some((each) => hasToken(each) || hasPartOfToken(each));
}

/** A text that was taken for a list, or for a map: what is left are its letters. */
function isSpread(value: object): boolean {
  const letters = Object.values(value);
  return letters.every((letter) => typeof letter === 'string' && letter.length === 1) && hasToken(letters.join(''));
}

/** What parts of `text` say, if they are base64 or hexadecimal; what is encoded can begin within a group of letters. */
function decoded(text: string): string[] {
  return [
    ...[...text.matchAll(/[0-9A-Za-z+/_-]{11,}/g)].flatMap(([run]) => inGroups(run, 'base64', 4)),
    ...[...text.matchAll(/[0-9a-f]{16,}/gi)].flatMap(([run]) => inGroups(run, 'hex', 2)),
  ];
}

function inGroups(run: string, encoding: 'base64' | 'hex', letters: number): string[] {
  return Array.from({ length: letters }, (_, from) => Buffer.from(run.slice(from), encoding).toString('latin1'));
}

import { createHash } from 'node:crypto';
import { hasToken } from '../model/token';
import type { AppObject } from './object-order';
import { refusal } from './run-error';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** How much of a digest is enough to know it by; names and labels often hold but its beginning. */
const LETTERS = { hex: 8, base64: 16, base64url: 16 } as const;

/**
 * Throws PULUMI-09 where an object holds the digest of something else in the app that an Output stands in: what was
 * digested is the place holder, so that it does not change with the value. It is found by digesting what there is: each
 * text with an Output in it, and each part of an object, as JSON. What was digested in another form, or with a text of
 * somewhere else, cannot be told from any other text.
 */
export function refuseDigests(objects: readonly AppObject[]): void {
  const late = objects.filter(({ manifest }) => hasToken(JSON.stringify(manifest)));
  if (late.length === 0) return;
  const digests = new Set(late.flatMap(({ manifest }) => [...digestible(manifest)]).flatMap(digestsOf));
  for (const { object, manifest } of objects) {
    // Names and the like are no digests, but hold letters and digits as well: what counts is the whole run of them.
    for (const [run] of JSON.stringify(manifest).matchAll(/[0-9A-Za-z+/_-]{8,}/g)) {
      if (!beginnings(run).some((beginning) => digests.has(beginning))) continue;
      throw refusal({
        code: 'PULUMI-09',
        at: object.node.path,
        message: 'the text of an Output was digested, so that the digest does not change with what it stands for',
        fix: 'Do that to the Output itself, by apply, and give what comes out',
      });
    }
  }
}

function beginnings(run: string): string[] {
  const parts = [run, ...run.split('-')];
  return Object.values(LETTERS).flatMap((length) => parts.map((part) => part.slice(0, length)));
}

function* digestible(value: unknown): Iterable<string> {
  if (typeof value === 'string') {
    if (hasToken(value)) yield value;
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const text = JSON.stringify(value);
  if (!hasToken(text)) return;
  yield text;
  for (const [key, part] of Object.entries(value)) {
    if (hasToken(key)) yield key;
    yield* digestible(part);
  }
}

function digestsOf(text: string): string[] {
  return ALGORITHMS.flatMap((algorithm) => {
    const digest = createHash(algorithm).update(text).digest();
    return Object.entries(LETTERS).map(([encoding, length]) =>
      digest.toString(encoding as keyof typeof LETTERS).slice(0, length),
    );
  });
}

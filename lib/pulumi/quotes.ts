import type { Problem } from '../model/problem';
import { hasToken, type Reveal, splitTokens } from '../model/token';
import { isDocument } from './documents';

/**
 * PULUMI-15 where what a token stands for, put between the double quotes that it stands in, would end them or be read as
 * something else. In a document of JSON or YAML it is quoted as need be.
 */
export function brokenQuotes(text: string, reveal: Reveal, at: string): Problem[] {
  const quoted = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"/g)].map(([whole]) => whole.slice(1, -1));
  const broken = quoted.filter((inner) => hasToken(inner) && UNFIT.test(valuesIn(inner, reveal)));
  if (broken.length === 0 || isDocument(text)) return [];
  return broken.map((inner) => ({
    ...{ code: 'PULUMI-15', at, value: reveal(inner) },
    message: 'an Output turned out to hold what cannot stand between double quotes as it is, in a text that is no JSON',
    fix: 'Quote the Output itself, by apply, as in text(output.apply((value) => JSON.stringify(value)))',
  }));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /["\\\u0000-\u001f]/;

/** What the tokens of `text` stand for, one after the other. */
function valuesIn(text: string, reveal: Reveal): string {
  return splitTokens(text)
    .filter((_, index) => index % 2 === 1)
    .map(reveal)
    .join('');
}

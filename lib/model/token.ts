/**
 * The letters of a token, with the digits of its number between them. It has the form of a DNS label, so that it passes
 * wherever names do, whole or as a part of another text; and no other text has such letters in such an order, so that a
 * part of one is known for what it is.
 */
const FORM = 'zq#xj#qz#jx#zq#xj#qz';

/**
 * A text that stands for one which is known only while a program is applied, such as an Output of Pulumi.
 */
const TOKEN = new RegExp(patternOf(FORM));

/** Letters of a token that are no other text's wherever they stand, and those that are none's as a word of their own. */
const [KNOWN_PART, KNOWN_WORD] = [8, 5];

/** What is left of a token that was cut, in small letters or large ones. */
const PART = new RegExp(
  [
    ...partsOf(KNOWN_PART).map(patternOf),
    ...range(KNOWN_WORD, KNOWN_PART).flatMap((length) =>
      partsOf(length).map((part) => `(?<![0-9a-z])${patternOf(part)}(?![0-9a-z])`),
    ),
  ].join('|'),
  'i',
);

function patternOf(form: string): string {
  return form.replaceAll('#', '\\d');
}

function partsOf(length: number): string[] {
  return range(0, FORM.length - length + 1).map((from) => FORM.slice(from, from + length));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** What programs with tokens have, known to all copies of the library in one. */
interface Tokens {
  /** How many were issued. */
  count: number;
  /** A text for what `make` makes of one with tokens, when these are known. */
  derive?: Derive;
}

type Derive = (text: string, make: (known: string) => string) => string;

const ISSUED = Symbol.for('traefik-ha.tokens');
const program = globalThis as { [ISSUED]?: Tokens };

/** Whether there is any token in this program. */
export function areTokensIssued(): boolean {
  return ISSUED in program;
}

/** A new token; `derive` is how others are made of those that there are. */
export function newToken(derive: Derive): string {
  const tokens = program[ISSUED] ?? { count: 0 };
  program[ISSUED] = tokens;
  tokens.derive = derive;
  tokens.count += 1;
  return tokenOf(tokens.count);
}

/** The token with this number. */
export function tokenOf(number: number): string {
  const digits = [...String(number).padStart(6, '0')];
  return FORM.replaceAll('#', () => digits.shift() ?? '');
}

/** What `make` makes of `text`: at once, or, where it holds tokens, a token for what it will make of what is known then. */
export function madeOf(text: string, make: (known: string) => string): string {
  const derive = program[ISSUED]?.derive;
  return derive !== undefined && hasToken(text) ? derive(text, make) : make(text);
}

/** Whether `text` holds a token: what it will say is not known yet, and cannot be checked. */
export function hasToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether `text` holds, beside whole tokens, a part of one, or one in capitals. */
export function hasPartOfToken(text: string): boolean {
  return splitTokens(text).some((part, index) => index % 2 === 0 && PART.test(part));
}

/** Whether `a` and `b` are one text, or may turn out to be. */
export function maybeSame(a: string, b: string): boolean {
  return a === b || hasToken(a) || hasToken(b);
}

/** Gives a text with what its tokens turned out to stand for. */
export type Reveal = (text: string) => string;

/** Where nothing is known yet. */
export const asGiven: Reveal = (text) => text;

/** `text` with its tokens apart: every second part is one. */
export function splitTokens(text: string): string[] {
  return text.split(new RegExp(`(${TOKEN.source})`));
}

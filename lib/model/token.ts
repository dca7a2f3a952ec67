/**
 * A text that stands for one which is known only while a program is applied, such as an Output of Pulumi. It has the
 * form of a DNS label, so that it passes wherever names do, whole or as a part of another text.
 */
const TOKEN = /output-\d{6}-of-pulumi/;

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
  return `output-${String(number).padStart(6, '0')}-of-pulumi`;
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

/** Whether `a` and `b` are one text, or may turn out to be. */
export function maybeSame(a: string, b: string): boolean {
  return a === b || hasToken(a) || hasToken(b);
}

/** Gives a text with what its tokens turned out to stand for. */
export type Reveal = (text: string) => string;

/** `text` with its tokens apart: every second part is one. */
export function splitTokens(text: string): string[] {
  return text.split(new RegExp(`(${TOKEN.source})`));
}

/**
 * A text that stands for one which is known only while a program is applied, such as an Output of Pulumi. It has the
 * form of a DNS label, so that it passes wherever names do, whole or as a part of another text.
 */
const TOKEN = /output-\d{6}-of-pulumi/;

/** Known to all copies of the library in a program. */
const ISSUED = Symbol.for('traefik-ha.tokens');

/** Whether there is any token in this program. */
export function areTokensIssued(): boolean {
  return ISSUED in globalThis;
}

/** The token with this number. */
export function tokenOf(number: number): string {
  Object.defineProperty(globalThis, ISSUED, { value: true, configurable: true });
  return `output-${String(number).padStart(6, '0')}-of-pulumi`;
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

import type { Finding } from '../problem';
import { type RouterKind, type RuleSyntax, V2_MATCHERS, V3_MATCHERS } from './matchers';

/** RULE-02 for a name that no matcher of these rules has, with the name that was probably meant. */
export function unknownMatcherFinding(name: string, kind: RouterKind, syntax: RuleSyntax): Finding {
  const message = `${name} is no matcher of ${kind.toUpperCase()} rules in ${syntax} syntax`;
  return { code: 'RULE-02', value: name, message, fix: suggestion(name, kind, syntax) };
}

function suggestion(name: string, kind: RouterKind, syntax: RuleSyntax): string {
  const names = namesOf(kind, syntax);
  const otherKind = kind === 'http' ? 'tcp' : 'http';
  if (namesOf(otherKind, syntax).includes(name)) {
    return `It belongs to ${otherKind.toUpperCase()} routers; here there are ${names.join(', ')}`;
  }
  const nearest = names
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best));
  if (nearest.distance <= MOST_TYPOS) return `Did you mean ${nearest.candidate}?`;
  const otherSyntax = syntax === 'v3' ? 'v2' : 'v3';
  return namesOf(kind, otherSyntax).includes(name)
    ? `It belongs to ${otherSyntax} syntax; here there are ${names.join(', ')}`
    : `There are ${names.join(', ')}`;
}

const MOST_TYPOS = 2;

function namesOf(kind: RouterKind, syntax: RuleSyntax): string[] {
  return (syntax === 'v3' ? V3_MATCHERS : V2_MATCHERS)[kind].map((spec) => spec.name);
}

/** How many characters must be added, dropped or replaced to make `b` of `a`; 99 where they differ in length too much. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MOST_TYPOS) return 99;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a.charAt(row - 1) === b.charAt(column - 1) ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

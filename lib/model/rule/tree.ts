import type { MatcherName } from './matchers';

/** What a router answers to: a rule of Traefik's v3 syntax, as a tree. */
export type Rule = Matcher | AllOf | AnyOf | Not;

/** One question about the request, such as ``Host(`a.example.com`)``. */
export interface Matcher {
  readonly type: 'matcher';
  readonly name: MatcherName;
  readonly values: readonly string[];
}

/** Holds where every operand holds; made by {@link allOf}, so it has at least two and none is an `and` itself. */
export interface AllOf {
  readonly type: 'and';
  readonly operands: readonly Rule[];
}

/** Holds where one operand holds; made by {@link anyOf}, so it has at least two and none is an `or` itself. */
export interface AnyOf {
  readonly type: 'or';
  readonly operands: readonly Rule[];
}

/** Holds where the operand does not. */
export interface Not {
  readonly type: 'not';
  readonly operand: Rule;
}

/** A matcher as a leaf; its values are not looked at, see `ruleFindings`. */
export function matcher(name: MatcherName, ...values: string[]): Matcher {
  return { type: 'matcher', name, values };
}

/** All of `rules`, of which there is at least one; conjunctions inside are taken apart, so equal rules are equal trees. */
export function allOf(rules: readonly Rule[]): Rule {
  return joined('and', rules);
}

/** Any of `rules`, of which there is at least one; disjunctions inside are taken apart, so equal rules are equal trees. */
export function anyOf(rules: readonly Rule[]): Rule {
  return joined('or', rules);
}

function joined(type: 'and' | 'or', rules: readonly Rule[]): Rule {
  const operands = rules.flatMap((rule) => (rule.type === type ? rule.operands : [rule]));
  return operands.length === 1 && operands[0] !== undefined ? operands[0] : { type, operands };
}

import type { Reveal } from '../token';
import type { Rule } from './tree';

/** `rule` with `known` of each host and each other value of its matchers, whatever that holds: it is a value still. */
export function knownRule(rule: Rule, known: { readonly host: Reveal; readonly other: Reveal }): Rule {
  if (rule.type === 'not') return { ...rule, operand: knownRule(rule.operand, known) };
  if (rule.type !== 'matcher') return { ...rule, operands: rule.operands.map((operand) => knownRule(operand, known)) };
  const isHost = rule.name === 'Host' || rule.name === 'HostSNI';
  return { ...rule, values: rule.values.map(isHost ? known.host : known.other) };
}

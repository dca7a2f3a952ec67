import { canonicalHost } from '../host';
import { printRule } from './print';
import { allOf, anyOf, type Rule } from './tree';

/** `rule` as one text for all rules that differ only in the order of their parts, or in the spelling of hosts. */
export function canonicalText(rule: Rule): string {
  return printRule(canonical(rule));
}

function canonical(rule: Rule): Rule {
  switch (rule.type) {
    case 'matcher':
      return rule.name === 'Host' || rule.name === 'HostSNI'
        ? { ...rule, values: rule.values.map(canonicalHost) }
        : rule;
    case 'not':
      return { ...rule, operand: canonical(rule.operand) };
    case 'and':
      return allOf(eachOnce(rule.operands));
    case 'or':
      return anyOf(eachOnce(rule.operands));
  }
}

function eachOnce(operands: readonly Rule[]): Rule[] {
  const byText = new Map(operands.map(canonical).map((operand) => [printRule(operand), operand]));
  return [...byText.keys()].sort().map((text) => byText.get(text) as Rule);
}

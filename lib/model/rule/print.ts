import { quote } from './literal';
import type { Rule } from './tree';

/**
 * `rule` as Traefik's v3 syntax writes it: values between backticks where they can be, and parentheses only where the
 * rule would mean something else without. Reading the text gives `rule` again.
 */
export function printRule(rule: Rule): string {
  switch (rule.type) {
    case 'matcher':
      return `${rule.name}(${rule.values.map(quote).join(', ')})`;
    case 'and':
      return rule.operands.map((operand) => printIn(operand, operand.type === 'or')).join(' && ');
    case 'or':
      return rule.operands.map(printRule).join(' || ');
    case 'not':
      return `!${printIn(rule.operand, rule.operand.type === 'and' || rule.operand.type === 'or')}`;
  }
}

function printIn(rule: Rule, isParenthesized: boolean): string {
  return isParenthesized ? `(${printRule(rule)})` : printRule(rule);
}

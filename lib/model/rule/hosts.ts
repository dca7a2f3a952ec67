import { isIP } from 'node:net';
import type { Finding } from '../problem';
import type { Matcher, Rule } from './tree';

/** The hosts that a rule names, and if there are none, why. */
export interface RuleHosts {
  /** Sorted, each once, in lower case and without trailing dot; `*.example.com` may be among them. */
  readonly hosts: string[];
  readonly findings: Finding[];
}

/**
 * The hosts that need a certificate and a record where `rule` routes: those of its Host and HostSNI matchers that are
 * not negated. Addresses and the catch-all `*` are none.
 *
 * Reports RULE-07 where no host is left.
 */
export function hostsOf(rule: Rule): RuleHosts {
  const found: Found = { hosts: new Set(), negated: [], regexps: [], others: [] };
  collect(rule, false, found);
  const hosts = [...found.hosts].sort();
  return { hosts, findings: hosts.length > 0 ? [] : [noHostFinding(found)] };
}

/** What the host matchers of a rule say. */
interface Found {
  readonly hosts: Set<string>;
  readonly negated: string[];
  readonly regexps: string[];
  /** Addresses and catch-alls. */
  readonly others: string[];
}

/** Negation needs no De Morgan here: `&&` and `||` are looked through alike, so that only the number of `!` counts. */
function collect(rule: Rule, isNegated: boolean, found: Found): void {
  if (rule.type === 'matcher') collectMatcher(rule, isNegated, found);
  else if (rule.type === 'not') collect(rule.operand, !isNegated, found);
  else for (const operand of rule.operands) collect(operand, isNegated, found);
}

function collectMatcher({ name, values }: Matcher, isNegated: boolean, found: Found): void {
  const value = values[0] ?? '';
  if (name === 'HostRegexp' || name === 'HostSNIRegexp') {
    if (!isNegated) found.regexps.push(value);
    return;
  }
  if (name !== 'Host' && name !== 'HostSNI') return;
  const host = value.toLowerCase().replace(/\.$/, '');
  if (isNegated) found.negated.push(value);
  else if (host === '' || host === '*' || isIP(host) !== 0) found.others.push(value);
  else found.hosts.add(host);
}

function noHostFinding({ negated, regexps, others }: Found): Finding {
  const code = 'RULE-07';
  if (regexps[0] !== undefined) {
    const message = 'the rule names its hosts by a regular expression, which cannot be listed';
    return {
      code,
      value: regexps[0],
      message,
      fix: 'Add the hosts with Host (HostSNI for TCP), or list them in hosts',
    };
  }
  const address = others.find((other) => isIP(other.replace(/\.$/, '')) !== 0);
  if (address !== undefined) {
    const message = 'the only host of the rule is an address, which has neither record nor public certificate';
    return { code, value: address, message, fix: 'Name a host' };
  }
  if (others[0] !== undefined) {
    const message = 'the rule matches every host, which cannot be listed';
    return { code, value: others[0], message, fix: 'Name the hosts, or list them in hosts' };
  }
  if (negated[0] !== undefined) {
    const message = 'the rule only says which hosts it does not match';
    return { code, value: negated[0], message, fix: 'Add the hosts that it does match' };
  }
  return { code, value: '', message: 'the rule names no host', fix: 'Add Host(`a.example.com`), or HostSNI for TCP' };
}

import type { Finding } from '../problem';
import { madeOf } from '../token';
import { checkValues } from './check';
import { findMatcher, type RouterKind } from './matchers';
import { MOST_LEVELS } from './parse';
import { unknownMatcherFinding } from './suggest';
import { allOf, anyOf, type Matcher, matcher, type Not, type Rule } from './tree';
import { asciiHost } from './values';

/** At least one. */
export type OneOrMore<T> = readonly [T, ...T[]];

/**
 * The parts of rules. Where a part takes several values, one of them must match. Nothing is checked here: see
 * {@link ruleFindings}.
 *
 * @example Match.and(Match.host('a.example.com'), Match.not(Match.pathPrefix('/internal')))
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/http/routing/rules-and-priority/
 */
export const Match = {
  /** Requests to one of these hosts, in any case; `*.example.com` is one label, international names become ASCII. */
  host: (...names: OneOrMore<string>): Rule => anyOf(names.map((name) => matcher('Host', asciiHost(name)))),

  /** Requests whose host, in lower case, holds a match of `pattern`: anchor it with `^` and `$`. */
  hostRegexp: (pattern: string): Matcher => matcher('HostRegexp', pattern),

  /** Requests to exactly one of these paths, each with a slash in front. */
  path: (...paths: OneOrMore<string>): Rule => anyOf(paths.map((path) => matcher('Path', path))),

  /** Requests to paths that begin with one of these: `/shop` also matches `/shopping`. */
  pathPrefix: (...prefixes: OneOrMore<string>): Rule => anyOf(prefixes.map((prefix) => matcher('PathPrefix', prefix))),

  /** Requests whose path holds a match of `pattern`. */
  pathRegexp: (pattern: string): Matcher => matcher('PathRegexp', pattern),

  /** Requests of one of these methods, in any case. */
  method: (...methods: OneOrMore<string>): Rule =>
    anyOf(methods.map((method) => matcher('Method', madeOf(method, upperCase)))),

  /** Requests with exactly this header value. */
  header: (name: string, value: string): Matcher => matcher('Header', name, value),

  /** Requests with a value of the header that holds a match of `pattern`. */
  headerRegexp: (name: string, pattern: string): Matcher => matcher('HeaderRegexp', name, pattern),

  /** Requests with this query parameter; without `value`, with the empty one. */
  query: (name: string, value?: string): Matcher =>
    value === undefined ? matcher('Query', name) : matcher('Query', name, value),

  /** Requests with a value of the query parameter that holds a match of `pattern`. */
  queryRegexp: (name: string, pattern: string): Matcher => matcher('QueryRegexp', name, pattern),

  /** Requests and connections from one of these addresses or ranges (CIDR), as Traefik sees the peer. */
  clientIp: (...networks: OneOrMore<string>): Rule => anyOf(networks.map((network) => matcher('ClientIP', network))),

  /** TLS connections to one of these server names; `*` is every connection, and the only one without TLS. */
  hostSni: (...names: OneOrMore<string>): Rule => anyOf(names.map((name) => matcher('HostSNI', asciiHost(name)))),

  /** TLS connections whose server name, in lower case, holds a match of `pattern`. */
  hostSniRegexp: (pattern: string): Matcher => matcher('HostSNIRegexp', pattern),

  /** TLS connections that offer one of these protocols. */
  alpn: (...protocols: OneOrMore<string>): Rule => anyOf(protocols.map((protocol) => matcher('ALPN', protocol))),

  /** What all of `rules` match. */
  and: (...rules: OneOrMore<Rule>): Rule => allOf(rules),

  /** What one of `rules` matches. */
  or: (...rules: OneOrMore<Rule>): Rule => anyOf(rules),

  /** What `rule` does not match. */
  not: (rule: Rule): Not => ({ type: 'not', operand: rule }),
} as const;

function upperCase(text: string): string {
  return text.toUpperCase();
}

/**
 * Why Traefik would refuse `rule` at a router of `kind`: RULE-02 to RULE-06 and RULE-08 as `parseRule` reports them,
 * without the column.
 */
export function ruleFindings(rule: Rule, kind: RouterKind): Finding[] {
  const findings: Finding[] = [];
  collect(rule, kind, 0, findings);
  return findings;
}

function collect(rule: Rule, kind: RouterKind, level: number, findings: Finding[]): void {
  if (level > MOST_LEVELS) {
    const message = `more than ${MOST_LEVELS} rules inside one another`;
    findings.push({ code: 'RULE-08', value: '', message, fix: 'Leave out those that say nothing' });
    return;
  }
  if (rule.type === 'matcher') {
    const spec = findMatcher(rule.name, kind);
    if (spec === undefined) findings.push(unknownMatcherFinding(rule.name, kind, 'v3'));
    else checkValues(spec, rule.values, (finding) => findings.push(finding));
  } else if (rule.type === 'not') {
    collect(rule.operand, kind, level + 1, findings);
  } else if (rule.operands.length === 0) {
    const message = `a rule of no ${rule.type === 'and' ? 'conditions' : 'alternatives'}`;
    findings.push({ code: 'RULE-03', value: '', message, fix: 'Give at least one' });
  } else {
    for (const operand of rule.operands) collect(operand, kind, level + 1, findings);
  }
}

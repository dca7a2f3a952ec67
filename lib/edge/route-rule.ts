import type { Finding } from '../model/problem';
import { Match, ruleFindings } from '../model/rule/build';
import { canonicalText } from '../model/rule/canonical';
import { hostsOf } from '../model/rule/hosts';
import { knownRule } from '../model/rule/known';
import type { RouterKind } from '../model/rule/matchers';
import { parseRule } from '../model/rule/parse';
import { printRule } from '../model/rule/print';
import { allOf, type Rule } from '../model/rule/tree';
import { asciiHost } from '../model/rule/values';
import type { Reveal } from '../model/token';

/** Requests to hosts, and below paths. */
export interface HostRoute {
  /** The host, or several; international names are written in ASCII. */
  readonly host: string | readonly string[];
  /**
   * What the path begins with; not over TCP, which has none.
   * @default - any path
   */
  readonly pathPrefix?: string;
  readonly match?: never;
  readonly rule?: never;
}

/** Requests that a rule of typed parts matches. */
export interface MatchRoute {
  /** Made with `Match`. */
  readonly match: Rule;
  readonly host?: never;
  readonly pathPrefix?: never;
  readonly rule?: never;
}

/** Requests that a rule in Traefik's own language matches. */
export interface TextRoute {
  /** Such as ``Host(`www.example.com`) && PathPrefix(`/images`)``. */
  readonly rule: string;
  /**
   * The syntax that it is written in; what is emitted is always v3.
   * @default 'v3'
   */
  readonly syntax?: 'v3' | 'v2';
  readonly host?: never;
  readonly pathPrefix?: never;
  readonly match?: never;
}

/** Which requests a route is for. */
export type RouteMatch = HostRoute | MatchRoute | TextRoute;

/** What a {@link RouteMatch} means. */
export interface RouteRule {
  /** As Traefik reads it. */
  readonly text: string;
  /** The same for all rules that differ only in the order of their parts. */
  readonly canonical: string;
  readonly hosts: readonly string[];
  readonly findings: readonly Finding[];
  /** Why there are no hosts, apart from the findings: they may be listed elsewhere. */
  readonly hostFindings: readonly Finding[];
}

/**
 * The rule and hosts of `match`, for a router of `kind`; findings are those of `parseRule`, and RULE-07 where it names no
 * host. With `reveal`, as they are when what their tokens stand for is known.
 */
export function routeRule(match: RouteMatch, kind: RouterKind = 'http', reveal?: Reveal): RouteRule {
  const { rule, findings } = reveal ? revealed(match, kind, reveal) : read(match, kind);
  if (!rule) return { text: '', canonical: '', hosts: [], findings, hostFindings: [] };
  const { hosts, findings: hostFindings } = hostsOf(rule);
  return { text: printRule(rule), canonical: canonicalText(rule), hosts, findings, hostFindings };
}

function revealed(match: RouteMatch, kind: RouterKind, reveal: Reveal): ReadRule {
  const { rule, findings } = read(match, kind);
  if (!rule) return { rule, findings };
  // In a text the host stands as Traefik is to read it; `Match` writes it so.
  const host = match.rule === undefined ? (name: string) => asciiHost(reveal(name)) : reveal;
  return checked(knownRule(rule, { host, other: reveal }), kind);
}

interface ReadRule {
  readonly rule: Rule | undefined;
  readonly findings: readonly Finding[];
}

function read(match: RouteMatch, kind: RouterKind): ReadRule {
  const forms = (['rule', 'match', 'host'] as const).filter((form) => match[form] !== undefined);
  if (forms.length !== 1 || (match.pathPrefix !== undefined && forms[0] !== 'host'))
    return { rule: undefined, findings: [oneForm(forms)] };
  if (match.rule !== undefined) return parseRule(match.rule, { kind, syntax: match.syntax });
  return checked(match.match ?? hostRule(match as HostRoute, kind), kind);
}

function checked(rule: Rule, kind: RouterKind): ReadRule {
  const findings = ruleFindings(rule, kind);
  return { rule: findings.length === 0 ? rule : undefined, findings };
}

function hostRule({ host, pathPrefix }: HostRoute, kind: RouterKind): Rule {
  const [first = '', ...others] = typeof host === 'string' ? [host] : host;
  const hosts = kind === 'tcp' ? Match.hostSni(first, ...others) : Match.host(first, ...others);
  return pathPrefix === undefined ? hosts : allOf([hosts, Match.pathPrefix(pathPrefix)]);
}

function oneForm(forms: readonly string[]): Finding {
  return {
    code: 'ROUTE-10',
    value: forms.join(', '),
    message: 'a route is told by host and pathPrefix, by match, or by rule, and by one of them only',
    fix: 'Say all of it in one: match and rule can hold hosts and paths as well',
  };
}

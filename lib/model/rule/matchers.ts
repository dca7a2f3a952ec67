import type { ValueKind } from './values';

/** Which of Traefik's two routers reads the rule; an IngressRoute is `http`, an IngressRouteTCP `tcp`. */
export type RouterKind = 'http' | 'tcp';

/** The rule syntax of a router: Traefik's `ruleSyntax`, deprecated in all values but `v3`. */
export type RuleSyntax = 'v3' | 'v2';

/** The matchers of v3 rules, for both kinds of routers. */
export type MatcherName = HttpMatcherName | TcpMatcherName;

type HttpMatcherName =
  | 'ClientIP'
  | 'Header'
  | 'HeaderRegexp'
  | 'Host'
  | 'HostRegexp'
  | 'Method'
  | 'Path'
  | 'PathPrefix'
  | 'PathRegexp'
  | 'Query'
  | 'QueryRegexp';

type TcpMatcherName = 'ALPN' | 'ClientIP' | 'HostSNI' | 'HostSNIRegexp';

/** The matchers of v2 rules, for both kinds of routers. */
export type V2MatcherName =
  | 'ALPN'
  | 'ClientIP'
  | 'Headers'
  | 'HeadersRegexp'
  | 'Host'
  | 'HostHeader'
  | 'HostRegexp'
  | 'HostSNI'
  | 'HostSNIRegexp'
  | 'Method'
  | 'Path'
  | 'PathPrefix'
  | 'Query';

/** One matcher: what it is called and what it takes. */
export interface MatcherSpec<Name extends string = MatcherName | V2MatcherName> {
  readonly name: Name;
  /** The numbers of values that it takes: `some` is one or more, `pairs` a positive even number. */
  readonly arity: readonly number[] | 'some' | 'pairs';
  /** What each value must be, by position; they repeat where more values are given. */
  readonly values: readonly ValueKind[];
}

/**
 * The matchers of v3 rules.
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/http/routing/rules-and-priority/
 */
export const V3_MATCHERS: Readonly<Record<RouterKind, readonly MatcherSpec<MatcherName>[]>> = {
  http: [
    { name: 'ClientIP', arity: [1], values: ['network'] },
    { name: 'Header', arity: [2], values: ['text', 'text'] },
    { name: 'HeaderRegexp', arity: [2], values: ['text', 'regexp'] },
    { name: 'Host', arity: [1], values: ['host'] },
    { name: 'HostRegexp', arity: [1], values: ['hostRegexp'] },
    { name: 'Method', arity: [1], values: ['text'] },
    { name: 'Path', arity: [1], values: ['path'] },
    { name: 'PathPrefix', arity: [1], values: ['path'] },
    { name: 'PathRegexp', arity: [1], values: ['regexp'] },
    { name: 'Query', arity: [1, 2], values: ['text', 'text'] },
    { name: 'QueryRegexp', arity: [1, 2], values: ['text', 'regexp'] },
  ],
  tcp: [
    { name: 'ALPN', arity: [1], values: ['protocol'] },
    { name: 'ClientIP', arity: [1], values: ['network'] },
    { name: 'HostSNI', arity: [1], values: ['serverName'] },
    { name: 'HostSNIRegexp', arity: [1], values: ['hostRegexp'] },
  ],
};

/**
 * The matchers of v2 rules; `v2.ts` says what they mean in v3 syntax.
 * @see https://doc.traefik.io/traefik/v2.11/routing/routers/#rule
 */
export const V2_MATCHERS: Readonly<Record<RouterKind, readonly MatcherSpec<V2MatcherName>[]>> = {
  http: [
    { name: 'ClientIP', arity: 'some', values: ['network'] },
    { name: 'Headers', arity: 'pairs', values: ['text', 'text'] },
    { name: 'HeadersRegexp', arity: 'pairs', values: ['text', 'regexp'] },
    { name: 'Host', arity: 'some', values: ['exactHost'] },
    { name: 'HostHeader', arity: 'some', values: ['exactHost'] },
    { name: 'HostRegexp', arity: 'some', values: ['hostTemplate'] },
    { name: 'Method', arity: 'some', values: ['text'] },
    { name: 'Path', arity: 'some', values: ['pathTemplate'] },
    { name: 'PathPrefix', arity: 'some', values: ['pathTemplate'] },
    { name: 'Query', arity: 'some', values: ['text'] },
  ],
  tcp: [
    { name: 'ALPN', arity: 'some', values: ['protocol'] },
    { name: 'ClientIP', arity: 'some', values: ['network'] },
    { name: 'HostSNI', arity: 'some', values: ['exactServerName'] },
    { name: 'HostSNIRegexp', arity: 'some', values: ['serverNameTemplate'] },
  ],
};

/** The v3 matcher that is called `name`, in any spelling that Traefik takes. */
export function findMatcher(name: string, kind: RouterKind): MatcherSpec<MatcherName> | undefined {
  return V3_SPELLINGS[kind].get(name);
}

/** The v2 matcher that is called `name`, in any spelling that Traefik takes. */
export function findV2Matcher(name: string, kind: RouterKind): MatcherSpec<V2MatcherName> | undefined {
  return V2_SPELLINGS[kind].get(name);
}

const V3_SPELLINGS = { http: spellings(V3_MATCHERS.http), tcp: spellings(V3_MATCHERS.tcp) };
const V2_SPELLINGS = { http: spellings(V2_MATCHERS.http), tcp: spellings(V2_MATCHERS.tcp) };

/** Traefik takes a name as documented, in lower, upper and title case (`Hostregexp`), and in no other mixture. */
function spellings<Name extends string>(specs: readonly MatcherSpec<Name>[]): ReadonlyMap<string, MatcherSpec<Name>> {
  return new Map(
    specs.flatMap((spec) => {
      const lower = spec.name.toLowerCase();
      const title = lower.charAt(0).toUpperCase() + lower.slice(1);
      return [spec.name, lower, lower.toUpperCase(), title].map((spelling) => [spelling, spec] as const);
    }),
  );
}

import type { Finding } from '../model/problem';
import { parseRule } from '../model/rule/parse';
import type { DynamicConfiguration } from './dynamic-configuration';

/**
 * What a configuration of the right form can still have wrong: rules, KV-10 names that refer to nothing, KV-11 built-in
 * ACME.
 */
export function configurationFindings(configuration: DynamicConfiguration): Finding[] {
  const { http = {}, tcp = {}, udp = {}, tls = {} } = configuration;
  return [
    ...protocolFindings('http', http, tls),
    ...protocolFindings('tcp', tcp, tls),
    ...protocolFindings('udp', udp, tls),
    ...(http.routers ? ruleFindings('http', http.routers) : []),
    ...(tcp.routers ? ruleFindings('tcp', tcp.routers) : []),
  ];
}

/** What is there: a name without a value is as none. */
function given<T>(named: Named<T> = {}): [string, T][] {
  return Object.entries(named).filter(([, value]) => value !== undefined);
}

/** The sections of a protocol, as far as names in them refer to one another. */
interface Sections {
  readonly routers?: Named<Router>;
  readonly services?: Named<object>;
  readonly middlewares?: Named<object>;
  readonly serversTransports?: Named<object>;
}

interface Router {
  readonly service: string;
  readonly middlewares?: readonly string[];
  readonly tls?: { readonly options?: string; readonly certResolver?: string };
}

type Named<T> = Readonly<Record<string, T>>;

/** What a name refers to. */
type Kind = 'services' | 'middlewares' | 'serversTransports' | 'options';

function protocolFindings(protocol: string, sections: Sections, { options = {} }: { readonly options?: object }) {
  const names = (named?: Named<object>) => new Set(given(named).map(([name]) => name));
  const known: Record<Kind, ReadonlySet<string>> = {
    services: names(sections.services),
    middlewares: names(sections.middlewares),
    serversTransports: names(sections.serversTransports),
    // What no provider defines, Traefik has itself.
    options: names({ default: {}, ...options }),
  };
  const findings: Finding[] = [];
  const refer = (kind: Kind, path: string, name: string | undefined) => {
    if (name !== undefined && !name.includes('@') && !known[kind].has(name)) {
      findings.push(danglingFinding(`${protocol}.${path}`, name, kind));
    }
  };
  for (const [name, router] of given(sections.routers)) {
    refer('services', `routers.${name}.service`, router.service);
    for (const middleware of router.middlewares ?? []) refer('middlewares', `routers.${name}.middlewares`, middleware);
    refer('options', `routers.${name}.tls.options`, router.tls?.options);
    if (router.tls?.certResolver !== undefined)
      findings.push(resolverFinding(`${protocol}.routers.${name}`, router.tls.certResolver));
  }
  for (const [name, service] of given(sections.services)) {
    for (const { at, kind, to } of referencesOf(service)) refer(kind, `services.${name}.${at}`, to);
  }
  for (const [name, middleware] of given(sections.middlewares)) {
    const { chain, errors } = middleware as {
      chain?: { middlewares: readonly string[] };
      errors?: { service: string };
    };
    for (const each of chain?.middlewares ?? []) refer('middlewares', `middlewares.${name}.chain.middlewares`, each);
    refer('services', `middlewares.${name}.errors.service`, errors?.service);
  }
  return findings;
}

/** Whom a service of any protocol names. */
interface ServiceParts {
  readonly loadBalancer?: { readonly serversTransport?: string };
  readonly weighted?: { readonly services: readonly { readonly name: string }[] };
  readonly highestRandomWeight?: { readonly services: readonly { readonly name: string }[] };
  readonly mirroring?: { readonly service: string; readonly mirrors?: readonly { readonly name: string }[] };
  readonly failover?: { readonly service: string; readonly fallback: string };
}

function referencesOf(service: ServiceParts): { at: string; kind: Kind; to: string | undefined }[] {
  const { loadBalancer, weighted, highestRandomWeight, mirroring, failover } = service;
  const toService = (at: string, to: string | undefined) => ({ at, kind: 'services' as const, to });
  return [
    { at: 'loadBalancer.serversTransport', kind: 'serversTransports', to: loadBalancer?.serversTransport },
    ...(weighted?.services ?? []).map(({ name }) => toService('weighted.services', name)),
    ...(highestRandomWeight?.services ?? []).map(({ name }) => toService('highestRandomWeight.services', name)),
    toService('mirroring.service', mirroring?.service),
    ...(mirroring?.mirrors ?? []).map(({ name }) => toService('mirroring.mirrors', name)),
    toService('failover.service', failover?.service),
    toService('failover.fallback', failover?.fallback),
  ];
}

function ruleFindings(
  kind: 'http' | 'tcp',
  routers: Readonly<Record<string, { readonly rule: string; readonly ruleSyntax?: 'v3' | 'v2' }>>,
): Finding[] {
  return given(routers).flatMap(([name, { rule, ruleSyntax }]) =>
    parseRule(rule, { kind, syntax: ruleSyntax }).findings.map((finding) => ({
      ...finding,
      message: `${kind}.routers.${name}.rule: ${finding.message}`,
    })),
  );
}

function danglingFinding(path: string, name: string, kind: Kind): Finding {
  return {
    code: 'KV-10',
    value: `${path}: ${name}`,
    message: `the configuration has no such entry in ${kind}, so what names it would silently be off`,
    fix: `Declare it, or write ${name}@swarm, ${name}@file or whose else it is`,
  };
}

function resolverFinding(path: string, resolver: string): Finding {
  return {
    code: 'KV-11',
    value: `${path}.tls.certResolver: ${resolver}`,
    message: 'built-in ACME cannot work with several instances: each would keep certificates and challenges to itself',
    fix: 'Leave it out: certificates come from the store',
  };
}

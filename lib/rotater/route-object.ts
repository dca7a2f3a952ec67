import type { Route } from '../model/derive';
import { canonicalHost } from '../model/host';
import { type Finding, locate, type Problem } from '../model/problem';
import { hostsOf } from '../model/rule/hosts';
import type { RouterKind } from '../model/rule/matchers';
import { parseRule } from '../model/rule/parse';
import { inWordsOfManifests } from './manifest-words';
import { isSelected } from './selector';
import type { RotaterSettings } from './settings';

/** A Kubernetes object as it was read: nothing is sure of it before it was looked at. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** The kinds of Traefik's routes that have hosts. */
export const ROUTE_KINDS: Readonly<Record<string, RouterKind>> = { IngressRoute: 'http', IngressRouteTCP: 'tcp' };

/** The group and version of these kinds. */
export const ROUTE_VERSION = 'traefik.io/v1alpha1';

/** What an annotation of a route can turn off. */
const INTEGRATIONS = ['certificates', 'dns'] as const;
type Integration = (typeof INTEGRATIONS)[number];

/** The annotations that a route is read with. */
export const ANNOTATIONS = {
  /** `true` for all, or integrations separated by commas: nothing is derived for these. */
  ignore: 'traefik-ha/ignore',
  /** Where the hosts of the route point, separated by commas. */
  targets: 'traefik-ha/targets',
  /** The class of a route, where `spec.ingressClassName` does not say it. */
  ingressClass: 'kubernetes.io/ingress.class',
} as const;

/** What a route that exists already asks for. */
export interface ReadRoute {
  readonly kind: string;
  readonly route: Route;
  /** What it did not opt out of. */
  readonly integrations: ReadonlySet<Integration>;
  /** Whether TLS is ended for it. */
  readonly hasTls: boolean;
  /** Where a host of the route is named; undefined for what is none of its hosts. */
  readonly placeOfHost: (host: string) => string | undefined;
  /** The targets that it says itself. */
  readonly targets?: readonly string[];
  /** What is wrong with it. */
  readonly problems: readonly Problem[];
  /** Why nothing is derived from it, though nothing is wrong. */
  readonly notices: readonly Problem[];
}

/** The keys of maps, and the numbers of list items, that lead to a value. */
export type ValuePath = readonly PropertyKey[];

/** An object, and where it and its parts stand. */
export interface PlacedObject {
  readonly object: KubeObject;
  /** The object's own place. */
  readonly at: string;
  /** The place of one of its values, as exact as it can be told. */
  readonly placeOf: (path: ValuePath) => string;
}

/** Whether `object` is a route of Traefik's that can have hosts. */
export function isRoute(object: KubeObject): boolean {
  return (
    object.apiVersion === ROUTE_VERSION && typeof object.kind === 'string' && Object.hasOwn(ROUTE_KINDS, object.kind)
  );
}

/** Whether `object` is a route of the group that Traefik read before version 3. */
export function isOldRoute(object: KubeObject): boolean {
  return object.apiVersion === 'traefik.containo.us/v1alpha1' && isRoute({ ...object, apiVersion: ROUTE_VERSION });
}

/** Whether `object`, a route, opted out of everything. */
export function isIgnored(object: KubeObject): boolean {
  return metadataOf(object).annotations[ANNOTATIONS.ignore] === 'true';
}

/** Whether `object`, a route, is one of those that `settings` are about, and did not opt out of everything. */
export function isMeant(object: KubeObject, { ingressClass, namespaces, selector }: RotaterSettings): boolean {
  const { name, namespace, labels } = metadataOf(object);
  if (name === '') return false;
  if (namespaces !== undefined && !namespaces.includes(namespace)) return false;
  if (!isSelected(selector, labels)) return false;
  if (isIgnored(object)) return false;
  return isOfClass(object, ingressClass);
}

/** Whether `object`, a route, is of that class; every one is of no class in particular. */
export function isOfClass(object: KubeObject, ingressClass: string | undefined): boolean {
  const { annotations } = metadataOf(object);
  const ownClass = text(record(object.spec).ingressClassName) ?? text(annotations[ANNOTATIONS.ingressClass]);
  return ingressClass === undefined || ownClass === ingressClass;
}

/**
 * What `object`, a route, asks for: its hosts, of all of its rules; the Secret that it serves; what it opted out of.
 * Problems are those of `parseRule`, and ROUTE-13 for annotations; a notice is RULE-07, where it names no host.
 */
export function readRoute({ object, at, placeOf }: PlacedObject): ReadRoute {
  const { name, namespace, annotations } = metadataOf(object);
  const kind = text(object.kind) ?? '';
  const spec = record(object.spec);
  const tls = record(spec.tls);
  const rules = list(spec.routes).map((route) => readRule(record(route), ROUTE_KINDS[kind] ?? 'http'));
  const domains = list(tls.domains).map(record);
  const listed = canonical(domains.flatMap(({ main, sans }) => [main, ...list(sans)]));
  const named = canonical(rules.flatMap(({ hosts }) => hosts));
  // Of a regular expression only the names are known that the route lists for its certificate.
  const hosts = named.length > 0 ? named : listed;
  const targets = text(annotations[ANNOTATIONS.targets]);
  const ignored = readIgnored(annotations[ANNOTATIONS.ignore]);
  const isEndedHere = tls.passthrough !== true;
  const inRules = (findings: (rule: ReadRule) => readonly Finding[]) =>
    rules.flatMap((rule, index) => located(findings(rule), () => placeOf(['spec', 'routes', index, 'match'])));
  const problems = [
    ...inRules((rule) => rule.findings),
    ...located(ignored.findings, () => placeOf(['metadata', 'annotations', ANNOTATIONS.ignore])),
    ...Object.values(ANNOTATIONS).flatMap((key) =>
      located(annotationFindings(key, annotations[key]), () => placeOf(['metadata', 'annotations', key])),
    ),
  ];
  const notices =
    rules.length > 0
      ? inRules((rule) => rule.notices).slice(0, 1)
      : located([NO_RULES], () => placeOf(['spec', 'routes']));
  return {
    kind,
    route: {
      ...{ namespace, name, at, hosts },
      // Who passes TLS on needs no certificate.
      secretName: isEndedHere ? text(tls.secretName) : undefined,
      ...(listed.length > 0 ? { certificateNames: listed } : {}),
    },
    integrations: new Set(INTEGRATIONS.filter((integration) => !ignored.integrations.includes(integration))),
    hasTls: typeof spec.tls === 'object' && spec.tls !== null && isEndedHere,
    placeOfHost: (host) => {
      const index = rules.findIndex((rule) => rule.hosts.includes(host));
      if (index >= 0) return placeOf(['spec', 'routes', index, 'match']);
      return listed.includes(host) ? placeOf(['spec', 'tls', 'domains']) : undefined;
    },
    ...(targets === undefined ? {} : { targets: separated(targets) }),
    problems,
    notices: hosts.length > 0 || problems.length > 0 ? [] : notices,
  };
}

function located(findings: readonly Finding[], place: () => string): Problem[] {
  return findings.length === 0 ? [] : locate(findings, place());
}

interface ReadRule {
  readonly hosts: readonly string[];
  readonly findings: readonly Finding[];
  readonly notices: readonly Finding[];
}

function readRule({ match, syntax }: KubeObject, kind: RouterKind): ReadRule {
  const { rule, findings } = parseRule(text(match) ?? '', { kind, syntax: syntax === 'v2' ? 'v2' : 'v3' });
  if (rule === undefined) return { hosts: [], findings, notices: [] };
  const { hosts, findings: notices } = hostsOf(rule);
  return { hosts, findings: [], notices: notices.map(inWordsOfManifests) };
}

const NO_RULES: Finding = {
  code: 'RULE-07',
  value: '',
  message: 'the route has no rules, and so no host',
  fix: 'Give it routes with a match',
};

/** ROUTE-13 for what only looks like a text, such as true and 7. */
function annotationFindings(key: string, value: unknown): Finding[] {
  if (value === undefined || value === null || typeof value === 'string') return [];
  const message = `annotation ${key} is no text`;
  return [{ code: 'ROUTE-13', value: JSON.stringify(value), message, fix: 'Write it between quotes' }];
}

/** ROUTE-13 for what is no integration. */
function readIgnored(value: unknown): { readonly integrations: readonly string[]; readonly findings: Finding[] } {
  const integrations = separated(text(value) ?? '').filter((one) => one !== 'false');
  const unknown = integrations.filter((one) => !(INTEGRATIONS as readonly string[]).includes(one));
  return {
    integrations,
    findings: unknown.map((one) => ({
      code: 'ROUTE-13',
      value: one,
      message: `annotation ${ANNOTATIONS.ignore} names no integration`,
      fix: `Write ${INTEGRATIONS.join(' or ')}, or true for all`,
    })),
  };
}

function canonical(hosts: readonly unknown[]): string[] {
  const names = hosts.flatMap((host) => text(host) ?? []).map(canonicalHost);
  return [...new Set(names)].filter((name) => name !== '').sort();
}

function separated(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** What is looked at in an object's metadata; a namespace that is not said is empty. */
export function metadataOf(object: KubeObject) {
  const metadata = record(object.metadata);
  return {
    name: text(metadata.name) ?? '',
    namespace: text(metadata.namespace) ?? '',
    labels: record(metadata.labels),
    annotations: record(metadata.annotations),
  };
}

export function record(value: unknown): KubeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as KubeObject) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

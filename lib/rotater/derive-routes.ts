import { type CertificateManifest, certificateManifest } from '../certificates/certificate-manifest';
import { dnsEndpointManifest, type EndpointManifest } from '../dns/dns-endpoint-manifest';
import type { CertificateRequest } from '../model/certificate';
import { type Derivation, derive, type Plan, plan, wildcardRequest } from '../model/derive';
import { referenceFindings } from '../model/kube-name';
import { type Finding, locate, type Problem } from '../model/problem';
import type { DnsTargets } from '../model/records';
import type { HostedZone } from '../model/zone';
import { inWordsOfManifests } from './manifest-words';
import type { ReadRoute } from './route-object';
import type { CertificateSettings, RotaterSettings } from './settings';

/** An object that a route, or all of them together, need. */
export type DerivedObject = (CertificateManifest | EndpointManifest) & {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
};

/** What is derived from routes that exist already. */
export interface DerivedRoutes {
  /** By route, in the order in which routes were given; empty for one that something is wrong with. */
  readonly objects: ReadonlyMap<ReadRoute, readonly DerivedObject[]>;
  /** The certificates of whole zones, which are no single route's. */
  readonly wildcards: readonly DerivedObject[];
  /** What is wrong, by the place of the route that it was found at. */
  readonly problems: readonly Problem[];
  /** Why nothing is derived from routes that nothing is wrong with. */
  readonly notices: readonly Problem[];
}

/**
 * Lays `routes` beside one another and makes the objects that they need.
 *
 * @param serviceTargets where the Service of the settings is reached at this time, if they name one
 */
export function deriveRoutes(
  routes: readonly ReadRoute[],
  settings: RotaterSettings,
  serviceTargets: readonly string[] = [],
): DerivedRoutes {
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  const derivations = new Map<ReadRoute, Derivation>();
  for (const read of uniquelyNamed(routes, problems)) {
    const derivation = deriveOne(read, settings, serviceTargets);
    problems.push(...read.problems, ...derivation.problems);
    notices.push(...read.notices);
    if (read.problems.length === 0 && derivation.problems.length === 0) derivations.set(read, derivation);
  }

  const wildcards = wildcardRequests([...derivations.values()], settings.certificates);
  const whole = plan(
    [...derivations.values()],
    wildcards.map((request) => ({ request, at: `the wildcard of ${request.dnsNames.at(-1)}` })),
  );
  problems.push(...whole.problems);
  const share = shares(whole);
  return {
    objects: new Map(routes.map((read) => [read, objectsOf(derivations.get(read), share, settings)])),
    wildcards: wildcards.map((request) => certificateOf(request, request.name, settings.certificates)),
    problems,
    notices,
  };
}

/** ROUTE-14 where routes of two kinds have one name: their objects would have one, too. */
function uniquelyNamed(routes: readonly ReadRoute[], problems: Problem[]): ReadRoute[] {
  const first = new Map<string, ReadRoute>();
  return routes.filter((read) => {
    const { namespace, name, at } = read.route;
    const known = first.get(`${namespace}/${name}`);
    if (known === undefined) {
      first.set(`${namespace}/${name}`, read);
      return true;
    }
    problems.push({
      code: 'ROUTE-14',
      at,
      value: name,
      message: `the ${known.kind} at ${known.route.at} has the same name, and so would what is derived from both`,
      fix: 'Rename one of them, or have one ignored by the annotation traefik-ha/ignore',
    });
    return false;
  });
}

function deriveOne(read: ReadRoute, settings: RotaterSettings, serviceTargets: readonly string[]): Derivation {
  const { route, integrations, hasTls } = read;
  const { zones, certificates } = settings;
  const isCertified = certificates !== undefined && integrations.has('certificates') && hasTls;
  const { problems, ...rest } = derive(route, {
    zones,
    certificates: isCertified ? certificates : undefined,
    dns: integrations.has('dns') ? targetsOf(read, settings, serviceTargets) : undefined,
  });
  const derivation = {
    ...rest,
    problems: problems.map((problem) => ({
      ...inWordsOfManifests(problem),
      at: read.placeOfHost(problem.value) ?? problem.at,
    })),
  };
  const named = locate(nameFindings(derivation), route.at);
  if (named.length > 0) return { ...derivation, problems: [...derivation.problems, ...named] };
  if (derivation.certificate === undefined || route.secretName !== undefined) return derivation;
  const unserved = locate([unservedFinding(derivation.certificate)], route.at);
  return { ...derivation, certificate: undefined, problems: [...derivation.problems, ...unserved] };
}

/** NAME-04 for names that what is derived cannot have, though the route may. */
function nameFindings({ route, certificate, records }: Derivation): Finding[] {
  return [
    ...(certificate ? referenceFindings('tls.secretName', certificate.secretName) : []),
    ...(certificate ? referenceFindings('the Certificate', certificate.name) : []),
    ...(records.length > 0 ? referenceFindings('the DNSEndpoint', route.name) : []),
  ];
}

/** CERT-13: a certificate is needed, and the route, which is not ours to change, would not serve it. */
function unservedFinding({ dnsNames }: CertificateRequest): Finding {
  return {
    code: 'CERT-13',
    value: dnsNames.join(', '),
    message: 'no wildcard of a zone covers the name, and the route names no Secret that a certificate could go into',
    fix: 'Give the route a tls.secretName',
  };
}

/** Undefined where nothing says where the route points, or where the Service has no address yet. */
function targetsOf(
  { targets }: ReadRoute,
  { dns }: RotaterSettings,
  serviceTargets: readonly string[],
): DnsTargets | undefined {
  if (dns === undefined) return undefined;
  const { ttlSeconds } = dns;
  if (targets !== undefined) return { targets, ttlSeconds };
  if (dns.targets.kind === 'fixed') return { targets: dns.targets.targets, ttlSeconds };
  return dns.targets.kind === 'service' && serviceTargets.length > 0
    ? { targets: serviceTargets, ttlSeconds }
    : undefined;
}

function wildcardRequests(
  derivations: readonly Derivation[],
  certificates: CertificateSettings | undefined,
): CertificateRequest[] {
  const namespace = certificates?.wildcardNamespace;
  if (certificates === undefined || namespace === undefined) return [];
  const zones = new Set<HostedZone>(derivations.flatMap(({ wildcardZones }) => wildcardZones));
  return [...zones]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((zone) => wildcardRequest(zone, namespace, certificates.issuer));
}

/** What the plan left to each route, by namespace and name. */
interface Shares {
  readonly certificates: ReadonlyMap<string, CertificateRequest>;
  readonly records: ReadonlyMap<string, Plan['endpoints'][number]>;
}

function shares({ certificates, endpoints }: Plan): Shares {
  const byName = <T extends { readonly namespace: string; readonly name: string }>(items: readonly T[]) =>
    new Map(items.map((item) => [`${item.namespace}/${item.name}`, item]));
  return { certificates: byName(certificates), records: byName(endpoints) };
}

function objectsOf(derivation: Derivation | undefined, share: Shares, settings: RotaterSettings): DerivedObject[] {
  if (derivation === undefined) return [];
  const { namespace, name } = derivation.route;
  const own = derivation.certificate && share.certificates.get(`${namespace}/${derivation.certificate.name}`);
  const endpoint = share.records.get(`${namespace}/${name}`);
  return [
    ...(own ? [certificateOf(own, name, settings.certificates)] : []),
    ...(endpoint ? [named(dnsEndpointManifest(endpoint), name)] : []),
  ];
}

function certificateOf(
  request: CertificateRequest,
  instance: string,
  certificates: CertificateSettings | undefined,
): DerivedObject {
  const manifest = named(certificateManifest(request), instance);
  if (certificates === undefined) return manifest;
  const { labels, annotations, spec } = certificates.template;
  const { metadata } = manifest;
  const notes = { ...annotations, ...metadata.annotations };
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: { ...labels, ...metadata.labels },
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes as { 'traefik-ha/reason': string } }),
    },
    spec: { ...manifest.spec, ...spec },
  };
}

/** Without a namespace where the route has none, and labelled with as much of the route's name as a label can hold. */
export function named<T extends CertificateManifest | EndpointManifest>(manifest: T, instance: string): T {
  const { metadata } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      namespace: metadata.namespace === '' ? undefined : metadata.namespace,
      labels: { ...metadata.labels, 'app.kubernetes.io/instance': instance.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '') },
    },
  };
}

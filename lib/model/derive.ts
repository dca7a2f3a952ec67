import { type CertificateRequest, certificateFindings, overlapProblems, type PlacedCertificate } from './certificate';
import { canonicalHost, certificateNames, covers, hostFindings } from './host';
import { type Issuer, isSameIssuer } from './issuer';
import { placementFindings } from './placement';
import { type Finding, locate, type Problem } from './problem';
import { type DnsRecord, type DnsTargets, identityOf, recordSets, targetFindings } from './records';
import type { CertificateStrategy } from './strategy';
import { hasToken } from './token';
import { type HostedZone, zoneMembershipFindings, zoneOf } from './zone';

/** A route, as far as certificates and DNS must know it. */
export interface Route {
  readonly namespace: string;
  readonly name: string;
  /** Where a problem with it is reported: a construct's path, or file and line. */
  readonly at: string;
  /** Sorted, canonical, without repetition. */
  readonly hosts: readonly string[];
  /** The Secret that the route serves; without it there is no certificate of its own. */
  readonly secretName?: string;
  /**
   * What its certificate is for, where the route says that itself (`tls.domains`); sorted, canonical, without repetition.
   * Its hosts otherwise.
   */
  readonly certificateNames?: readonly string[];
}

/** What a route is given beside itself; each of the two is independent of the other. */
export interface Integrations {
  /** The zones that hosts may lie in; empty where they are not known. */
  readonly zones: readonly HostedZone[];
  readonly certificates?: { readonly issuer: Issuer; readonly strategy: CertificateStrategy };
  readonly dns?: DnsTargets;
}

/** What one route asks for, before it is laid beside the other routes. */
export interface Derivation {
  readonly route: Route;
  /** The route's own certificate. */
  readonly certificate?: CertificateRequest;
  /** The zones whose wildcard serves hosts of the route. */
  readonly wildcardZones: readonly HostedZone[];
  /** The records that announce its hosts. */
  readonly records: readonly DnsRecord[];
  readonly problems: readonly Problem[];
}

/**
 * What `route` needs: a certificate named `<route>-tls` for the hosts that no wildcard serves, and records for all of them.
 * Pure: constructs, the YAML filter and the controller all ask here.
 */
export function derive(route: Route, { zones, certificates, dns }: Integrations): Derivation {
  const { certificateNames: listed } = route;
  const all = listed === undefined ? route.hosts : [...new Set([...route.hosts, ...listed])];
  const findings: Finding[] = all.flatMap(hostFindings);
  const valid = (names: readonly string[]) =>
    findings.length === 0 ? names : names.filter((name) => hostFindings(name).length === 0);
  const hosts = valid(route.hosts);
  const homeless = zoneMembershipFindings(valid(all), zones);
  findings.push(...homeless);

  const certified = valid(listed ?? route.hosts);
  const { certificate, wildcardZones } = certificates
    ? certify(route, certified, zones, certificates)
    : { certificate: undefined, wildcardZones: [] };
  if (certificates) findings.push(...strategyFindings(certified, zones, certificates));
  // A host in none of the zones has no solver either, and is told once.
  const isTold = ({ code, value }: Finding) => code === 'CERT-06' && homeless.some((each) => each.value === value);
  if (certificate) findings.push(...certificateFindings(certificate).filter((finding) => !isTold(finding)));

  // The name that the load balancer itself is announced by needs no record, and cannot point to itself.
  const announced = hosts.filter((host) => !dns?.targets.some((target) => canonicalHost(target) === host));
  const records = dns ? announced.flatMap((host) => recordSets(host, dns, zones)) : [];
  if (dns && route.hosts.length > 0) {
    findings.push(...targetFindings(dns), ...announced.flatMap((host) => placementFindings(host, dns, zones)));
  }
  return { route, certificate, wildcardZones, records, problems: locate(findings, route.at) };
}

function certify(
  route: Route,
  hosts: readonly string[],
  zones: readonly HostedZone[],
  { issuer, strategy }: NonNullable<Integrations['certificates']>,
): Pick<Derivation, 'certificate' | 'wildcardZones'> {
  const own = (dnsNames: readonly string[], secretName: string | undefined, extra: Partial<CertificateRequest>) =>
    secretName === undefined || dnsNames.length === 0
      ? undefined
      : {
          namespace: route.namespace,
          name: `${route.name}-tls`,
          secretName,
          dnsNames: certificateNames(dnsNames),
          issuer,
          ...extra,
        };

  if (strategy.kind === 'per-route') {
    return {
      certificate: own(hosts, route.secretName, { besideWildcard: strategy.besideWildcard }),
      wildcardZones: [],
    };
  }
  const wildcardZones = new Set<HostedZone>();
  const deeper: string[] = [];
  for (const host of hosts) {
    const zone = zoneOf(host, zones);
    if (zone && wildcardNames(zone).some((name) => covers(name, host))) wildcardZones.add(zone);
    else deeper.push(host);
  }
  return {
    certificate: own(deeper, route.secretName ?? `${route.name}-tls`, { reason: TOO_DEEP }),
    wildcardZones: [...wildcardZones],
  };
}

/** Why a route of a zone with a wildcard has a certificate of its own. */
const TOO_DEEP = 'for hosts more than one label below their zone, where its wildcard does not reach';

/** CERT-12 where wildcards are wanted and no zone is known to have one. */
function strategyFindings(
  hosts: readonly string[],
  zones: readonly HostedZone[],
  { strategy }: NonNullable<Integrations['certificates']>,
): Finding[] {
  if (strategy.kind === 'per-route' || hosts.length === 0) return [];
  const known = zones.filter(({ name }) => !hasToken(name));
  if (zones.length > 0 && known.length === zones.length) return [];
  const isLate = zones.length > 0;
  return [
    {
      code: 'CERT-12',
      value: hosts.filter((host) => !hasToken(host)).join(', '),
      message: `a wildcard for each zone is wanted, and ${isLate ? 'the name of one is known only when it is applied' : 'no zone is known'}`,
      fix: "Give zones: [HostedZone.of('example.com')], or an issuer whose solvers have zones",
    },
  ];
}

/** The names of a zone's wildcard certificate. */
export function wildcardNames({ name }: HostedZone): string[] {
  return [`*.${name}`, name];
}

/** The one certificate of a zone that `wildcard-per-zone` asks for, in the namespace of the store that serves it. */
export function wildcardRequest(zone: HostedZone, namespace: string, issuer: Issuer): CertificateRequest {
  // Hyphens are doubled, so that a.b.example and a-b.example differ.
  const name = `wildcard-${zone.name.replaceAll('-', '--').replaceAll('.', '-')}`;
  return {
    namespace,
    name,
    secretName: `${name}-tls`,
    dnsNames: certificateNames(wildcardNames(zone)),
    issuer,
    // The apex of a zone within another one is covered by the wildcards of both, and either is right.
    besideWildcard: true,
  };
}

/** What all routes of a cluster ask for together: one entry of each list is one object. */
export interface Plan {
  readonly certificates: readonly CertificateRequest[];
  readonly endpoints: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly records: readonly DnsRecord[];
  }[];
  readonly problems: readonly Problem[];
}

/**
 * Lays `derivations` beside one another, in the order of namespace and name whatever the order given:
 * - routes of one namespace with one Secret share the certificate of the first, for the hosts of all
 *   (CERT-01: more than fit into one, CERT-04: of two issuers);
 * - a record that several routes ask for is kept by the first (DNS-06: with different content);
 * - two certificates that cover one name (CERT-03), or write one Secret (CERT-11), are a problem.
 *
 * `others` are certificates beside those of the routes, such as wildcards.
 */
export function plan(derivations: readonly Derivation[], others: readonly PlacedCertificate[] = []): Plan {
  const sorted = [...derivations].sort((a, b) => compare(a.route, b.route));
  const problems: Problem[] = [];
  const bySecret = new Map<string, Sharing>();
  const byName = new Map<string, Announced>();
  const endpoints: Plan['endpoints'][number][] = [];

  for (const { route, certificate, records } of sorted) {
    if (certificate) {
      const key = `${certificate.namespace}/${certificate.secretName}`;
      const first = bySecret.get(key);
      if (!first) bySecret.set(key, { request: certificate, at: route.at, others: [] });
      else {
        problems.push(...locate(issuerFindings(first.request, certificate), route.at));
        first.others.push(certificate);
      }
    }
    const kept: DnsRecord[] = [];
    for (const [key, sets] of byIdentity(records)) {
      const announced = { owner: `${route.namespace}/${route.name}`, content: sets.map(printRecord).join(' and ') };
      const first = byName.get(key);
      if (first) problems.push(...locate(conflictFindings(sets[0]?.dnsName ?? '', first, announced), route.at));
      else {
        byName.set(key, announced);
        kept.push(...sets);
      }
    }
    if (kept.length > 0) endpoints.push({ namespace: route.namespace, name: route.name, records: kept });
  }

  const placed = [...bySecret.values()].map((sharing) => {
    const request = shared(sharing);
    if (sharing.others.length > 0) problems.push(...locate(sizeFindings(request), sharing.at));
    return { request, at: sharing.at };
  });
  const before = [...others].sort((a, b) => compare(a.request, b.request));
  problems.push(...overlapProblems([...before, ...placed]));
  return { certificates: placed.map(({ request }) => request), endpoints, problems };
}

/** Whose certificate goes into a Secret first, and those that share it. */
interface Sharing {
  readonly request: CertificateRequest;
  readonly at: string;
  readonly others: CertificateRequest[];
}

function shared({ request, others }: Sharing): CertificateRequest {
  if (others.length === 0) return request;
  const all = [request, ...others];
  return {
    ...request,
    dnsNames: certificateNames(all.flatMap(({ dnsNames }) => dnsNames)),
    besideWildcard: all.every(({ besideWildcard }) => besideWildcard === true),
  };
}

/** What is wrong with the names of several routes together; each route's own are looked at where it is derived. */
function sizeFindings(request: CertificateRequest): Finding[] {
  return certificateFindings(request).filter(({ code }) => code === 'CERT-01');
}

function issuerFindings(first: CertificateRequest, next: CertificateRequest): Finding[] {
  if (isSameIssuer(first.issuer, next.issuer)) return [];
  return [
    {
      code: 'CERT-04',
      value: next.secretName,
      message: `Certificate ${first.name} writes this Secret with ${first.issuer.kind} ${first.issuer.name}, and this route asks ${next.issuer.kind} ${next.issuer.name}`,
      fix: 'Use one issuer for both, or another secretName',
    },
  ];
}

/** Who announces a name first, and as what. */
interface Announced {
  readonly owner: string;
  readonly content: string;
}

function conflictFindings(dnsName: string, first: Announced, next: Announced): Finding[] {
  if (first.content === next.content) return [];
  // Whether they are the same turns out when they are known.
  if (hasToken(first.content) || hasToken(next.content)) return [];
  return [
    {
      code: 'DNS-06',
      value: dnsName,
      message: `route ${first.owner} announces the name as ${first.content}, and this one as ${next.content}`,
      fix: 'Give both the same targets and ttlSeconds, or say dns: false in one of them',
    },
  ];
}

function printRecord({ recordType, targets, recordTTL, setIdentifier, providerSpecific = [] }: DnsRecord): string {
  const settings = providerSpecific.map(({ name, value }) => `${name}=${value}`);
  const steering = setIdentifier === undefined ? settings : [`set identifier ${setIdentifier}`, ...settings];
  return `${recordType} ${targets.join(', ')} for ${recordTTL} s${steering.map((each) => `, ${each}`).join('')}`;
}

/** `records` by what makes them those of one asker: their name, and the set identifier of those that steer. */
function byIdentity(records: readonly DnsRecord[]): Map<string, DnsRecord[]> {
  const groups = new Map<string, DnsRecord[]>();
  for (const record of records) {
    const key = identityOf(record);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return groups;
}

/** What has a place in a cluster. */
interface Named {
  readonly namespace: string;
  readonly name: string;
}

function compare(a: Named, b: Named): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

import type { CertificateRequest } from './certificate';
import type { Derivation, Integrations, Route } from './derive';
import { canonicalHost, certificateNames } from './host';
import type { Issuer } from './issuer';
import { aliased, type DnsRecord, type DnsTargets, identityOf, isAlias, recordSets } from './records';
import type { DnsRouting } from './routing';
import type { Reveal } from './token';
import { HostedZone } from './zone';

// The parts of the model as they are when what their tokens stand for is known, for the same rules to judge them again.

/** `zones` by the names that they turn out to have. */
export function knownZones(zones: readonly HostedZone[], reveal: Reveal): HostedZone[] {
  return zones.map(({ name, id, isPrivate }) =>
    HostedZone.of(reveal(name), { id: id === undefined ? undefined : reveal(id), private: isPrivate }),
  );
}

function knownIssuer({ kind, name, namespace, letsEncrypt, profile, solvers }: Issuer, reveal: Reveal): Issuer {
  return {
    ...{ kind, letsEncrypt, profile },
    name: reveal(name),
    namespace: namespace === undefined ? undefined : reveal(namespace),
    solvers: solvers.map((solver) => ({
      ...solver,
      zones: solver.zones && knownZones(solver.zones, reveal),
      delegatedTo: solver.delegatedTo && knownZones([solver.delegatedTo], reveal)[0],
    })),
  };
}

/** `names` as certificates hold them, of which two may turn out to be one. */
export function knownNames(names: unknown, reveal: Reveal): string[] {
  return certificateNames((names as readonly string[]).map((name) => canonicalHost(reveal(name))));
}

/** A certificate for the names that are known now. */
export function knownRequest(request: CertificateRequest, reveal: Reveal): CertificateRequest {
  return {
    ...request,
    namespace: reveal(request.namespace),
    secretName: reveal(request.secretName),
    dnsNames: knownNames(request.dnsNames, reveal),
    issuer: knownIssuer(request.issuer, reveal),
  };
}

/**
 * `records` with the types that their targets turn out to need, and one for each name and type. What was added to them
 * by hand stays with their name. `dns` and `zones` say which of them become an ALIAS.
 */
export function knownRecords(
  records: unknown,
  reveal: Reveal,
  dns?: DnsTargets,
  zones: readonly HostedZone[] = [],
): DnsRecord[] {
  const byIdentity = new Map<string, DnsRecord[]>();
  for (const record of records as readonly DnsRecord[]) {
    const known = knownRecord(record, reveal);
    byIdentity.set(identityOf(known), [...(byIdentity.get(identityOf(known)) ?? []), known]);
  }
  const sorted = [...byIdentity].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([, all]) => {
    const [first] = all as [DnsRecord];
    if (isAlias(first)) return all;
    const targets = all.flatMap((record) => record.targets);
    const sets = recordSets(first.dnsName, { targets, ttlSeconds: first.recordTTL });
    const known = sets.map((record) => ({ ...first, ...record }));
    return dns === undefined ? known : known.flatMap((record) => aliased(record, dns, zones));
  });
}

function knownRecord({ setIdentifier, providerSpecific, ...record }: DnsRecord, reveal: Reveal): DnsRecord {
  return {
    ...record,
    dnsName: canonicalHost(reveal(record.dnsName)),
    targets: record.targets.map(reveal),
    ...(setIdentifier === undefined ? {} : { setIdentifier: reveal(setIdentifier) }),
    ...(providerSpecific === undefined
      ? {}
      : { providerSpecific: providerSpecific.map(({ name, value }) => ({ name, value: reveal(value) })) }),
  };
}

/** Where names point, and how they are chosen. */
export function knownTargets(dns: DnsTargets, reveal: Reveal): DnsTargets {
  const { routing } = dns;
  const targets = dns.targets.map(reveal);
  return routing === undefined ? { ...dns, targets } : { ...dns, targets, routing: knownRouting(routing, reveal) };
}

function knownRouting(routing: DnsRouting, reveal: Reveal): DnsRouting {
  const known = (value: unknown): unknown => {
    if (typeof value === 'string') return reveal(value);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [reveal(key), known(each)]));
  };
  return known(routing) as DnsRouting;
}

/** The hosts of `route`, each once. */
export function knownRoute(route: Route, reveal: Reveal): Route {
  return {
    ...route,
    namespace: reveal(route.namespace),
    hosts: [...new Set(route.hosts.map((host) => canonicalHost(reveal(host))))].sort(),
    secretName: route.secretName === undefined ? undefined : reveal(route.secretName),
  };
}

/** What surrounds a route. */
export function knownIntegrations({ zones, certificates, dns }: Integrations, reveal: Reveal): Integrations {
  return {
    zones: knownZones(zones, reveal),
    certificates: certificates && { ...certificates, issuer: knownIssuer(certificates.issuer, reveal) },
    dns: dns && knownTargets(dns, reveal),
  };
}

/** What was derived, as far as other routes are concerned. */
export function knownDerivation(derivation: Derivation, reveal: Reveal): Derivation {
  return {
    ...derivation,
    route: knownRoute(derivation.route, reveal),
    certificate: derivation.certificate && knownRequest(derivation.certificate, reveal),
    records: knownRecords(derivation.records, reveal),
  };
}

/** The texts of a certificate's request that decide over it. */
export function textsOfRequest({ namespace, secretName, dnsNames, issuer }: CertificateRequest): string[] {
  const zones = issuer.solvers.flatMap((solver) => solver.zones ?? []);
  return [namespace, secretName, ...dnsNames, issuer.name, issuer.namespace ?? '', ...textsOfZones(zones)];
}

/** The texts of zones. */
export function textsOfZones(zones: readonly HostedZone[]): string[] {
  return zones.flatMap(({ name, id = '' }) => [name, id]);
}

/** The texts of where names point. */
export function textsOfTargets({ targets, routing }: DnsTargets): string[] {
  const texts = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(texts) : [];
  };
  return [...targets, ...texts(routing)];
}

/** The texts of a derivation. */
export function textsOfDerivation({ route, certificate, records }: Derivation): string[] {
  return [
    ...[route.namespace, route.secretName ?? '', ...route.hosts],
    ...(certificate ? textsOfRequest(certificate) : []),
    ...records.flatMap(({ dnsName, targets, setIdentifier = '', providerSpecific = [] }) => [
      ...[dnsName, ...targets, setIdentifier],
      ...providerSpecific.map(({ value }) => value),
    ]),
  ];
}

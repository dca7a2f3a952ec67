import type { CertificateRequest } from './certificate';
import type { Derivation, Integrations, Route } from './derive';
import { canonicalHost, certificateNames } from './host';
import type { Issuer } from './issuer';
import { type DnsRecord, recordSets } from './records';
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
    solvers: solvers.map((solver) => ({ ...solver, zones: solver.zones && knownZones(solver.zones, reveal) })),
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
 * by hand stays with their name.
 */
export function knownRecords(records: unknown, reveal: Reveal): DnsRecord[] {
  const byName = new Map<string, DnsRecord[]>();
  for (const record of records as readonly DnsRecord[]) {
    const dnsName = canonicalHost(reveal(record.dnsName));
    byName.set(dnsName, [...(byName.get(dnsName) ?? []), record]);
  }
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([dnsName, all]) => {
    const [first] = all as [DnsRecord];
    const targets = all.flatMap((record) => record.targets.map(reveal));
    return recordSets(dnsName, { targets, ttlSeconds: first.recordTTL }).map((record) => ({ ...first, ...record }));
  });
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
    dns: dns && { ...dns, targets: dns.targets.map(reveal) },
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

/** The texts of a derivation. */
export function textsOfDerivation({ route, certificate, records }: Derivation): string[] {
  return [
    ...[route.namespace, route.secretName ?? '', ...route.hosts],
    ...(certificate ? textsOfRequest(certificate) : []),
    ...records.flatMap(({ dnsName, targets }) => [dnsName, ...targets]),
  ];
}

import { covers, isWildcard } from './host';
import { type Issuer, solverFor } from './issuer';
import type { Finding } from './problem';
import { isPublicSuffix } from './public-suffix';

/** A certificate that is wanted, before it is a Kubernetes object. */
export interface CertificateRequest {
  readonly namespace: string;
  readonly name: string;
  /** The Secret that cert-manager writes it to. */
  readonly secretName: string;
  /** Sorted, canonical, without repetition. */
  readonly dnsNames: readonly string[];
  readonly issuer: Issuer;
  /** Why it exists, where a reader would not expect it. */
  readonly reason?: string;
  /** Whether it was said that it may repeat what a wildcard of another certificate covers. */
  readonly besideWildcard?: boolean;
}

/** How many names Let's Encrypt puts into one certificate, by profile. */
const NAMES_PER_CERTIFICATE: Record<string, number> = { classic: 100, tlsserver: 25, shortlived: 25 };

/**
 * What keeps `issuer` from signing a certificate for `dnsNames`: CERT-01 too many names, CERT-02 a wildcard by HTTP-01,
 * CERT-06 a name that no solver answers for, CERT-08 an Issuer of another namespace, HOST-03 a public suffix.
 *
 * @see https://letsencrypt.org/docs/profiles/
 */
export function certificateFindings({ dnsNames, issuer, namespace }: CertificateRequest): Finding[] {
  const findings: Finding[] = [];
  const profile = issuer.profile ?? 'classic';
  const most = issuer.letsEncrypt ? (NAMES_PER_CERTIFICATE[profile] ?? 100) : Number.POSITIVE_INFINITY;
  if (dnsNames.length > most) {
    findings.push({
      code: 'CERT-01',
      value: `${dnsNames.length} names`,
      message: `Let's Encrypt puts at most ${most} names into a certificate of profile ${profile}`,
      fix: 'Split the route, or use CertificateStrategy.wildcardPerZone()',
    });
  }
  if (issuer.namespace !== undefined && issuer.namespace !== namespace) {
    findings.push({
      code: 'CERT-08',
      value: `Issuer ${issuer.namespace}/${issuer.name}`,
      message: `an Issuer serves its own namespace only, and the certificate is wanted in ${namespace}`,
      fix: 'Use a ClusterIssuer, or declare an Issuer in that namespace',
    });
  }
  return findings.concat(dnsNames.flatMap((host) => nameFindings(host, issuer)));
}

function nameFindings(host: string, issuer: Issuer): Finding[] {
  if (issuer.letsEncrypt && isPublicSuffix(host)) {
    return [
      {
        code: 'HOST-03',
        value: host,
        message: 'a public suffix, which no public CA certifies',
        fix: 'Use a name below a domain that you registered',
      },
    ];
  }
  if (issuer.solvers.length === 0) return [];
  const solver = solverFor(host, issuer);
  if (!solver) {
    return [
      {
        code: 'CERT-06',
        value: host,
        message: `no solver of ${issuer.kind} ${issuer.name} answers for the name, so its order would stay pending`,
        fix: 'Add its zone to a solver of the issuer, or a solver without zones',
      },
    ];
  }
  if (isWildcard(host) && solver.challenge === 'http01') {
    return [
      {
        code: 'CERT-02',
        value: host,
        message: 'a wildcard is certified by DNS-01 only, and HTTP-01 is what the issuer would use for it',
        fix: `Give ${issuer.kind} ${issuer.name} a DNS-01 solver for the zone`,
      },
    ];
  }
  return [];
}

/**
 * CERT-03 for each name that two of `requests` cover: Traefik would serve either of them.
 * Names are compared over the whole cluster, because its instances hold one store. Linear in the number of names.
 */
export function overlapFindings(
  requests: readonly CertificateRequest[],
): { request: CertificateRequest; finding: Finding }[] {
  const holders = new Map<string, CertificateRequest>();
  const overlaps: { request: CertificateRequest; finding: Finding }[] = [];
  for (const request of requests) {
    for (const name of request.dnsNames) {
      const holder = holders.get(name);
      if (holder === undefined) holders.set(name, request);
      else overlaps.push({ request, finding: overlap(name, request, holder) });
    }
  }
  for (const request of requests) {
    if (request.besideWildcard) continue;
    for (const name of request.dnsNames) {
      const wildcard = `*${name.slice(name.indexOf('.'))}`;
      const holder = holders.get(wildcard);
      if (covers(wildcard, name) && wildcard !== name && holder !== undefined && holder !== request) {
        overlaps.push({ request, finding: overlap(name, request, holder) });
      }
    }
  }
  return overlaps;
}

function overlap(name: string, request: CertificateRequest, holder: CertificateRequest): Finding {
  const wildcard = !holder.dnsNames.includes(name);
  const together = request.namespace === holder.namespace ? `Give both routes secretName '${holder.secretName}'` : '';
  const fix = wildcard
    ? 'Use CertificateStrategy.wildcardPerZone() here too, or say CertificateStrategy.perRoute({ besideWildcard: true })'
    : together ||
      'Keep the host to routes of one namespace that share a secretName, or use CertificateStrategy.wildcardPerZone()';
  return {
    code: 'CERT-03',
    value: name,
    message: `Certificate ${holder.namespace}/${holder.name} covers the name already, and either would be served`,
    fix,
  };
}

import { covers, isWildcard } from './host';
import { type Issuer, solverFor } from './issuer';
import { type Finding, locate, type Problem } from './problem';
import { isPublicSuffix } from './public-suffix';
import { maybeSame } from './token';

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
  if (issuer.namespace !== undefined && !maybeSame(issuer.namespace, namespace)) {
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
        message: 'a wildcard is certified by DNS-01 only, and the issuer has only HTTP-01 for it',
        fix: `Give ${issuer.kind} ${issuer.name} a DNS-01 solver for the zone`,
      },
    ];
  }
  return [];
}

/** A certificate, and where a problem with it is reported. */
export interface PlacedCertificate {
  readonly request: CertificateRequest;
  readonly at: string;
}

/**
 * CERT-03 where two certificates cover one name: Traefik would serve either of them. CERT-11 where two write one Secret.
 * Names are compared over the whole cluster, because its instances hold one store. Linear in the number of names.
 */
export function overlapProblems(certificates: readonly PlacedCertificate[]): Problem[] {
  const writers = new Map<string, CertificateRequest>();
  const holders = new Map<string, CertificateRequest>();
  for (const { request } of certificates) {
    const secret = secretOf(request);
    if (!writers.has(secret)) writers.set(secret, request);
    for (const name of request.dnsNames) if (!holders.has(name)) holders.set(name, request);
  }
  return certificates.flatMap(({ request, at }) => {
    const writer = writers.get(secretOf(request));
    const findings = writer === undefined || writer === request ? [] : [sameSecret(request, writer)];
    for (const [holder, names] of coveredTwice(request, holders)) findings.push(overlap(names, holder));
    return locate(findings, at);
  });
}

/** Who else covers names of `request`, and which. */
function coveredTwice(
  request: CertificateRequest,
  holders: ReadonlyMap<string, CertificateRequest>,
): Map<CertificateRequest, string[]> {
  const others = new Map<CertificateRequest, string[]>();
  for (const name of request.dnsNames) {
    const wildcard = `*${name.slice(name.indexOf('.'))}`;
    const holder = holders.get(name);
    const wild = request.besideWildcard || !covers(wildcard, name) ? undefined : holders.get(wildcard);
    for (const other of new Set([holder, wild])) {
      if (other === undefined || other === request) continue;
      const names = others.get(other);
      if (names) names.push(name);
      else others.set(other, [name]);
    }
  }
  return others;
}

function secretOf({ namespace, secretName }: CertificateRequest): string {
  return `${namespace}/${secretName}`;
}

function sameSecret(request: CertificateRequest, writer: CertificateRequest): Finding {
  return {
    code: 'CERT-11',
    value: secretOf(request),
    message: `Certificate ${writer.namespace}/${writer.name} writes the Secret as well, and each would undo the other`,
    fix: 'Give one of them another secretName',
  };
}

function overlap(names: readonly string[], holder: CertificateRequest): Finding {
  const byWildcard = names.every((name) => !holder.dnsNames.includes(name));
  return {
    code: 'CERT-03',
    value: names.join(', '),
    message: `Certificate ${holder.namespace}/${holder.name} covers ${names.length === 1 ? 'the name' : 'these names'} already, and either would be served`,
    fix: byWildcard
      ? 'Have the wildcard serve the route too, with CertificateStrategy.wildcardPerZone(), or say besideWildcard: true'
      : `Have one certificate serve both: routes of one namespace with secretName '${holder.secretName}', or the wildcard of the zone`,
  };
}

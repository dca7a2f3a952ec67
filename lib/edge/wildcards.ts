import type { Construct } from 'constructs';
import { Certificate } from '../certificates/certificate';
import { perCluster } from '../cluster';
import type { CertificateRequest } from '../model/certificate';
import { wildcardNames } from '../model/derive';
import type { Issuer } from '../model/issuer';
import type { Finding } from '../model/problem';
import type { HostedZone } from '../model/zone';
import type { TlsStore } from '../traefik/tls-store';

/** The wildcard certificates of a cluster, by zone. */
export const wildcardsOf = perCluster(() => new Map<string, CertificateRequest>());

/**
 * Has the wildcard certificate of `zone` made beside `store` and served from it, once for all routes.
 * CERT-10 where two issuers are asked for it.
 */
export function serveWildcard(store: TlsStore, zone: HostedZone, issuer: Issuer): Finding[] {
  const wildcards = wildcardsOf(store);
  const known = wildcards.get(zone.name);
  if (known) return issuerFindings(known, issuer, zone);

  // Hyphens are doubled, so that a.b.example and a-b.example differ.
  const name = `wildcard-${zone.name.replaceAll('-', '--').replaceAll('.', '-')}`;
  const secretName = `${name}-tls`;
  const dnsNames = wildcardNames(zone);
  // The apex of a zone within another one is covered by the wildcard of both, and either is right.
  wildcards.set(zone.name, { namespace: store.namespace, name, secretName, dnsNames, issuer, besideWildcard: true });
  new Certificate(store.node.scope as Construct, name, { name, secretName, dnsNames, issuer });
  store.addCertificate(secretName);
  return [];
}

function issuerFindings(known: CertificateRequest, issuer: Issuer, zone: HostedZone): Finding[] {
  if (known.issuer.kind === issuer.kind && known.issuer.name === issuer.name) return [];
  return [
    {
      code: 'CERT-10',
      value: `*.${zone.name}`,
      message: `another route has the wildcard signed by ${known.issuer.kind} ${known.issuer.name}, this one by ${issuer.kind} ${issuer.name}`,
      fix: 'Use one issuer for the wildcard of a zone',
    },
  ];
}

import type { Construct } from 'constructs';
import { Certificate } from '../certificates/certificate';
import { wildcardRequest } from '../model/derive';
import { type Issuer, isSameIssuer } from '../model/issuer';
import type { Finding } from '../model/problem';
import type { HostedZone } from '../model/zone';
import { namespaceOf } from '../naming';
import type { TlsStore } from '../traefik/tls-store';

/**
 * Has the wildcard certificate of `zone` made beside `store` and served from it, once for all routes.
 * CERT-10 where two issuers are asked for it.
 */
export function serveWildcard(store: TlsStore, zone: HostedZone, issuer: Issuer): Finding[] {
  const scope = store.node.scope as Construct;
  const id = `Wildcard ${zone.name}`;
  const known = scope.node.tryFindChild(id);
  if (known instanceof Certificate) return issuerFindings(known.issuer, issuer, zone);

  const request = wildcardRequest(zone, namespaceOf(store), issuer);
  new Certificate(scope, id, request);
  store.addCertificate(request.secretName);
  return [];
}

function issuerFindings(known: Issuer, issuer: Issuer, zone: HostedZone): Finding[] {
  if (isSameIssuer(known, issuer)) return [];
  return [
    {
      code: 'CERT-10',
      value: `*.${zone.name}`,
      message: `another route has the wildcard signed by ${known.kind} ${known.name}, this one by ${issuer.kind} ${issuer.name}`,
      fix: 'Use one issuer for the wildcard of a zone',
    },
  ];
}

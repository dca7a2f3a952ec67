import { join } from 'node:path';
import type { IConstruct } from 'constructs';
import { type AppFile, addFiles, DELEGATION_FILE, DNS_FOLDER } from './app-files';
import { Cluster, perCluster } from './cluster';
import { checkLate } from './late';
import type { CertificateRequest, PlacedCertificate } from './model/certificate';
import { type DelegatedChallenge, delegatedChallenges, delegationFindings, zoneFile } from './model/delegation';
import { type Derivation, type Plan, plan } from './model/derive';
import { knownDerivation, knownRequest, textsOfDerivation, textsOfRequest } from './model/known';
import { locate } from './model/problem';
import type { DnsRecord } from './model/records';
import { check, settle } from './report';

/** What is left to a route after those of other routes were laid beside. */
export interface RouteShare {
  /** The names of its certificate; undefined where that of another route serves it, or a wildcard. */
  readonly certificateNames: readonly string[] | undefined;
  readonly records: readonly DnsRecord[];
}

/** What the constructs of a cluster ask for. */
export interface ClusterPlan {
  /** Certificates that are no route's. */
  readonly certificates: PlacedCertificate[];
  /** Routes, and how each takes its share when the app is complete. */
  readonly routes: { readonly derivation: Derivation; readonly take: (share: RouteShare) => void }[];
}

/** The plan of a cluster: what its constructs ask for is laid beside one another at each synthesis, always the same way. */
export const planOf = perCluster((cluster): ClusterPlan => {
  const asked: ClusterPlan = { certificates: [], routes: [] };
  let whole = plan([]);
  settle(cluster, () => {
    whole = plan(
      asked.routes.map(({ derivation }) => derivation),
      asked.certificates,
    );
    share(asked, whole);
  });
  const requests = () => [
    ...whole.certificates.map((request) => ({ request, at: request.name })),
    ...asked.certificates.map(({ request, at }) => ({ request, at })),
  ];
  check(cluster, () => [
    ...whole.problems,
    ...requests().flatMap(({ request, at }) => locate(delegationsOf([request]).flatMap(delegationFindings), at)),
  ]);
  addFiles(cluster, 'dns', () => delegationFiles(cluster, delegationsOf(requests().map(({ request }) => request))));
  checkLate(cluster, {
    texts: () => [
      ...asked.routes.flatMap(({ derivation }) => textsOfDerivation(derivation)),
      ...asked.certificates.flatMap(({ request }) => textsOfRequest(request)),
    ],
    problems: (reveal) =>
      plan(
        asked.routes.map(({ derivation }) => knownDerivation(derivation, reveal)),
        asked.certificates.map(({ request, at }) => ({ request: knownRequest(request, reveal), at })),
      ).problems,
  });
  return asked;
});

function delegationsOf(requests: readonly CertificateRequest[]): DelegatedChallenge[] {
  return requests.flatMap(({ dnsNames, issuer }) => delegatedChallenges(dnsNames, issuer));
}

/** One for each cluster: who keeps the zones may be another one for each. */
function delegationFiles(cluster: IConstruct, challenges: readonly DelegatedChallenge[]): AppFile[] {
  if (challenges.length === 0) return [];
  const prefix = Cluster.isCluster(cluster) ? `${cluster.node.path.replaceAll('/', '-')}.` : '';
  return [{ path: join(DNS_FOLDER, `${prefix}${DELEGATION_FILE}`), text: zoneFile(challenges) }];
}

function share({ routes }: ClusterPlan, { certificates, endpoints }: Plan): void {
  const names = new Map(certificates.map(({ namespace, name, dnsNames }) => [`${namespace}/${name}`, dnsNames]));
  const kept = new Map(endpoints.map(({ namespace, name, records }) => [`${namespace}/${name}`, records]));
  for (const { derivation, take } of routes) {
    const { certificate, route } = derivation;
    take({
      certificateNames: certificate && names.get(`${certificate.namespace}/${certificate.name}`),
      records: kept.get(`${route.namespace}/${route.name}`) ?? [],
    });
  }
}

/** What a program without the library writes for one route, by hand. */
export interface RouteObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** The objects of a route, as the library's own are: the benchmarks refuse to run where they differ. */
export function routeObjects(
  index: number,
): readonly [route: RouteObject, certificate: RouteObject, endpoint: RouteObject] {
  const name = `route-${index}`;
  const host = `host-${index}.example.com`;
  const labels = (component: string) => ({
    'app.kubernetes.io/name': 'traefik-ha',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': 'traefik-ha',
  });
  return [
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name, labels: labels('route') },
      spec: {
        ingressClassName: 'traefik',
        entryPoints: ['websecure'],
        routes: [
          {
            kind: 'Rule',
            match: `Host(\`${host}\`) && PathPrefix(\`/app\`)`,
            services: [{ kind: 'Service', name: `web-${index}`, port: 80 }],
          },
        ],
        tls: { secretName: `${name}-tls` },
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: `${name}-tls`, labels: labels('certificate') },
      spec: {
        secretName: `${name}-tls`,
        dnsNames: [host],
        issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        revisionHistoryLimit: 1,
      },
    },
    {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name, labels: labels('dns') },
      spec: { endpoints: [{ dnsName: host, recordTTL: 300, recordType: 'A', targets: ['203.0.113.10'] }] },
    },
  ];
}

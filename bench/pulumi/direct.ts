import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import './work';

class Route extends pulumi.ComponentResource {
  public constructor(name: string) {
    super('traefik-ha:index:IngressRouteWithTls', name);
  }
}

const labels = (instance: string, component: string) => ({
  'app.kubernetes.io/name': 'traefik-ha',
  'app.kubernetes.io/instance': instance,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/managed-by': 'traefik-ha',
});

// The registrations that components.ts makes, one by one.
for (let index = 0; index < 1000; index += 1) {
  const name = `route-${index}`;
  const host = `host-${index}.example.com`;
  const parent = new Route(name);
  const { CustomResource } = kubernetes.apiextensions;
  new CustomResource(
    `${name}/IngressRoute/shop/${name}`,
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name, namespace: 'shop', labels: labels(name, 'route') },
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
    { parent },
  );
  new CustomResource(
    `${name}/Certificate/shop/${name}-tls`,
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: `${name}-tls`, namespace: 'shop', labels: labels(name, 'certificate') },
      spec: {
        secretName: `${name}-tls`,
        dnsNames: [host],
        issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        revisionHistoryLimit: 1,
      },
    },
    { parent },
  );
  new CustomResource(
    `${name}/DNSEndpoint/shop/${name}`,
    {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name, namespace: 'shop', labels: labels(name, 'dns') },
      spec: { endpoints: [{ dnsName: host, recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] }] },
    },
    { parent },
  );
}

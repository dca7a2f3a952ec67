import { IMAGES, VERSIONS } from '../../../lib/versions';
import type { AcmeServer } from '../lab/acme-server';

/** What the runbook is for: a Traefik on each node's network, each with an ACME of its own, and one name for all. */
export const OWN_ACME = { namespace: 'own-acme', name: 'traefik' } as const;

export function ownAcmeObjects({ directory, caBundle }: AcmeServer, host: string): object[] {
  const labels = { app: OWN_ACME.name };
  const metadata = { ...OWN_ACME, labels };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: OWN_ACME.namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        'ca.pem': caBundle,
        'routes.yaml': JSON.stringify({
          http: {
            routers: {
              ping: {
                rule: `Host(\`${host}\`)`,
                entryPoints: ['websecure'],
                service: 'ping@internal',
                tls: { certResolver: 'own' },
              },
            },
          },
        }),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            hostNetwork: true,
            dnsPolicy: 'Default',
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'traefik',
                image: IMAGES.traefik(VERSIONS.traefik),
                args: ARGUMENTS(directory),
                volumeMounts: [
                  { name: 'configuration', mountPath: '/configuration' },
                  { name: 'certificates', mountPath: '/certificates' },
                ],
                readinessProbe: { httpGet: { path: '/ping', port: 18090, host: '127.0.0.1' }, periodSeconds: 1 },
              },
            ],
            volumes: [
              { name: 'configuration', configMap: { name: OWN_ACME.name } },
              { name: 'certificates', emptyDir: {} },
            ],
          },
        },
      },
    },
  ];
}

const ARGUMENTS = (directory: string) => [
  '--global.checkNewVersion=false',
  '--global.sendAnonymousUsage=false',
  '--log.level=INFO',
  '--entryPoints.traefik.address=127.0.0.1:18090',
  '--ping=true',
  '--entryPoints.web.address=:80',
  '--entryPoints.websecure.address=:443',
  '--providers.file.filename=/configuration/routes.yaml',
  '--certificatesResolvers.own.acme.email=ops@example.com',
  `--certificatesResolvers.own.acme.caServer=${directory}`,
  '--certificatesResolvers.own.acme.caCertificates=/configuration/ca.pem',
  '--certificatesResolvers.own.acme.storage=/certificates/acme.json',
  '--certificatesResolvers.own.acme.httpChallenge.entryPoint=web',
];

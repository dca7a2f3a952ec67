import { IMAGES } from '../../../lib/versions';
import type { Lab } from '../lab/lab';
import { ADDRESSES } from '../lab/network';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './backends';
import { TSIG_SECRET } from './environments';
import { SHOP } from './routes';

const NAME = 'theirs';
const NAMESPACE = 'edge';

/** What another team announces by a Service of its own: a name of its own, and one that is ours. */
export const theirService = {
  host: 'theirs.example.com',
  address: '203.0.113.99',
  status: { status: { loadBalancer: { ingress: [{ ip: '203.0.113.99' }] } } },
} as const;

/** Another team's external-dns, with an owner id, an account and a source of its own; it looks every two seconds. */
export function theirExternalDns(lab: Lab): object[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const labels = { app: NAME };
  const group = 'rbac.authorization.k8s.io';
  const args = [
    ...['--source=service', '--service-type-filter=LoadBalancer', `--label-filter=app=${NAME}`],
    ...['--provider=rfc2136', `--rfc2136-host=${ADDRESSES.dns}`, '--rfc2136-port=53', '--rfc2136-zone=example.com'],
    ...[`--rfc2136-tsig-keyname=${lab.dns.key.name}`, '--rfc2136-tsig-secret-alg=hmac-sha512', '--rfc2136-axfr'],
    ...['--domain-filter=example.com', '--policy=sync', '--registry=txt', `--txt-owner-id=${NAME}`, '--interval=2s'],
    '--txt-prefix=edns-%{record_type}.',
  ];
  const reads = (apiGroup: string, resources: readonly string[]) => ({
    ...{ apiGroups: [apiGroup], resources, verbs: ['get', 'list', 'watch'] },
  });
  const secret = {
    name: 'EXTERNAL_DNS_RFC2136_TSIG_SECRET',
    valueFrom: { secretKeyRef: { name: TSIG_SECRET.secretName, key: TSIG_SECRET.key } },
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRole',
      metadata: { name: NAME },
      rules: [reads('', ['services', 'pods', 'nodes', 'endpoints']), reads('discovery.k8s.io', ['endpointslices'])],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: NAME },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata,
        labels,
        annotations: { 'external-dns.kubernetes.io/hostname': `${theirService.host},${SHOP.host}` },
      },
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 443 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: NAME,
            enableServiceLinks: false,
            securityContext: RESTRICTED_POD,
            containers: [
              { name: NAME, image: IMAGES.externalDns, args, env: [secret], securityContext: RESTRICTED_CONTAINER },
            ],
          },
        },
      },
    },
  ];
}

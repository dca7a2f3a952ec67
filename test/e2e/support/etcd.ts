import { KvStore } from '../../../lib';
import { SWARM_IMAGES } from '../lab/swarm-images';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './backends';

/** An etcd of somebody else's in the cluster, and what its routes lead to, by addresses: pods find no names in the lab. */
export const ETCD = {
  namespace: 'etcd',
  store: KvStore.etcd({ endpoints: ['10.96.20.1:2379'] }),
  address: '10.96.20.1',
  shop: '10.96.20.2:80',
} as const;

/** One member, whose data is gone with its pod. */
export function etcdObjects(): object[] {
  const labels = { app: 'etcd' };
  const metadata = { name: 'etcd', namespace: ETCD.namespace, labels };
  const url = 'http://0.0.0.0:2379';
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: ETCD.address, selector: labels, ports: [{ port: 2379 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 2,
            securityContext: RESTRICTED_POD,
            containers: [
              {
                name: 'etcd',
                image: SWARM_IMAGES.etcd,
                command: ['/usr/local/bin/etcd', '--data-dir=/data/etcd', '--log-level=warn'],
                args: [`--listen-client-urls=${url}`, `--advertise-client-urls=http://${ETCD.address}:2379`],
                readinessProbe: { httpGet: { path: '/health', port: 2379 }, periodSeconds: 1 },
                securityContext: RESTRICTED_CONTAINER,
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        },
      },
    },
  ];
}

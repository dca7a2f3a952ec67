import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { LoadBalancer } from './load-balancer';

interface ServiceFacts {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly selector: Record<string, string>;
  readonly loadBalancer: LoadBalancer;
}

/** Where external-dns reads the name of a load balancer. */
export const HOSTNAME_ANNOTATION = 'external-dns.kubernetes.io/hostname';

/** The Service in front of Traefik: ports 80 and 443, in the shape that the load balancer needs. */
export function traefikService(
  scope: Construct,
  { name, labels, selector, loadBalancer }: ServiceFacts,
): k8s.KubeService {
  const { service, hostName } = loadBalancer;
  return new k8s.KubeService(scope, 'Service', {
    metadata: {
      name,
      labels,
      annotations: { ...(hostName ? { [HOSTNAME_ANNOTATION]: hostName } : {}), ...service.annotations },
    },
    spec: {
      type: service.type,
      ...service.spec,
      selector,
      ports: (['web', 'websecure'] as const).map((entryPoint) => ({
        name: entryPoint,
        port: entryPoint === 'web' ? 80 : 443,
        targetPort: k8s.IntOrString.fromString(entryPoint),
        protocol: 'TCP',
      })),
    },
  });
}

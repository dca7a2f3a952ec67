import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ServiceShape } from './front';

interface ServiceFacts {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly selector: Record<string, string>;
  readonly shape: ServiceShape;
  /** The name that external-dns gives the load balancer. */
  readonly hostName?: string;
}

/** Where external-dns reads the name of a load balancer. */
export const HOSTNAME_ANNOTATION = 'external-dns.kubernetes.io/hostname';

/** The Service in front of Traefik: ports 80 and 443, in the shape that what stands in front needs. */
export function traefikService(
  scope: Construct,
  { name, labels, selector, shape, hostName }: ServiceFacts,
): k8s.KubeService {
  return new k8s.KubeService(scope, 'Service', {
    metadata: {
      name,
      labels,
      annotations: { ...(hostName ? { [HOSTNAME_ANNOTATION]: hostName } : {}), ...shape.annotations },
    },
    spec: {
      type: shape.type,
      ...shape.spec,
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

import type { DrainProfile } from '../model/drain';
import type { Finding } from '../model/problem';
import type { ClientAddress } from './client-address';

/** What clients come through to Traefik: a load balancer, or nothing but DNS. */
export interface Front {
  /** How fast it forgets an instance. */
  readonly drain: DrainProfile;
  /** Whose word about the client's address is believed; undefined where nobody's is. */
  readonly clientAddress: ClientAddress | undefined;
  /** Where routes point, if it is known. */
  readonly dnsTargets: readonly string[] | undefined;
  /** How the Service looks. */
  readonly service: ServiceShape;
  /** What is wrong with it, reported by the TraefikHA that uses it. */
  readonly findings: readonly Finding[];
}

/** The fields of a Service that a front decides. */
export interface ServiceShape {
  readonly type: 'LoadBalancer' | 'ClusterIP';
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: {
    readonly clusterIp?: 'None';
    readonly externalTrafficPolicy?: 'Local' | 'Cluster';
    readonly loadBalancerClass?: string;
    readonly loadBalancerIp?: string;
    readonly allocateLoadBalancerNodePorts?: boolean;
    readonly loadBalancerSourceRanges?: string[];
  };
}

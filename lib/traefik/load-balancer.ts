import type { DrainProfile } from '../model/drain';
import { canonicalHost, hostFindings } from '../model/host';
import { mapFindings } from '../model/kube-name';
import { familyOf, networkFindings } from '../model/network';
import type { Finding } from '../model/problem';
import { type ClientAddress, trustFindings } from './client-address';
import type { Front, ServiceShape } from './front';

/** What every load balancer can be told. */
export interface LoadBalancerProps {
  /**
   * Annotations for its controller, added to those that the profile sets.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * The addresses that may connect, in CIDR notation.
   * @default - everyone
   */
  readonly sourceRanges?: readonly string[];
}

/** A load balancer of which nothing more is known. */
export interface GenericProps extends LoadBalancerProps {
  /**
   * The name that external-dns gives it once it has an address; routes become CNAMEs to it.
   * @default - none: routes say their own targets
   */
  readonly hostName?: string;
  /**
   * How the client's address is seen. `packet` keeps traffic on the node that it came to
   * (externalTrafficPolicy Local), which takes longer to drain.
   * @default - not at all: kube-proxy puts the node's address in its place
   */
  readonly clientAddress?: ClientAddress;
}

/** An AWS Network Load Balancer, made by the AWS Load Balancer Controller. */
export interface AwsNlbProps extends LoadBalancerProps {
  /** The name that external-dns gives it: its own is not known before it exists. Routes become CNAMEs to it. */
  readonly hostName: string;
  /**
   * What it sends to: pods (`ip`), or a port on every node (`instance`).
   * @default 'ip' - one hop less, and a target is a Traefik, so that its health is Traefik's
   */
  readonly targets?: 'ip' | 'instance';
  /**
   * Who can reach it.
   * @default 'internet-facing'
   */
  readonly scheme?: 'internet-facing' | 'internal';
  /**
   * The networks of the load balancer's subnets, in CIDR notation, to have it write the PROXY protocol and believe it.
   * @default - the client's address is kept in the packets
   */
  readonly proxyProtocolFrom?: readonly string[];
}

/** A load balancer whose addresses are known before it exists. */
export interface FixedAddressProps extends LoadBalancerProps {
  /** Its addresses, IPv4 and IPv6: the targets of every route. */
  readonly addresses: readonly string[];
  /**
   * How the client's address is seen.
   * @default - not at all
   */
  readonly clientAddress?: ClientAddress;
}

/**
 * What stands in front of Traefik: how the Service looks, how long draining takes, which addresses are believed,
 * and where routes point.
 */
export class LoadBalancer implements Front {
  /** Whatever the cluster has for Services of type LoadBalancer. Its address is not known, unless a host name is given. */
  public static generic(props: GenericProps = {}): LoadBalancer {
    const local = props.clientAddress?.by === 'packet';
    return new LoadBalancer({
      drain: local ? 'node-local' : 'generic',
      clientAddress: props.clientAddress,
      hostName: props.hostName && canonicalHost(props.hostName),
      service: {
        type: 'LoadBalancer',
        annotations: { ...props.annotations },
        spec: { externalTrafficPolicy: local ? 'Local' : 'Cluster', ...sources(props) },
      },
      findings: [...propsFindings(props), ...nameFindings(props.hostName), ...trustFindings(props.clientAddress)],
    });
  }

  /**
   * An AWS Network Load Balancer.
   *
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
   */
  public static awsNlb(props: AwsNlbProps): LoadBalancer {
    const { targets = 'ip', scheme = 'internet-facing', proxyProtocolFrom: trusted } = props;
    const clientAddress: ClientAddress = trusted ? { by: 'proxy-protocol', trusted } : { by: 'packet' };
    const byIp = targets === 'ip';
    return new LoadBalancer({
      drain: byIp ? 'nlb-ip' : 'node-local',
      clientAddress,
      hostName: canonicalHost(props.hostName),
      readinessGate: byIp,
      service: {
        type: 'LoadBalancer',
        annotations: { ...nlbAnnotations(targets, scheme, clientAddress), ...props.annotations },
        spec: {
          loadBalancerClass: 'service.k8s.aws/nlb',
          // Targets by ip need no port on the nodes; by instance only nodes with a Traefik should answer.
          ...(byIp ? { allocateLoadBalancerNodePorts: false } : { externalTrafficPolicy: 'Local' as const }),
          ...sources(props),
        },
      },
      findings: [...propsFindings(props), ...nameFindings(props.hostName), ...trustFindings(clientAddress)],
    });
  }

  /**
   * A load balancer with addresses of your own, such as MetalLB's. Without annotations a single address goes into
   * `loadBalancerIP`; with them, they say how the addresses are assigned.
   * Reports LB-01 where an address is none, LB-05 several of them without annotations.
   *
   * @example LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] })
   */
  public static fixedAddress(props: FixedAddressProps): LoadBalancer {
    const local = props.clientAddress?.by === 'packet';
    const assigned = props.annotations === undefined && props.addresses.length === 1;
    return new LoadBalancer({
      drain: local ? 'node-local' : 'generic',
      clientAddress: props.clientAddress,
      addresses: [...props.addresses],
      service: {
        type: 'LoadBalancer',
        annotations: { ...props.annotations },
        spec: {
          externalTrafficPolicy: local ? 'Local' : 'Cluster',
          loadBalancerIp: assigned ? props.addresses[0] : undefined,
          ...sources(props),
        },
      },
      findings: [
        ...addressFindings(props.addresses),
        ...assignmentFindings(props),
        ...propsFindings(props),
        ...trustFindings(props.clientAddress),
      ],
    });
  }

  /** None: Traefik is reached inside the cluster only, or something in front of it is declared elsewhere. */
  public static none(): LoadBalancer {
    return new LoadBalancer({
      drain: 'generic',
      service: { type: 'ClusterIP', annotations: {}, spec: {} },
      findings: [],
    });
  }

  /** How fast it forgets an instance. */
  public readonly drain: DrainProfile;
  /** Whose word about the client's address is believed; undefined where nobody's is. */
  public readonly clientAddress: ClientAddress | undefined;
  /** The name that it is announced under. */
  public readonly hostName: string | undefined;
  /** Its addresses, where they are known. */
  public readonly addresses: readonly string[];
  /** Whether pods should wait for it before they count as ready. */
  public readonly readinessGate: boolean;
  /** How the Service looks. */
  public readonly service: ServiceShape;
  /** What is wrong with it, reported by the TraefikHA that uses it. */
  public readonly findings: readonly Finding[];

  private constructor(facts: {
    drain: DrainProfile;
    clientAddress?: ClientAddress;
    hostName?: string;
    addresses?: readonly string[];
    readinessGate?: boolean;
    service: ServiceShape;
    findings: readonly Finding[];
  }) {
    this.drain = facts.drain;
    this.clientAddress = facts.clientAddress;
    this.hostName = facts.hostName;
    this.addresses = facts.addresses ?? [];
    this.readinessGate = facts.readinessGate ?? false;
    this.service = facts.service;
    this.findings = facts.findings;
  }

  /** Where routes point: its name, else its addresses, else undefined. */
  public get dnsTargets(): readonly string[] | undefined {
    if (this.hostName !== undefined) return [this.hostName];
    return this.addresses.length > 0 ? this.addresses : undefined;
  }
}

function nlbAnnotations(targets: string, scheme: string, { by }: ClientAddress): Record<string, string> {
  const prefix = 'service.beta.kubernetes.io/aws-load-balancer';
  const attributes = [`preserve_client_ip.enabled=${by === 'packet'}`, 'deregistration_delay.timeout_seconds=120'];
  return {
    [`${prefix}-nlb-target-type`]: targets,
    [`${prefix}-scheme`]: scheme,
    [`${prefix}-target-group-attributes`]: attributes.join(','),
    ...(by === 'proxy-protocol' ? { [`${prefix}-proxy-protocol`]: '*' } : {}),
    // A target by ip is a pod, and only Traefik's own answer says that it serves.
    ...(targets === 'ip'
      ? {
          [`${prefix}-healthcheck-protocol`]: 'http',
          [`${prefix}-healthcheck-port`]: '8080',
          [`${prefix}-healthcheck-path`]: '/ping',
        }
      : {}),
  };
}

function sources({ sourceRanges }: LoadBalancerProps): { loadBalancerSourceRanges?: string[] } {
  return sourceRanges ? { loadBalancerSourceRanges: [...sourceRanges] } : {};
}

function propsFindings({ sourceRanges, annotations }: LoadBalancerProps): Finding[] {
  return [...networkFindings('sourceRanges', sourceRanges ?? []), ...mapFindings('annotations', annotations)];
}

function addressFindings(addresses: readonly string[]): Finding[] {
  const invalid = addresses.length === 0 ? [''] : addresses.filter((address) => familyOf(address) === 0);
  return invalid.map((value) => ({
    code: 'LB-01',
    value,
    message: 'a fixed address is an IPv4 or IPv6 address',
    fix: "Write addresses: ['203.0.113.10'], or use LoadBalancer.generic({ hostName })",
  }));
}

/** LB-05 where nothing tells the implementation which addresses to assign. */
function assignmentFindings({ addresses, annotations }: FixedAddressProps): Finding[] {
  if (annotations !== undefined || addresses.length < 2) return [];
  return [
    {
      code: 'LB-05',
      value: addresses.join(', '),
      message: 'loadBalancerIP holds one address only, so nothing would have these assigned',
      fix: `Say it in the annotations of your implementation, such as { 'metallb.io/loadBalancerIPs': '${addresses.join(',')}' }`,
    },
  ];
}

function nameFindings(hostName: string | undefined): Finding[] {
  return hostName === undefined ? [] : hostFindings(canonicalHost(hostName));
}

import { type DrainProfile, NODE_TTL_SECONDS } from '../model/drain';
import { canonicalHost, hostFindings } from '../model/host';
import { mapFindings } from '../model/kube-name';
import { familyOf } from '../model/network';
import type { NodeAddressType, NodeRecordProps } from '../model/node-record';
import type { Finding } from '../model/problem';
import { targetFindings } from '../model/records';
import type { HostedZone } from '../model/zone';
import type { ClientAddress } from './client-address';
import type { Front, ServiceShape } from './front';

/** A taint of nodes that instances run on all the same. */
export interface EdgeToleration {
  /** The key of the taint. */
  readonly key: string;
  /**
   * Its value.
   * @default - whatever its value
   */
  readonly value?: string;
  /**
   * Its effect.
   * @default - whatever its effect
   */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Which nodes an edge runs on, and under which name. */
export interface EdgeNodesProps {
  /** The name of the nodes together, a round robin of their addresses; routes become CNAMEs to it. */
  readonly hostName: string;
  /**
   * Only nodes with these labels.
   * @default - every Linux node that its taints do not close
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints of nodes that do not keep instances away.
   * @default - none beside those that every DaemonSet bears
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
   */
  readonly tolerations?: readonly EdgeToleration[];
  /**
   * How long resolvers may keep the addresses, in seconds, from 1: a node that left is still asked for so long.
   * @default 60
   */
  readonly ttlSeconds?: number;
}

/** Nodes whose addresses are known. */
export interface FixedNodesProps extends EdgeNodesProps {
  /** The address of every node, IPv4 or IPv6. */
  readonly addresses: readonly string[];
  /**
   * The zones that the name may lie in; one that is seen only inside a private network may hold private addresses.
   * @default - not checked
   */
  readonly zones?: readonly HostedZone[];
}

/** Nodes that come and go. */
export interface WatchedNodesProps extends EdgeNodesProps {
  /**
   * Which of a node's addresses are announced.
   * @default - its ExternalIPs, else its InternalIPs
   */
  readonly addressType?: NodeAddressType;
}

/**
 * The nodes that Traefik runs on, on their own network, with nothing in front but DNS: one instance on each, at ports 80
 * and 443 of all of its addresses. Clients are seen by their own addresses.
 */
export class EdgeNodes implements Front {
  /**
   * Nodes whose record is kept by a `CertRotater` that is given `nodes: traefik.nodeRecord`: a node is in it while it is
   * Ready, not cordoned, and its instance answers. An instance that begins to stop leaves it first, so that a rolling
   * update drops no request of a client that honours the time to live.
   *
   * @example EdgeNodes.watched({ hostName: 'edge.example.com', labels: { 'example.com/edge': 'true' } })
   */
  public static watched(props: WatchedNodesProps): EdgeNodes {
    const ttlSeconds = props.ttlSeconds ?? NODE_TTL_SECONDS;
    // The addresses are not known yet; the time to live is looked at all the same.
    const findings = [
      ...hostFindings(canonicalHost(props.hostName)),
      ...targetFindings({ targets: ['203.0.113.10'], ttlSeconds }),
    ];
    return new EdgeNodes({ ...props, ttlSeconds, drain: { ttlSeconds }, findings });
  }

  /**
   * Nodes whose addresses are told, and stay in the record until the program says otherwise: also while a node is down,
   * and while its instance is replaced, for which `traefik-ha plan` says what to do.
   *
   * @example EdgeNodes.fixed({ hostName: 'edge.example.com', addresses: ['203.0.113.11', '203.0.113.12'] })
   */
  public static fixed(props: FixedNodesProps): EdgeNodes {
    const ttlSeconds = props.ttlSeconds ?? NODE_TTL_SECONDS;
    return new EdgeNodes({ ...props, ttlSeconds, drain: 'fixed-nodes', findings: addressFindings(props.addresses) });
  }

  public readonly drain: DrainProfile;
  /** The name of the nodes together. */
  public readonly hostName: string;
  /** The labels that nodes must have. */
  public readonly labels: Readonly<Record<string, string>>;
  /** The taints that do not keep instances away. */
  public readonly tolerations: readonly EdgeToleration[];
  /** How long resolvers may keep the addresses. */
  public readonly ttlSeconds: number;
  /** The addresses, where they are told; undefined where they are watched. */
  public readonly addresses: readonly string[] | undefined;
  /** The zones that the name may lie in. */
  public readonly zones: readonly HostedZone[];
  /** Packets come as clients send them. */
  public readonly clientAddress: ClientAddress = { by: 'packet' };
  /** A list of the instances, for those inside of the cluster who look for them: it balances nothing. */
  public readonly service: ServiceShape = { type: 'ClusterIP', annotations: {}, spec: { clusterIp: 'None' } };
  public readonly findings: readonly Finding[];
  private readonly addressType: NodeAddressType | undefined;

  private constructor(
    facts: WatchedNodesProps &
      Partial<FixedNodesProps> & { ttlSeconds: number; drain: DrainProfile; findings: readonly Finding[] },
  ) {
    this.drain = facts.drain;
    this.hostName = canonicalHost(facts.hostName);
    this.labels = { ...facts.labels };
    this.tolerations = [...(facts.tolerations ?? [])];
    this.ttlSeconds = facts.ttlSeconds;
    this.addresses = facts.addresses && [...facts.addresses];
    this.zones = [...(facts.zones ?? [])];
    this.addressType = facts.addressType;
    this.findings = [
      ...mapFindings('labels', this.labels),
      ...this.tolerations.flatMap(({ key, value = '' }) => mapFindings('labels', { [key]: value })),
      ...facts.findings,
    ];
  }

  public get dnsTargets(): readonly string[] {
    return [this.hostName];
  }

  /** What keeps the record of a Traefik that is called `name`; undefined where its addresses are told. */
  public recordOf({ namespace, name }: { readonly namespace: string; readonly name: string }) {
    if (this.addresses !== undefined) return undefined;
    const record: NodeRecordProps = {
      endpoint: `${namespace}/${name}-nodes`,
      hostName: this.hostName,
      ...(Object.keys(this.labels).length > 0 ? { labels: this.labels } : {}),
      service: `${namespace}/${name}`,
      ...(this.addressType ? { addressType: this.addressType } : {}),
      ttlSeconds: this.ttlSeconds,
    };
    return record;
  }
}

/** LB-01 where one of them is no address; what else is wrong with the record, its DNSEndpoint says. */
function addressFindings(addresses: readonly string[]): Finding[] {
  return addresses
    .filter((address) => familyOf(address) === 0)
    .map((value) => ({
      code: 'LB-01',
      value,
      message: 'a node is reached at an IPv4 or IPv6 address',
      fix: "Write addresses: ['203.0.113.11', '203.0.113.12'], one for each node",
    }));
}

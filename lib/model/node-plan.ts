import { canonicalHost, hostFindings } from './host';
import { referenceFindings } from './kube-name';
import { leavePlan, type PlanStep } from './leave-plan';
import { familyOf } from './network';
import type { Finding } from './problem';
import { targetFindings } from './records';

/** A node that is to be replaced. */
export interface PlannedNode {
  readonly name: string;
  /**
   * Where clients reach it.
   * @default - what the cluster says
   */
  readonly address?: string;
}

/** The edge whose nodes are replaced. */
export interface NodePlanRequest {
  readonly nodes: readonly PlannedNode[];
  /** Hosts that every node serves, to be asked for before a node is restored. */
  readonly hosts: readonly string[];
  /** How long resolvers may keep the addresses. */
  readonly ttlSeconds: number;
  /** Whether the controller keeps the record (`EdgeNodes.watched`), so that a cordoned node leaves it. */
  readonly isWatched: boolean;
}

/**
 * The rolling replacement of an edge's nodes, one after the other. The pod of a DaemonSet stays where it is while its
 * node is drained, and answers until the machine goes.
 */
export function nodePlan({ nodes, hosts, ttlSeconds, isWatched }: NodePlanRequest): PlanStep[] {
  return nodes.flatMap((node) => {
    const { name } = node;
    const address = addressOf(node);
    const cordon = [`kubectl cordon ${name}`];
    const uncordon = [`kubectl uncordon ${name}`];
    return leavePlan({
      ...{ who: name, ttlSeconds },
      withdraw: isWatched
        ? { says: 'The controller takes a cordoned node out of the record.', commands: cordon }
        : {
            says: 'No new client is sent there.',
            byHand: `Take ${address} out of EdgeNodes.fixed({ addresses }), and apply that.`,
            commands: cordon,
          },
      drain: {
        says: 'Everything but its Traefik moves to other nodes.',
        commands: [`kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data --timeout=600s`],
      },
      replace: {
        says: 'Nobody is sent there, and nothing else runs there.',
        byHand: 'Upgrade, restart or replace the machine; shut down in order, Traefik ends what is on its way.',
        commands: [`kubectl wait --for=condition=Ready node/${name} --timeout=1800s`],
      },
      verify: {
        says: 'It must serve what the others serve before anybody is sent there.',
        commands: [`traefik-ha verify --nodes ${address} ${hosts.map(canonicalHost).join(' ')}`],
      },
      restore: isWatched
        ? { says: 'The controller puts it back into the record.', commands: uncordon }
        : {
            says: 'Clients are sent there again.',
            byHand: `Put ${address} back into EdgeNodes.fixed({ addresses }), and apply that.`,
            commands: uncordon,
          },
    });
  });
}

/** For a shell, where the cluster knows it: an external one rather than an internal one. */
function addressOf({ name, address }: PlannedNode): string {
  if (address !== undefined) return address;
  const ofType = (type: string) => `{.status.addresses[?(@.type=="${type}")].address}`;
  const jsonPath = `${ofType('ExternalIP')} ${ofType('InternalIP')}`;
  return `"$(kubectl get node ${name} -o jsonpath='${jsonPath}' | awk '{ print $1 }')"`;
}

/** NAME-04 a node, LB-01 an address, HOST-01 and HOST-02 a host, DNS-05 the time to live: nothing else gets into a shell. */
export function nodePlanFindings({ nodes, hosts, ttlSeconds }: NodePlanRequest): Finding[] {
  return [
    ...nodes.flatMap(({ name }) => referenceFindings('a node', name)),
    ...nodes.flatMap(({ name, address }) => (address === undefined ? [] : addressFindings(name, address))),
    ...hosts.flatMap((host) => hostFindings(canonicalHost(host))),
    ...targetFindings({ targets: ['203.0.113.10'], ttlSeconds }),
  ];
}

function addressFindings(name: string, address: string): Finding[] {
  if (familyOf(address) !== 0) return [];
  return [
    {
      code: 'LB-01',
      value: address,
      message: 'a node is reached at an IPv4 or IPv6 address',
      fix: `Write ${name}=203.0.113.11, or ${name} alone for what the cluster says`,
    },
  ];
}

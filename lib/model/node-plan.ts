import { askedName, canonicalHost, hostFindings, isWildcard } from './host';
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
  /**
   * The port of HTTPS at that address.
   * @default 443
   */
  readonly port?: number;
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
  const names = hosts.map(canonicalHost);
  const compared = comparedNodes(nodes, names);
  return nodes.flatMap((node) => {
    const { name } = node;
    const address = node.address ?? `the address of ${name}`;
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
        says: `Before anybody is sent there, it must serve what ${nodes.length > 1 ? 'the other nodes of the plan' : 'the nodes that DNS has now'} serve.`,
        commands: [
          `npx traefik-ha verify --nodes ${compared} --watch --give-up ${GIVE_UP} ${names.map(quoted).join(' ')}`,
        ],
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

/** How long a Traefik may take to serve after its node is Ready. */
const GIVE_UP = '5m';

/**
 * Whom `verify` asks, for a shell: all nodes of the plan. Of a single one, also the nodes that DNS has now, by the name
 * of a host; `--dns` would blame the node for not being there.
 */
function comparedNodes(nodes: readonly PlannedNode[], hosts: readonly string[]): string {
  const given = nodes.flatMap(({ address, port }) => (address === undefined ? [] : [portedAddress(address, port)]));
  const unknown = nodes.filter(({ address }) => address === undefined).map(({ name }) => name);
  const [host = ''] = [...hosts].sort((a, b) => Number(isWildcard(a)) - Number(isWildcard(b)));
  const others = nodes.length === 1 ? [portedAddress(askedName(host), nodes[0]?.port)] : [];
  return [...given, ...(unknown.length > 0 ? [addressesOf(unknown)] : []), ...others].join(',');
}

/** A shell takes a wildcard for names of files. */
function quoted(host: string): string {
  return isWildcard(host) ? `'${host}'` : host;
}

function portedAddress(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  // A shell takes brackets for names of files.
  return familyOf(address) === 6 ? `'[${address}]:${port}'` : `${address}:${port}`;
}

/** What the cluster knows, separated by commas: of each an external address rather than an internal one. */
function addressesOf(names: readonly string[]): string {
  const ofType = (type: string) => `{.status.addresses[?(@.type=="${type}")].address}`;
  const addresses = `${ofType('ExternalIP')} ${ofType('InternalIP')}`;
  // One node is no list.
  const [path, print] =
    names.length === 1
      ? [addresses, '{ print $1 }']
      : [`{range .items[*]}${addresses}{"\\n"}{end}`, '{ printf "%s%s", comma, $1; comma = "," }'];
  return `"$(kubectl get node ${names.join(' ')} -o jsonpath='${path}' | awk '${print}')"`;
}

/**
 * What is wrong with each part, in its order: PLAN-01 no node, PLAN-02 a node twice, PLAN-03 no host, NAME-04 a node,
 * LB-01 an address, HOST-01 and HOST-02 a host, DNS-05 the time to live. Nothing else gets into a shell.
 */
export function nodePlanFindings({
  nodes,
  hosts,
  ttlSeconds,
}: NodePlanRequest): Readonly<Record<'nodes' | 'hosts' | 'ttlSeconds', readonly Finding[]>> {
  const names = nodes.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) < index));
  return {
    nodes: [
      ...(nodes.length === 0 ? [NO_NODE] : []),
      ...names.flatMap((name) => referenceFindings('a node', name)),
      ...[...twice].map((name) => ({ ...TWICE, value: name })),
      ...nodes.flatMap(({ name, address }) => (address === undefined ? [] : addressFindings(name, address))),
    ],
    hosts: hosts.length === 0 ? [NO_HOST] : hosts.flatMap((host) => hostFindings(canonicalHost(host))),
    ttlSeconds: targetFindings({ targets: ['203.0.113.10'], ttlSeconds }),
  };
}

const NO_NODE: Finding = {
  code: 'PLAN-01',
  value: '',
  message: 'no node that is replaced',
  fix: 'Name those that are, such as node1 node2',
};

const TWICE: Finding = {
  code: 'PLAN-02',
  value: '',
  message: 'a node is replaced once',
  fix: 'Name it once',
};

const NO_HOST: Finding = {
  code: 'PLAN-03',
  value: '',
  message: 'no host that each node must serve before it is restored',
  fix: 'Give --host shop.example.com',
};

function addressFindings(name: string, address: string): Finding[] {
  if (familyOf(address) !== 0) return [];
  return [
    {
      code: 'LB-01',
      value: address,
      message: 'a node is reached at an IPv4 or IPv6 address',
      fix: `Write ${name}=203.0.113.11 or ${name}=203.0.113.11:8443, or ${name} alone for what the cluster says`,
    },
  ];
}

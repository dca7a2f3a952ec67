import { dnsEndpointManifest } from '../dns/dns-endpoint-manifest';
import { familyOf } from '../model/network';
import { placementFindings } from '../model/placement';
import type { Problem } from '../model/problem';
import { recordSets } from '../model/records';
import type { HostedZone } from '../model/zone';
import { type DerivedObject, named } from './derive-routes';
import { type KubeObject, list, metadataOf, record, text } from './route-object';
import type { NodeSettings } from './settings';

/** The record of nodes, as it is to be at one time. */
export interface NodeRecord {
  /** Undefined where no node can be announced: what there is stays, since a name without addresses helps nobody. */
  readonly endpoint: DerivedObject | undefined;
  readonly problems: readonly Problem[];
  /** How many nodes have the labels. */
  readonly matching: number;
  /** How many of these are announced. */
  readonly announced: number;
}

/**
 * The record of the nodes that clients can be sent to: Ready, neither cordoned nor leaving, and with an endpoint that
 * answers where a Service is named.
 *
 * Reports NODE-01 where there is none, NODE-02 for one without an address that can be announced.
 *
 * @param slices the EndpointSlices of the Service
 */
export function nodeRecord(
  nodes: readonly KubeObject[],
  slices: readonly KubeObject[],
  settings: NodeSettings,
  zones: readonly HostedZone[],
): NodeRecord {
  const { endpoint, hostName, service, ttlSeconds } = settings;
  const serving = service && servingNodes(slices);
  const fit = nodes.filter((node) => isFit(node) && (serving?.has(metadataOf(node).name) ?? true));
  const reached = fit.map((node) => ({ node, addresses: addressesOf(node, settings, zones) }));
  const targets = reached.flatMap(({ addresses }) => addresses);
  const problems = reached.filter(({ addresses }) => addresses.length === 0).map(({ node }) => unreachable(node));
  return {
    endpoint:
      targets.length === 0
        ? undefined
        : named(
            dnsEndpointManifest({ ...endpoint, records: recordSets(hostName, { targets, ttlSeconds }) }),
            endpoint.name,
          ),
    problems: targets.length === 0 ? [...problems, nobody(settings, nodes.length)] : problems,
    matching: nodes.length,
    announced: reached.length - problems.length,
  };
}

/** The label by which load balancers, too, are told to leave a node out. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** What Cluster Autoscaler marks a node with that it is about to take away. */
const LEAVING = 'ToBeDeletedByClusterAutoscaler';

function isFit(node: KubeObject): boolean {
  const { spec, status, metadata } = node;
  const conditions = list(record(status).conditions).map(record);
  return (
    conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True') &&
    record(spec).unschedulable !== true &&
    record(metadata).deletionTimestamp === undefined &&
    !Object.hasOwn(metadataOf(node).labels, EXCLUDED) &&
    !list(record(spec).taints).some((taint) => record(taint).key === LEAVING)
  );
}

/** The nodes with an endpoint that is ready: one that has begun to stop is not. */
function servingNodes(slices: readonly KubeObject[]): ReadonlySet<string> {
  const endpoints = slices.flatMap(({ endpoints }) => list(endpoints).map(record));
  const ready = endpoints.filter(({ conditions }) => record(conditions).ready !== false);
  return new Set(ready.flatMap(({ nodeName }) => text(nodeName) ?? []));
}

/** Of the wanted type, as far as they may stand in the record; external ones rather than internal ones. */
function addressesOf(
  { status }: KubeObject,
  { hostName, addressType, ttlSeconds }: NodeSettings,
  zones: readonly HostedZone[],
): string[] {
  const all = list(record(status).addresses).map(record);
  const ofType = (type: string) =>
    all
      .filter((address) => address.type === type)
      .flatMap(({ address }) => text(address) ?? [])
      .filter((target) => familyOf(target) !== 0)
      .filter((target) => placementFindings(hostName, { targets: [target], ttlSeconds }, zones).length === 0);
  if (addressType !== undefined) return ofType(addressType);
  const external = ofType('ExternalIP');
  return external.length > 0 ? external : ofType('InternalIP');
}

function nobody({ endpoint: { namespace, name } }: NodeSettings, count: number): Problem {
  return {
    code: 'NODE-01',
    at: `DNSEndpoint ${namespace}/${name}`,
    value: `${count} with the labels`,
    message: 'no node is Ready, open to new pods and answering; the record stays as it was',
    fix: 'See kubectl get nodes, and the pods of the edge',
  };
}

function unreachable(node: KubeObject): Problem {
  return {
    code: 'NODE-02',
    at: `Node ${metadataOf(node).name}`,
    value: list(record(node.status).addresses)
      .map((address) => `${record(address).type} ${record(address).address}`)
      .join(', '),
    message: 'it has no address that the record may hold, so that nobody is sent to it',
    fix: 'Say addressType, or where the name lies in a private zone, zones: [{ name, private: true }]',
  };
}

import { namespaceFindings, referenceFindings } from './kube-name';
import type { Finding } from './problem';

/** Which kind of a node's addresses is announced. */
export type NodeAddressType = 'ExternalIP' | 'InternalIP';

/** The record of an edge that runs on nodes, kept current by the controller: a round robin of their addresses. */
export interface NodeRecordProps {
  /** The DNSEndpoint that holds the record, as `namespace/name`; nothing else may write it. */
  readonly endpoint: string;
  /** The name that is announced. */
  readonly hostName: string;
  /**
   * Only nodes with these labels.
   * @default - whatever their labels
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The Service whose ready endpoints say on which nodes something answers, as `namespace/name`. Where an endpoint begins
   * to stop, its node leaves the record at once, and comes back with the endpoint that follows.
   * @default - every node that is ready counts, whatever runs on it
   */
  readonly service?: string;
  /**
   * Which of a node's addresses are announced.
   * @default - its ExternalIPs, else its InternalIPs
   */
  readonly addressType?: NodeAddressType;
  /**
   * How long resolvers may keep the answer, in seconds, from 1: a node that left is still asked for so long.
   * @default 60
   */
  readonly ttlSeconds?: number;
}

/** The namespace and the name that `reference` consists of. */
export function splitReference(reference: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = reference.split('/');
  return { namespace, name };
}

/** NAME-04 where `reference`, given as `property`, names no object in no namespace. */
export function namespacedFindings(property: string, reference: string): Finding[] {
  const { namespace, name } = splitReference(reference);
  return [...namespaceFindings(property, namespace), ...referenceFindings(property, name)];
}

/** The labels of nodes as a selector of the API server. */
export function nodeSelector(labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

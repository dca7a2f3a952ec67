import { canonicalHost, covers, hostFindings } from '../model/host';
import type { Problem } from '../model/problem';
import {
  isRoute,
  type KubeObject,
  list,
  metadataOf,
  type PlacedObject,
  readRoute,
  record,
  text,
} from '../rotater/route-object';
import type { Declaration, DeclaredHost } from './declaration';
import { type NodeAddress, parseNode } from './node';

/** What manifests declare, and what is left out, with the reason. */
export interface ReadManifests {
  readonly declaration: Declaration;
  readonly notes: readonly Problem[];
}

/**
 * The hosts of the routes that end TLS in `objects`, and the nodes that DNSEndpoints announce them at. Notes are those
 * of `readRoute`, and VERIFY-10 for a route that ends no TLS.
 */
export function readManifests(objects: readonly PlacedObject[]): ReadManifests {
  const announced = announcements(objects.map(({ object }) => object));
  const hosts: DeclaredHost[] = [];
  const notes: Problem[] = [];
  for (const placed of objects.filter(({ object }) => isRoute(object))) {
    const { kind, route, hasTls, problems, notices } = readRoute(placed);
    notes.push(...problems, ...notices);
    if (!hasTls && route.hosts.length > 0) notes.push(withoutTls(placed, route.hosts));
    if (!hasTls) continue;
    const { namespace } = metadataOf(placed.object);
    const { secretName } = route;
    for (const host of route.hosts.filter((one) => hostFindings(one).length === 0)) {
      hosts.push({
        host,
        nodes: nodesOf(host, announced).flatMap((node) => behind(node, announced)),
        isHttp: kind === 'IngressRoute',
        secret: secretName === undefined ? undefined : { namespace, name: secretName },
      });
    }
  }
  return { declaration: { hosts: hosts.sort((a, b) => (a.host < b.host ? -1 : 1)), nodes: [] }, notes };
}

function withoutTls({ at }: PlacedObject, hosts: readonly string[]): Problem {
  return {
    code: 'VERIFY-10',
    at,
    value: hosts.join(', '),
    message: 'the route ends no TLS, so that there is no certificate to ask for',
    fix: 'Give it tls, or leave it so where TLS is passed on or not meant',
  };
}

/** The targets of each name that DNSEndpoints announce. */
function announcements(objects: readonly KubeObject[]): ReadonlyMap<string, readonly NodeAddress[]> {
  const announced = new Map<string, readonly NodeAddress[]>();
  for (const object of objects.filter(({ kind }) => kind === 'DNSEndpoint')) {
    for (const endpoint of list(record(object.spec).endpoints).map(record)) {
      if (!['A', 'AAAA', 'CNAME'].includes(text(endpoint.recordType) ?? '')) continue;
      const name = canonicalHost(text(endpoint.dnsName) ?? '');
      const nodes = list(endpoint.targets).flatMap((target) => {
        const parsed = parseNode(text(target) ?? '');
        return 'node' in parsed ? [parsed.node] : [];
      });
      announced.set(name, [...(announced.get(name) ?? []), ...nodes]);
    }
  }
  return announced;
}

/** Where a name leads to that is announced in its turn, such as that of all nodes of an edge. */
function behind(
  node: NodeAddress,
  announced: ReadonlyMap<string, readonly NodeAddress[]>,
  seen: readonly string[] = [],
): readonly NodeAddress[] {
  // Names that lead to one another lead nowhere, as DNS will say.
  const own = seen.includes(node.host) ? undefined : announced.get(node.host);
  return own?.flatMap((one) => behind(one, announced, [...seen, node.host])) ?? [node];
}

/** Those of the name itself; else those of the wildcard above it. */
function nodesOf(host: string, announced: ReadonlyMap<string, readonly NodeAddress[]>): readonly NodeAddress[] {
  const own = announced.get(host);
  if (own) return own;
  const wildcard = `*${host.slice(host.indexOf('.'))}`;
  return covers(wildcard, host) ? (announced.get(wildcard) ?? []) : [];
}

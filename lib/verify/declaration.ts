import { covers, isWildcard } from '../model/host';
import type { NodeAddress } from './node';

/** Which hosts there are, and which nodes are to serve them: what files, manifests and clusters say alike. */
export interface Declaration {
  readonly hosts: readonly DeclaredHost[];
  /** The nodes of hosts that have none of their own. */
  readonly nodes: readonly NodeAddress[];
}

/** A host that is to be served over TLS. */
export interface DeclaredHost {
  /** Canonical; may be a wildcard. */
  readonly host: string;
  /** The nodes that serve it; empty for those of all. */
  readonly nodes: readonly NodeAddress[];
  /** Whether HTTP is spoken there. */
  readonly isHttp: boolean;
  /** Where its certificate is kept; undefined where the default TLSStore has it, or where nothing is known. */
  readonly secret?: SecretKey;
}

export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
}

/** What several declarations say together: each host once. */
export function together(declarations: readonly Declaration[]): Declaration {
  const hosts = new Map<string, DeclaredHost>();
  for (const one of declarations.flatMap((declaration) => declaration.hosts)) {
    const known = hosts.get(one.host);
    hosts.set(one.host, {
      host: one.host,
      nodes: uniqueNodes([...(known?.nodes ?? []), ...one.nodes]),
      isHttp: one.isHttp || (known?.isHttp ?? false),
      secret: known?.secret ?? one.secret,
    });
  }
  return { hosts: [...hosts.values()], nodes: uniqueNodes(declarations.flatMap(({ nodes }) => nodes)) };
}

/** Of `declaration` the `wanted` hosts; all where none is wanted. What is not declared is served by all nodes. */
export function chosen({ hosts, nodes }: Declaration, wanted: readonly string[]): Declaration {
  if (wanted.length === 0) return { hosts, nodes };
  const byHost = new Map(hosts.map((one) => [one.host, one]));
  const wildcards = hosts.filter(({ host }) => isWildcard(host));
  const choose = (host: string): DeclaredHost => {
    const declared = byHost.get(host) ?? wildcards.find((one) => covers(one.host, host));
    return declared ? { ...declared, host } : { host, nodes: [], isHttp: true };
  };
  return { hosts: [...new Set(wanted)].map(choose), nodes };
}

/** `declaration` with `nodes` for each of its hosts, whatever it says itself. */
export function servedBy({ hosts }: Declaration, nodes: readonly NodeAddress[]): Declaration {
  return { hosts: hosts.map((one) => ({ ...one, nodes: [] })), nodes: uniqueNodes(nodes) };
}

function uniqueNodes(nodes: readonly NodeAddress[]): NodeAddress[] {
  return [...new Map(nodes.map((node) => [`${node.host} ${node.port ?? ''}`, node])).values()];
}

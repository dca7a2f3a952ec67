import { Construct, type IConstruct } from 'constructs';

const CLUSTER = Symbol.for('traefik-ha.Cluster');

/**
 * One Kubernetes cluster of an app that declares several: what must be unique in a cluster (default TLS objects,
 * names of objects, hosts of certificates) is looked for among its charts only.
 * An app without any `Cluster` is one cluster.
 *
 * @example
 * const west = new Cluster(app, 'west');
 * const chart = new Chart(west, 'edge', { namespace: 'edge' });
 */
export class Cluster extends Construct {
  /** Whether `construct` is a `Cluster`, of this or another copy of the library. */
  public static isCluster(construct: IConstruct): boolean {
    return CLUSTER in construct;
  }

  /** The cluster that `construct` is declared in: the nearest `Cluster` around it, else its app. */
  public static of(construct: IConstruct): IConstruct {
    for (let scope = construct; ; scope = scope.node.scope) {
      if (Cluster.isCluster(scope) || scope.node.scope === undefined) return scope;
    }
  }

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    Object.defineProperty(this, CLUSTER, { value: true });
  }
}

/**
 * A collection that each cluster has one of, made on first use: how constructs of one cluster know of one another
 * without being handed around.
 */
export function perCluster<T>(create: (cluster: IConstruct) => T): (construct: IConstruct) => T {
  return collection(Cluster.of, create);
}

/** A collection that each app has one of, made on first use. */
export function perApp<T>(create: (app: IConstruct) => T): (construct: IConstruct) => T {
  return collection((construct) => construct.node.root, create);
}

function collection<T>(ownerOf: (construct: IConstruct) => IConstruct, create: (owner: IConstruct) => T) {
  const collections = new WeakMap<IConstruct, { value: T }>();
  return (construct: IConstruct): T => {
    const owner = ownerOf(construct);
    const known = collections.get(owner);
    if (known) return known.value;
    const value = create(owner);
    collections.set(owner, { value });
    return value;
  };
}

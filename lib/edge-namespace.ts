import { ApiObject, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import { perCluster } from './cluster';
import { mapFindings } from './model/kube-name';
import { NO_NAMESPACE, nameOf, recommendedLabels } from './naming';
import { RESTRICTED_NAMESPACE } from './pod-security';
import { check, report } from './report';

/** How an {@link EdgeNamespace} is called and labelled. */
export interface EdgeNamespaceProps {
  /**
   * The namespace.
   * @default - the ids below the chart
   */
  readonly name?: string;
  /**
   * More labels.
   * @default - none beside those of Pod Security
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The namespaces that a cluster's program makes. */
const namespacesOf = perCluster((cluster) => {
  const declared = new Map<string, EdgeNamespace>();
  check(cluster, () => {
    for (const chart of cluster.node.findAll().filter((construct) => construct instanceof Chart)) {
      putFirst(chart, declared.get(chart.namespace ?? ''));
    }
    return [];
  });
  return declared;
});

/**
 * Has `namespace` applied before what `chart` puts into it. One dependency is enough: an object comes after what it
 * depends on, and everything else stays behind the first.
 */
function putFirst(chart: Chart, namespace: EdgeNamespace | undefined): void {
  const first = firstObject(chart);
  if (namespace && first && first !== namespace.resource) first.addDependency(namespace.resource);
}

function firstObject(construct: IConstruct): ApiObject | undefined {
  if (construct instanceof ApiObject) return construct;
  for (const child of construct.node.children) {
    const found = child instanceof Chart ? undefined : firstObject(child);
    if (found) return found;
  }
  return undefined;
}

/**
 * A namespace that takes only pods of the `restricted` Pod Security Standard.
 *
 * Reports NAME-06 for labels.
 *
 * @example
 * const chart = new Chart(app, 'shop', { namespace: 'shop' });
 * new EdgeNamespace(chart, 'namespace', { name: 'shop' });
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export class EdgeNamespace extends Construct {
  /** Whether an `EdgeNamespace` of the cluster that `scope` belongs to has that name already. */
  public static isDeclared(scope: Construct, name: string): boolean {
    return namespacesOf(scope).has(name);
  }

  /** The namespace. */
  public readonly name: string;
  /** The object, which what lives in the namespace can depend on. */
  public readonly resource: k8s.KubeNamespace;

  public constructor(scope: Construct, id: string, props: EdgeNamespaceProps = {}) {
    super(scope, id);
    this.name = nameOf(this, props.name);
    namespacesOf(this).set(this.name, this);
    report(this, mapFindings('labels', props.labels));
    this.resource = new k8s.KubeNamespace(this, 'Resource', {
      metadata: {
        name: this.name,
        namespace: NO_NAMESPACE,
        labels: {
          ...recommendedLabels({ instance: this.name, component: 'namespace' }),
          ...RESTRICTED_NAMESPACE,
          ...props.labels,
        },
      },
    });
  }
}

import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { isAppliedAfter } from './chart-order';
import { perCluster } from './cluster';
import { recommendedLabels } from './labels';
import { mapFindings } from './model/kube-name';
import type { Problem } from './model/problem';
import { NO_NAMESPACE, nameOf } from './naming';
import { HOST_NETWORK_NAMESPACE, RESTRICTED_NAMESPACE } from './pod-security';
import { check, report, settle } from './report';

/** How an {@link EdgeNamespace} is called and labelled. */
export interface EdgeNamespaceProps {
  /**
   * The namespace.
   * @default - the namespace of the chart
   */
  readonly name?: string;
  /**
   * More labels.
   * @default - none beside those of Pod Security
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Whether it takes pods on the network of their nodes, for a `TraefikHA` with `nodes`. Pod Security permits that at
   * `privileged` alone, where it refuses nothing any more: leave such a namespace to the edge.
   * @default false
   */
  readonly hostNetwork?: boolean;
}

/** The namespaces that a cluster's program makes. */
const namespacesOf = perCluster((cluster) => {
  const declared = new Map<string, EdgeNamespace>();
  let problems: Problem[] = [];
  settle(cluster, (objectsOf) => {
    const charts = new Map<Chart, Set<string>>();
    for (const { chart, metadata } of objectsOf(cluster)) {
      const namespaces = charts.get(chart) ?? new Set([chart.namespace ?? '']);
      // Roles, for one, lie in the namespaces that they are for.
      charts.set(chart, namespaces.add(metadata.namespace ?? ''));
    }
    problems = [...charts].flatMap(([chart, namespaces]) =>
      [...namespaces].flatMap((namespace) => putFirst(chart, declared.get(namespace))),
    );
  });
  check(cluster, () => problems);
  return declared;
});

/** Has `namespace` applied before what `chart` puts into it. NAME-07 where `chart` has to be applied first. */
function putFirst(chart: Chart, namespace: EdgeNamespace | undefined): Problem[] {
  if (!namespace) return [];
  const home = Chart.of(namespace);
  if (home !== chart && isAppliedAfter(home, chart)) {
    return [
      {
        code: 'NAME-07',
        at: chart.node.path,
        value: namespace.name,
        message: `the chart is applied before ${home.node.path}, which makes its namespace`,
        fix: "Declare the EdgeNamespace first, in a chart that neither of them is in: new Chart(app, 'namespaces')",
      },
    ];
  }
  // All of the chart depends on it: behind one object alone, others could still come first.
  chart.node.addDependency(home === chart ? namespace.resource : home);
  return [];
}

/**
 * A namespace that takes only pods of the `restricted` Pod Security Standard, unless it is one for the network of nodes.
 *
 * Reports NAME-06 for labels, NAME-07 where a chart that puts objects into it must be applied before it.
 *
 * @example
 * const chart = new Chart(app, 'shop', { namespace: 'shop' });
 * new EdgeNamespace(chart, 'namespace');
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export class EdgeNamespace extends Construct {
  /** Whether an `EdgeNamespace` of the cluster that `scope` belongs to has that name already. */
  public static isDeclared(scope: Construct, name: string): boolean {
    return EdgeNamespace.find(scope, name) !== undefined;
  }

  /** The `EdgeNamespace` of that name in the cluster that `scope` belongs to, if it is declared already. */
  public static find(scope: Construct, name: string): EdgeNamespace | undefined {
    return namespacesOf(scope).get(name);
  }

  /** The namespace. */
  public readonly name: string;
  /** Whether it takes pods on the network of their nodes. */
  public readonly hostNetwork: boolean;
  /** The object, which what lives in the namespace can depend on. */
  public readonly resource: k8s.KubeNamespace;

  public constructor(scope: Construct, id: string, props: EdgeNamespaceProps = {}) {
    super(scope, id);
    this.name = nameOf(this, props.name ?? Chart.of(this).namespace);
    this.hostNetwork = props.hostNetwork ?? false;
    namespacesOf(this).set(this.name, this);
    report(this, mapFindings('labels', props.labels));
    this.resource = new k8s.KubeNamespace(this, 'Resource', {
      metadata: {
        name: this.name,
        namespace: NO_NAMESPACE,
        labels: {
          ...recommendedLabels({ instance: this.name, component: 'namespace' }),
          ...(this.hostNetwork ? HOST_NETWORK_NAMESPACE : RESTRICTED_NAMESPACE),
          ...props.labels,
        },
      },
    });
  }
}

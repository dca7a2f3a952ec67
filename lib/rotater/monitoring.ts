import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { mapFindings, namespaceFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';

/** Who watches a `CertRotater`. */
export interface RotaterMonitoring {
  /** The namespace that Prometheus runs in, which alone may read the metrics. */
  readonly namespace: string;
  /**
   * A PodMonitor and alerts for the Prometheus Operator, whose kinds must be in the cluster, with the labels that its
   * Prometheus selects by.
   * @default - none; the metrics are on port 8080, `/metrics`
   * @see https://prometheus-operator.dev/docs/developer/getting-started/
   */
  readonly operator?: { readonly labels?: Readonly<Record<string, string>> };
}

export function monitoringFindings({ namespace, operator }: RotaterMonitoring): Finding[] {
  return [...namespaceFindings('monitoring.namespace', namespace), ...mapFindings('labels', operator?.labels)];
}

interface Monitored {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

/** The PodMonitor and the PrometheusRule of a rotater, where the Prometheus Operator is there to read them. */
export function monitor(scope: Construct, rotater: Monitored, { operator }: RotaterMonitoring): void {
  if (operator === undefined) return;
  const { name, namespace, selector } = rotater;
  const metadata = { name, labels: { ...rotater.labels, ...operator.labels } };
  new ApiObject(scope, 'PodMonitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata,
    spec: { selector: { matchLabels: selector }, podMetricsEndpoints: [{ port: 'status', path: '/metrics' }] },
  });
  new ApiObject(scope, 'Alerts', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata,
    spec: { groups: [{ name: `${namespace}/${name}`, rules: alerts({ namespace, name }) }] },
  });
}

function alerts({ namespace, name }: Pick<Monitored, 'namespace' | 'name'>): object[] {
  const series = `{namespace="${namespace}", pod=~"${name}-.*"}`;
  const labels = { severity: 'warning' };
  return [
    {
      alert: 'TraefikHaRotaterDown',
      expr: `max(traefik_ha_ready${series}) < 1 or absent(traefik_ha_ready${series})`,
      for: '10m',
      labels,
      annotations: {
        summary: `No instance of ${namespace}/${name} has seen the cluster: new routes get no certificate.`,
      },
    },
    {
      alert: 'TraefikHaRouteProblems',
      // Instances see the same.
      expr: `max by (code) (traefik_ha_problems${series}) > 0`,
      for: '15m',
      labels,
      annotations: {
        summary: 'Something is wrong with {{ $value }} routes ({{ $labels.code }}); Events on these say what.',
      },
    },
    {
      alert: 'TraefikHaNodesMissing',
      expr: `max(traefik_ha_announced_nodes${series}) < max(traefik_ha_nodes${series})`,
      for: '30m',
      labels,
      annotations: { summary: `Nodes of the edge are not in the record that ${namespace}/${name} keeps.` },
    },
    {
      alert: 'TraefikHaWatchesBreak',
      expr: `sum(increase(traefik_ha_broken_watches_total${series}[15m])) > 20`,
      for: '15m',
      labels,
      annotations: { summary: `${namespace}/${name} keeps losing the API server: what it knows may be old.` },
    },
    {
      alert: 'TraefikHaWritesFail',
      expr: `sum by (action) (increase(traefik_ha_write_failures_total${series}[15m])) > 0`,
      for: '30m',
      labels,
      annotations: { summary: `${namespace}/${name} cannot {{ $labels.action }} what routes need; its log says why.` },
    },
  ];
}

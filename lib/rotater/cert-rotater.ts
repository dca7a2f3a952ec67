import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { deploymentObject } from '../deployment';
import { digestOf } from '../digest';
import { disruptionBudget } from '../disruption-budget';
import { recommendedLabels } from '../labels';
import { decideLate } from '../late';
import { imageFindings } from '../model/image';
import type { Finding } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { permitEach } from '../permission';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../pod-security';
import { report, reportAll } from '../report';
import { requireProps } from '../required';
import { monitor, monitoringFindings, type RotaterMonitoring } from './monitoring';
import { rotaterRules } from './rotater-rules';
import type { RotaterSettingsProps } from './settings-props';

/** How a {@link CertRotater} runs. */
export interface CertRotaterProps {
  /** The image that holds `traefik-ha controller`, pinned; `docs/rotater.md` has the Dockerfile. */
  readonly image: string;
  /** Which routes are looked at, and what is derived from them. */
  readonly settings: RotaterSettingsProps;
  /**
   * How many instances, from 1; all of them work, and none waits for another.
   * @default 2 - so that one is there while a node is drained
   */
  readonly replicas?: number;
  /**
   * The ports that the API server listens on itself, from 1 to 65535, which its pods may then reach: policies see these,
   * and not the 443 of its Service.
   * @default [443, 6443]
   */
  readonly apiServerPorts?: readonly number[];
  /**
   * Who watches it.
   * @default - nobody, and nobody may read its metrics
   */
  readonly monitoring?: RotaterMonitoring;
  /**
   * What it says of itself.
   * @default 'info'
   */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

const PORT = 8080;

/**
 * The controller that gives routes of others their certificates and records: from each IngressRoute and IngressRouteTCP
 * a Certificate `<route>-tls` and a DNSEndpoint `<route>`, which go when the route goes.
 *
 * Its permissions are those of what its settings ask for, in the namespaces that they name.
 *
 * Reports SETTINGS-01 to SETTINGS-03 and what the settings' values are refused for; IMAGE-01 an image that is not
 * pinned, ROTATER-01 fewer than one instance, ROTATER-02 a port that is none, NAME-04 a namespace and NAME-06 labels that can be none.
 *
 * @example
 * new CertRotater(chart, 'rotater', {
 *   image: 'registry.example.com/traefik-ha:0.1.0',
 *   settings: { certificates: { issuer: 'letsencrypt' }, dns: { service: 'edge/traefik' } },
 * });
 */
export class CertRotater extends Construct {
  /** The name of its objects. */
  public readonly name: string;
  /** The Deployment, to patch what has no property here. */
  public readonly deployment: ApiObject;

  public constructor(scope: Construct, id: string, props: CertRotaterProps) {
    super(scope, id);
    requireProps(this, props, 'image', 'settings');
    this.name = nameOf(this, props.name);
    const namespace = namespaceOf(this);
    const { settings, replicas = 2, monitoring, apiServerPorts = [443, 6443] } = props;
    const problemsOf = (raw: unknown) =>
      readSettings(raw, (path) => [this.node.path, ...path.map(String)].join(' ')).problems;
    reportAll(this, problemsOf(settings));
    report(this, [
      ...imageFindings(props.image),
      ...replicaFindings(replicas),
      ...portFindings(apiServerPorts),
      ...(monitoring === undefined ? [] : monitoringFindings(monitoring)),
    ]);

    const { name } = this;
    const labels = recommendedLabels({ instance: name, component: 'rotater' });
    const selector = { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/component': 'rotater' };
    const text = JSON.stringify(settings, undefined, 2);
    new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name, labels },
      automountServiceAccountToken: false,
    });
    const permission = { name: `${namespace}-${name}`, labels, account: { name, namespace } };
    permitEach(this, permission, rotaterRules(settings));
    const data = { 'settings.json': `${text}\n` };
    decideLate(new k8s.KubeConfigMap(this, 'Settings', { metadata: { name, labels }, data }), {
      texts: () => [text],
      problems: (reveal) =>
        problemsOf(JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? reveal(value) : value))),
    });
    new k8s.KubeNetworkPolicy(this, 'NetworkPolicy', {
      metadata: { name, labels },
      spec: networkPolicy(selector, { apiServerPorts, monitoring: monitoring?.namespace }),
    });
    new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
      metadata: { name, labels },
      spec: disruptionBudget(selector),
    });
    if (monitoring) monitor(this, { name, namespace, labels, selector }, monitoring);
    const digest = digestOf(text);
    this.deployment = deploymentObject(this, { name, labels }, () =>
      deploymentSpec({ ...props, name, namespace, labels, selector, replicas, digest }),
    );
  }
}

/** Settings are checked by their schema, which is loaded where there are any. */
function readSettings(...args: Parameters<typeof import('./read-settings').readSettings>) {
  return (require('./read-settings') as typeof import('./read-settings')).readSettings(...args);
}

/** ROTATER-01 where there would be no instance. */
function replicaFindings(replicas: number): Finding[] {
  if (Number.isInteger(replicas) && replicas >= 1) return [];
  return [
    {
      code: 'ROTATER-01',
      value: String(replicas),
      message: 'without an instance nothing is derived',
      fix: 'Leave replicas out for 2',
    },
  ];
}

/** ROTATER-02 where what the API server would listen on is no port. */
function portFindings(ports: readonly number[]): Finding[] {
  return ports
    .filter((port) => !Number.isInteger(port) || port < 1 || port > 65535)
    .map((port) => ({
      code: 'ROTATER-02',
      value: String(port),
      message: 'not a port',
      fix: 'Write apiServerPorts: [6443], or leave it out',
    }));
}

/** Nobody reaches it but Prometheus; it reaches the API server, whose address is not known here, and DNS. */
function networkPolicy(
  selector: Record<string, string>,
  { apiServerPorts, monitoring }: { apiServerPorts: readonly number[]; monitoring: string | undefined },
): k8s.NetworkPolicySpec {
  const port = (protocol: string, number: number) => ({ protocol, port: k8s.IntOrString.fromNumber(number) });
  return {
    podSelector: { matchLabels: selector },
    policyTypes: ['Ingress', 'Egress'],
    // An empty list would be applied anew each time: the API server keeps it as none.
    ingress:
      monitoring === undefined
        ? undefined
        : [
            {
              from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': monitoring } } }],
              ports: [port('TCP', PORT)],
            },
          ],
    egress: [{ ports: [...apiServerPorts.map((each) => port('TCP', each)), port('UDP', 53), port('TCP', 53)] }],
  };
}

interface Workload extends Pick<CertRotaterProps, 'image' | 'logLevel'> {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly selector: Record<string, string>;
  readonly replicas: number;
  /** Of the settings: pods are replaced when these change. */
  readonly digest: string;
}

function deploymentSpec(workload: Workload): k8s.DeploymentSpec {
  const { name, labels, selector, replicas, digest } = workload;
  return {
    replicas,
    // Instances of other settings, or of another version, would undo each other's work; nobody misses it for seconds.
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels, annotations: { 'traefik-ha/settings': digest } },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        securityContext: RESTRICTED_POD,
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: selector },
          },
        ],
        containers: [container(workload)],
        volumes: [{ name: 'settings', configMap: { name } }],
      },
    },
  };
}

function container({ image, name, namespace, logLevel = 'info' }: Workload): k8s.Container {
  const probe = (path: string) => ({
    httpGet: { path, port: k8s.IntOrString.fromString('status') },
    timeoutSeconds: 2,
  });
  return {
    name: 'controller',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      ...['controller', '--config=/etc/traefik-ha/settings.json', `--name=${namespace}/${name}`],
      ...[`--port=${PORT}`, `--log-level=${logLevel}`],
    ],
    ports: [{ name: 'status', containerPort: PORT, protocol: 'TCP' }],
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3 },
    resources: {
      requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('96Mi') },
      limits: { memory: k8s.Quantity.fromString('256Mi') },
    },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: 'settings', mountPath: '/etc/traefik-ha', readOnly: true }],
  };
}

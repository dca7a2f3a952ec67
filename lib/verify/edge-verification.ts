import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import { imageFindings } from '../model/image';
import { namespaceFindings, referenceFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { permitEach } from '../permission';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../pod-security';
import { report } from '../report';
import { requireProps } from '../required';
import type { SecretKey } from './declaration';
import { verificationRules } from './verification-rules';

/** What is verified, and how often. */
export interface EdgeVerificationProps {
  /** The image that holds `traefik-ha`, pinned; `docs/rotater.md` has the Dockerfile. */
  readonly image: string;
  /** Traefik's Service. */
  readonly service: { readonly namespace: string; readonly name: string };
  /**
   * Where Traefik is asked: at each of its pods, at the machines that they have host ports on, or at its Service.
   * @default 'pods' - so that each instance is seen
   */
  readonly at?: 'pods' | 'nodes' | 'service';
  /**
   * How often, as cron writes it.
   * @default '*\/5 * * * *' - every five minutes
   */
  readonly schedule?: string;
  /**
   * Only routes of these namespaces, whose permissions are then Roles.
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * Only routes of this class.
   * @default - every class
   */
  readonly ingressClass?: string;
  /**
   * The Secrets whose certificates are compared with those that are served. Whoever may read a Secret can read its key
   * too, so each is named.
   * @default - none: nodes are compared with one another
   */
  readonly secrets?: readonly { readonly namespace: string; readonly name: string }[];
  /**
   * A Pushgateway of Prometheus that takes the metrics, such as `http://pushgateway.monitoring:9091`.
   * @default - none: the metrics stand in the log, and a Job that fails says that something is wrong
   * @see https://github.com/prometheus/pushgateway
   */
  readonly pushGateway?: string;
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Asks every instance of Traefik, again and again, which certificate it serves for each host of the cluster's routes. A
 * Job fails while something is wrong, and its log says what, as metrics.
 *
 * Its permissions only read: routes, one Service and its pods, the definitions of Traefik's kinds, and the Secrets that
 * are named.
 *
 * Reports IMAGE-01 an image that is not pinned, NAME-04 references that can be none, VERIFY-12 a schedule and VERIFY-13 a
 * Pushgateway of another form.
 *
 * @example
 * new EdgeVerification(chart, 'verification', {
 *   image: 'registry.example.com/traefik-ha:0.1.0',
 *   service: { namespace: 'edge', name: 'traefik' },
 * });
 */
export class EdgeVerification extends Construct {
  /** The name of its objects. */
  public readonly name: string;
  /** The CronJob, to patch what has no property here. */
  public readonly cronJob: k8s.KubeCronJob;

  public constructor(scope: Construct, id: string, props: EdgeVerificationProps) {
    super(scope, id);
    requireProps(this, props, 'image', 'service');
    const name = nameOf(this, props.name);
    const namespace = namespaceOf(this);
    this.name = name;
    report(this, findings(props));
    const labels = recommendedLabels({ instance: name, component: 'verification' });
    new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name, labels },
      automountServiceAccountToken: false,
    });
    const permission = { name: `${namespace}-${name}`, labels, account: { name, namespace } };
    permitEach(this, permission, verificationRules(props));
    // Nobody has anything to ask of it.
    new k8s.KubeNetworkPolicy(this, 'NetworkPolicy', {
      metadata: { name, labels },
      spec: { podSelector: { matchLabels: selectorOf(name) }, policyTypes: ['Ingress'] },
    });
    this.cronJob = new k8s.KubeCronJob(this, 'Resource', {
      // Its Jobs have eleven characters behind it.
      metadata: { name: name.slice(0, 52).replace(/[^a-z0-9]+$/, ''), labels },
      spec: cronJobSpec(props, name, labels),
    });
  }
}

function selectorOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/component': 'verification' };
}

function cronJobSpec(props: EdgeVerificationProps, name: string, labels: Record<string, string>): k8s.CronJobSpec {
  return {
    schedule: props.schedule ?? '*/5 * * * *',
    // One that takes longer would be asked the same again.
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 60,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels },
      spec: {
        // What is wrong is not mended by asking again at once.
        backoffLimit: 0,
        activeDeadlineSeconds: 240,
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            restartPolicy: 'Never',
            securityContext: RESTRICTED_POD,
            containers: [
              {
                name: 'verify',
                image: props.image,
                imagePullPolicy: 'IfNotPresent',
                args: argumentsOf(props, name),
                resources: {
                  requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('96Mi') },
                  limits: { memory: k8s.Quantity.fromString('256Mi') },
                },
                securityContext: RESTRICTED_CONTAINER,
              },
            ],
          },
        },
      },
    },
  };
}

function argumentsOf(props: EdgeVerificationProps, name: string): string[] {
  const { service, at = 'pods', namespaces = [], ingressClass, secrets = [], pushGateway } = props;
  return [
    ...['verify', '--cluster', `--service=${service.namespace}/${service.name}`, `--at=${at}`],
    ...namespaces.map((namespace) => `--namespace=${namespace}`),
    ...(ingressClass === undefined ? [] : [`--ingress-class=${ingressClass}`]),
    ...(secrets.length === 0 ? ['--no-secrets'] : []),
    // It may read no other, and says so of each that it cannot read.
    ...secrets.map((secret) => `--secret=${secret.namespace}/${secret.name}`),
    // A renewal on its way to the instances is no alarm.
    ...['--grace=10m', '--output=prometheus'],
    ...(pushGateway === undefined ? [] : [`--push=${pushGateway.replace(/\/$/, '')}/metrics/job/${name}`]),
  ];
}

function findings(props: EdgeVerificationProps): Finding[] {
  const { image, service, namespaces = [], ingressClass, secrets = [], schedule, pushGateway } = props;
  const keys: readonly (readonly [string, SecretKey])[] = [
    ['service', service],
    ...secrets.map((secret) => ['secrets', secret] as const),
  ];
  return [
    ...imageFindings(image),
    ...keys.flatMap(([property, { namespace, name }]) => [
      ...namespaceFindings(`${property}.namespace`, namespace),
      ...referenceFindings(`${property}.name`, name),
    ]),
    ...namespaces.flatMap((namespace) => namespaceFindings('namespaces', namespace)),
    ...referenceFindings('ingressClass', ingressClass),
    ...(schedule === undefined || SCHEDULE.test(schedule) ? [] : [scheduleFinding(schedule)]),
    ...(pushGateway === undefined || GATEWAY.test(pushGateway) ? [] : [gatewayFinding(pushGateway)]),
  ];
}

const SCHEDULE = /^(?:[0-9*,/-]+|[A-Za-z]{3})(?: (?:[0-9*,/-]+|[A-Za-z]{3}(?:[,-][A-Za-z]{3})*)){4}$/;

function scheduleFinding(value: string): Finding {
  const message = 'a schedule has five fields: minute, hour, day, month and day of the week';
  return { code: 'VERIFY-12', value, message, fix: "Write '*/5 * * * *', or leave it out" };
}

const GATEWAY = /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?(?:\/[\w./-]*)?$/;

function gatewayFinding(value: string): Finding {
  const message = 'not the address of a Pushgateway';
  return { code: 'VERIFY-13', value, message, fix: 'Write http://pushgateway.monitoring:9091, without /metrics' };
}

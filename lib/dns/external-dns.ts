import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { announcementsOf } from '../announcements';
import { Cluster, perApp } from '../cluster';
import { deploymentObject } from '../deployment';
import { MANAGED_BY, recommendedLabels } from '../labels';
import type { PolicyDocument, TrustPolicy } from '../model/iam';
import { imageFindings } from '../model/image';
import { PRIVATE_NETWORKS } from '../model/placement';
import type { Finding, Problem } from '../model/problem';
import { type HostedZone, zoneFindings } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { permit } from '../permission';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../pod-security';
import { check, report } from '../report';
import { requireProps } from '../required';
import { isBesidePrivateZones, steeringOf } from '../steering';
import { IMAGES } from '../versions';
import type { DnsProvider } from './provider';

/** What an {@link ExternalDns} writes, where, and as whom. */
export interface ExternalDnsProps {
  /**
   * What its records are marked with, so that it never touches another's: unlike in every cluster that writes to the
   * same zones, and the same for ever, since records of a former id are left alone.
   */
  readonly ownerId: string;
  /** The zones that it may write to, and nothing beside them. */
  readonly zones: readonly HostedZone[];
  /** Where it writes. */
  readonly provider: DnsProvider;
  /**
   * What happens to records of its own that nobody asks for any more: they go (`sync`), or stay (`upsert-only`).
   * @default 'sync' - it removes only what carries its owner id
   */
  readonly policy?: 'sync' | 'upsert-only';
  /**
   * The image.
   * @default - the project's own, of the version that is held against
   */
  readonly image?: string;
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * external-dns, writing the records of DNSEndpoints; and the names of load balancers, if the app announces any.
 *
 * Where Services are read for that, only objects labelled `app.kubernetes.io/managed-by: traefik-ha` are: nobody else
 * gets a name in the zones by an annotation. A DNSEndpoint written by hand then needs the label as well.
 *
 * Reports DNS-08 an owner id that another ExternalDns of the app has, DNS-09 an owner id that cannot be one, DNS-10 no
 * zones, IMAGE-01 an image that is not pinned, and what its provider reports.
 *
 * @example
 * new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones: [zone], provider: DnsProvider.route53() });
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/flags/
 */
export class ExternalDns extends Construct {
  public readonly name: string;
  public readonly ownerId: string;
  /** What it must be permitted, where that is a matter of IAM. */
  public readonly policyDocument: PolicyDocument | undefined;
  /** Who may take its role, where it has one. */
  public readonly trustPolicy: TrustPolicy | undefined;
  /** The Deployment, to patch what has no property here. */
  public readonly deployment: ApiObject;

  public constructor(scope: Construct, id: string, props: ExternalDnsProps) {
    super(scope, id);
    requireProps(this, props, 'ownerId', 'zones', 'provider');
    this.name = nameOf(this, props.name);
    this.ownerId = props.ownerId;
    const namespace = namespaceOf(this);
    const account = { namespace, name: this.name };
    const provider = props.provider.configure({ scope: this, name: this.name, zones: props.zones, account });
    this.policyDocument = provider.policyDocument;
    this.trustPolicy = provider.trustPolicy;

    report(this, [
      ...mergeFindings(ownerFindings(props.ownerId), zoneListFindings(props.zones), provider.findings),
      ...imageFindings(props.image ?? IMAGES.externalDns),
    ]);
    ownersOf(this).push(this);
    const { steers = false } = provider;
    steeringOf(this).writers.push({ at: this.node.path, cluster: Cluster.of(this), zones: props.zones, steers });

    const labels = recommendedLabels({ instance: this.name, component: 'external-dns' });
    const announces = () => announcementsOf(this).length > 0;
    new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name: this.name, labels, annotations: { ...provider.accountAnnotations } },
      automountServiceAccountToken: false,
    });
    permit(this, 'all', {
      // Two of them in a cluster do not meet.
      name: `${namespace}-${this.name}`,
      labels,
      account: { name: this.name, namespace },
      rules: () => rules(announces()),
    });
    this.deployment = deploymentObject(this, { name: this.name, labels }, () =>
      deploymentSpec({
        name: this.name,
        labels,
        image: props.image ?? IMAGES.externalDns,
        env: provider.env,
        arguments: [
          ...sourceArguments(announces()),
          ...provider.arguments,
          ...recordArguments(props),
          ...(isBesidePrivateZones(this, props.zones) ? PUBLIC_ONLY : []),
        ],
      }),
    );
  }
}

interface Workload {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly image: string;
  readonly env: readonly k8s.EnvVar[];
  readonly arguments: string[];
}

function deploymentSpec({ name, labels, image, env, arguments: args }: Workload): k8s.DeploymentSpec {
  const selector = { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/component': 'external-dns' };
  const healthz = { httpGet: { path: '/healthz', port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 5 };
  return {
    replicas: 1,
    // Two at once would undo each other's half-written batches.
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        // The group lets a projected cloud token be read by a user that is not root.
        securityContext: RESTRICTED_POD,
        tolerations: LOST_NODE,
        containers: [
          {
            name: 'external-dns',
            image,
            imagePullPolicy: 'IfNotPresent',
            args,
            env: [...env],
            ports: [{ name: 'http', containerPort: 7979, protocol: 'TCP' }],
            readinessProbe: { ...healthz, periodSeconds: 10 },
            livenessProbe: { ...healthz, periodSeconds: 10, failureThreshold: 3 },
            resources: {
              requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') },
              limits: { memory: k8s.Quantity.fromString('256Mi') },
            },
            securityContext: RESTRICTED_CONTAINER,
          },
        ],
      },
    },
  };
}

/**
 * There is one of it, and while it is on a node that is lost no record changes, that of the lost node neither: another
 * one takes its place after ten seconds instead of five minutes.
 */
const LOST_NODE: k8s.Toleration[] = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 10,
}));

function recordArguments({ zones, policy = 'sync', ownerId }: ExternalDnsProps): string[] {
  return [
    ...zones.map((zone) => `--domain-filter=${zone.name}`).sort(),
    `--policy=${policy}`,
    '--registry=txt',
    `--txt-owner-id=${ownerId}`,
    // A label of its own keeps the marks of an apex inside the zone, and off the names of CNAMEs.
    '--txt-prefix=edns-%{record_type}.',
    '--txt-wildcard-replacement=_wildcard',
    '--interval=1m',
    '--events',
    '--log-format=json',
  ];
}

/** It reads what is for private zones, too, and would show their addresses to the public. */
const PUBLIC_ONLY = PRIVATE_NETWORKS.map((network) => `--exclude-target-net=${network}`);

function sourceArguments(announces: boolean): string[] {
  if (!announces) return ['--source=crd'];
  return [
    '--source=crd',
    '--source=service',
    '--service-type-filter=LoadBalancer',
    `--label-filter=app.kubernetes.io/managed-by=${MANAGED_BY}`,
  ];
}

function rules(announces: boolean): k8s.PolicyRule[] {
  return [
    {
      // The records that are wanted.
      apiGroups: ['externaldns.k8s.io'],
      resources: ['dnsendpoints'],
      verbs: ['list', 'watch'],
    },
    {
      // That it has seen them.
      apiGroups: ['externaldns.k8s.io'],
      resources: ['dnsendpoints/status'],
      verbs: ['update'],
    },
    // The addresses of load balancers that are announced.
    ...(announces ? [{ apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] }] : []),
  ];
}

function ownerFindings(ownerId: string): Finding[] {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(ownerId) && ownerId !== 'default') return [];
  return [
    {
      code: 'DNS-09',
      value: ownerId,
      message: "an owner id is up to 63 letters, digits and ._-, and not 'default', which every careless install has",
      fix: "Write ownerId: 'prod-1', unlike in every other cluster that writes to the zones",
    },
  ];
}

function zoneListFindings(zones: readonly HostedZone[]): Finding[] {
  if (zones.length > 0) return zoneFindings(zones);
  return [
    {
      code: 'DNS-10',
      value: '',
      message: 'without a zone it could write to all that it can reach',
      fix: "Give zones: [HostedZone.of('example.com')]",
    },
  ];
}

/** The lists as one, without what two of them found alike. */
function mergeFindings(...lists: readonly (readonly Finding[])[]): Finding[] {
  const byText = new Map(
    lists.flat().map((finding) => [`${finding.code} ${finding.value} ${finding.message}`, finding]),
  );
  return [...byText.values()];
}

/** All of an app: zones are shared between its clusters. */
const ownersOf = perApp((app) => {
  const declared: ExternalDns[] = [];
  check(app, () => declared.flatMap((own, index) => sharedOwner(own, declared.slice(0, index))));
  return declared;
});

function sharedOwner(own: ExternalDns, others: readonly ExternalDns[]): Problem[] {
  const other = others.find(({ ownerId }) => ownerId === own.ownerId);
  if (!other) return [];
  return [
    {
      code: 'DNS-08',
      at: own.node.path,
      value: own.ownerId,
      message: `${other.node.path} has the same owner id, so each would remove the records of the other`,
      fix: 'Give each ExternalDns an ownerId of its own',
    },
  ];
}

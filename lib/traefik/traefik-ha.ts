import { type ApiObject, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { announcementsOf } from '../announcements';
import { http01ClassesOf } from '../challenges';
import { disruptionBudget } from '../disruption-budget';
import { DnsEndpoint } from '../dns/dns-endpoint';
import { EdgeNamespace } from '../edge-namespace';
import { kvAccessFindings } from '../kv-access';
import { kvReadersOf } from '../kv-readers';
import { recommendedLabels } from '../labels';
import { type DrainProps, type DrainTimes, drainFindings, drainTimes } from '../model/drain';
import { imageFindings } from '../model/image';
import { namespaceFindings, referenceFindings } from '../model/kube-name';
import type { KvStore } from '../model/kv-store';
import type { NodeRecordProps } from '../model/node-record';
import type { Finding } from '../model/problem';
import { NO_NAMESPACE, nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { IMAGES, VERSIONS } from '../versions';
import { extraArgumentFindings, type StaticConfiguration, traefikArguments } from './arguments';
import type { EdgeNodes } from './edge-nodes';
import { IN_PODS, ON_NODES } from './entry-points';
import type { Front } from './front';
import { type HstsProps, hstsFindings, hstsMiddleware } from './hsts';
import { LoadBalancer } from './load-balancer';
import { permitTraefik } from './rbac';
import { traefikService } from './service';
import { TlsOption, type TlsOptionProps, traefiksOf } from './tls-option';
import { TlsStore } from './tls-store';
import type { Traefik } from './traefik';
import { versionFindings } from './version';
import { mebibytes, type TraefikResources, traefikWorkload } from './workload';

/** How a {@link TraefikHA} runs. */
export interface TraefikHAProps {
  /**
   * What stands in front.
   * @default LoadBalancer.generic() - a Service of type LoadBalancer
   */
  readonly loadBalancer?: LoadBalancer;
  /**
   * The nodes on whose own network it runs, one instance on each, with nothing in front but DNS: instead of
   * `loadBalancer` and `replicas`. Its namespace then takes pods on the network of nodes.
   * @default - none: instances have a network of their own
   */
  readonly nodes?: EdgeNodes;
  /**
   * How many instances, from 2.
   * @default 3 - one for each of three zones, and two are left while one is replaced; on `nodes` one on each
   */
  readonly replicas?: number;
  /**
   * The version of Traefik, a patch of 3.7 in full; arguments are fitted to it.
   * @default '3.7.13' - the newest patch
   */
  readonly version?: string;
  /**
   * The image, with a tag or digest; `latest` is refused. It must hold the stated version.
   * @default - the official image of the version
   */
  readonly image?: string;
  /**
   * The class that makes a route this Traefik's. It is not made the cluster's default.
   * @default - the name of the construct
   */
  readonly ingressClass?: string;
  /**
   * The namespaces whose routes it serves; its own is always one of them. It may then read nothing elsewhere (for
   * HTTP-01 it also reads which classes and nodes there are), and every team beyond them is out of its reach.
   * A namespace must be there before the edge is applied: an EdgeNamespace of the program in a chart before it.
   * @default - all, so that a new team needs no change of the edge
   */
  readonly namespaces?: readonly string[];
  /**
   * A key-value store whose configuration is served beside that of the cluster. Fill it with a `KvSeedJob`, and with a
   * `KvCertificatePublisher` for certificates.
   * @default - none
   */
  readonly kvStore?: KvStore;
  /**
   * How instances leave without dropping a request.
   * @default - what the load balancer needs
   */
  readonly drain?: DrainProps;
  /**
   * What each instance may use.
   * @default - 100m CPU and 128Mi requested, 512Mi at most
   */
  readonly resources?: TraefikResources;
  /**
   * How TLS is spoken with clients of routes that name no option of their own.
   * @default - TLS 1.2 and up, and a client must name a host that there is a certificate for
   */
  readonly tls?: Omit<TlsOptionProps, 'name'>;
  /**
   * What browsers are told to remember; false for nothing.
   * @default - HTTPS only, for a year, for the host itself
   */
  readonly hsts?: HstsProps | false;
  /**
   * What it says of itself.
   * @default 'INFO'
   */
  readonly logLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /**
   * More arguments, one `--name=value` each, for what has no property here.
   * @default - none
   */
  readonly extraArguments?: readonly string[];
  /**
   * The priority class of the pods.
   * @default - the cluster's
   */
  readonly priorityClassName?: string;
  /**
   * Whether the namespace is made, with Pod Security enforced. Never done for `default` and `kube-*`, which every
   * cluster has, nor where an EdgeNamespace that is declared before makes it.
   * @default true
   */
  readonly createNamespace?: boolean;
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * A Traefik that stays up: several instances over nodes and zones, replaced one at a time without a dropped request,
 * with HTTPS enforced and the least permissions. Certificates come from Secrets, so that every instance serves the same.
 *
 * Reports TRAEFIK-01 to TRAEFIK-05 and TRAEFIK-10 for extra arguments, TRAEFIK-06 an unknown version, IMAGE-01 an image that is not
 * pinned, TRAEFIK-08 fewer than two replicas, TRAEFIK-09 memory or CPU out of order, NAME-04 a name that no namespace has; LB-01 to LB-05 for the load balancer,
 * TRAEFIK-11 nodes beside a load balancer or replicas, TRAEFIK-12 a namespace that refuses pods on the network of nodes;
 * KV-01 and KV-02 for a store, DRAIN-01 to DRAIN-03, HSTS-01 and HSTS-02, and what its TLSOption and DNSEndpoint report.
 *
 * @example
 * new TraefikHA(chart, 'traefik', { loadBalancer: LoadBalancer.awsNlb({ hostName: 'edge.example.com' }) });
 * @see https://doc.traefik.io/traefik/v3.7/
 */
export class TraefikHA extends Construct implements Traefik {
  public readonly name: string;
  public readonly namespace: string;
  public readonly version: string;
  /** How many instances; undefined where each of its nodes has one. */
  public readonly replicas: number | undefined;
  public readonly ingressClass: string;
  public readonly namespaces: readonly string[] | undefined;
  /** What stands in front; undefined where nothing but DNS does. */
  public readonly loadBalancer: LoadBalancer | undefined;
  /** The nodes on whose network it runs. */
  public readonly nodes: EdgeNodes | undefined;
  public readonly drain: DrainTimes;
  public readonly entryPoints: readonly string[] = ['websecure', 'web'];
  /** The Service in front; on `nodes` the list of its instances. */
  public readonly service: k8s.KubeService;
  /** The Deployment, or on `nodes` the DaemonSet, to patch what has no property here. */
  public readonly deployment: ApiObject;
  public readonly applyBefore: ApiObject;

  private http01 = false;
  private store: TlsStore | undefined;
  private readonly configuration: Omit<StaticConfiguration, 'http01'>;

  public constructor(scope: Construct, id: string, props: TraefikHAProps = {}) {
    super(scope, id);
    this.name = nameOf(this, props.name);
    this.namespace = namespaceOf(this);
    this.version = props.version ?? VERSIONS.traefik;
    const loadBalancer = props.loadBalancer ?? LoadBalancer.generic();
    this.nodes = props.nodes;
    this.loadBalancer = this.nodes ? undefined : loadBalancer;
    this.replicas = this.nodes ? undefined : (props.replicas ?? 3);
    const front: Front = this.nodes ?? loadBalancer;
    this.ingressClass = props.ingressClass ?? this.name;
    this.namespaces = props.namespaces && [...new Set([this.namespace, ...props.namespaces])];
    this.drain = drainTimes(front.drain, props.drain);
    const image = props.image ?? IMAGES.traefik(this.version);
    const resources = resourcesOf(props.resources);
    const hsts = props.hsts ?? {};
    this.configuration = {
      version: this.version,
      namespace: this.namespace,
      ingressClass: this.ingressClass,
      readable: this.namespaces,
      clientAddress: front.clientAddress,
      listeners: this.nodes ? ON_NODES : IN_PODS,
      kvStore: props.kvStore,
      hstsMiddleware: hsts === false ? undefined : `${this.name}-hsts`,
      graceSeconds: this.drain.graceSeconds,
      logLevel: props.logLevel ?? 'INFO',
      extra: props.extraArguments ?? [],
    };

    report(this, [
      ...versionFindings(this.version),
      ...extraArgumentFindings({ ...this.configuration, http01: false }),
      ...imageFindings(image),
      ...referenceFindings('ingressClass', this.ingressClass),
      ...(props.namespaces ?? []).flatMap((namespace) => namespaceFindings('namespaces', namespace)),
      ...referenceFindings('priorityClassName', props.priorityClassName),
      ...serviceNameFindings(this.name),
      ...frontFindings(props),
      ...replicaFindings(this.replicas),
      ...resourceFindings(resources),
      ...front.findings,
      ...(props.kvStore ? [...props.kvStore.findings, ...kvAccessFindings(props.kvStore)] : []),
      ...drainFindings(front.drain, props.drain ?? {}),
      ...(hsts === false ? [] : hstsFindings(hsts)),
    ]);

    const labels = recommendedLabels({ instance: this.name, component: 'traefik' });
    const selector = { 'app.kubernetes.io/instance': this.name, 'app.kubernetes.io/component': 'traefik' };
    const { name } = this;

    if (props.createNamespace ?? true) this.createNamespace();
    new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name, labels },
      automountServiceAccountToken: false,
    });
    permitTraefik(this, {
      ...{ name, namespace: this.namespace, labels },
      readable: this.namespaces,
      http01: () => this.needsHttp01,
    });
    this.applyBefore = new k8s.KubeIngressClass(this, 'IngressClass', {
      metadata: { name: this.ingressClass, namespace: NO_NAMESPACE, labels },
      spec: { controller: 'traefik.io/ingress-controller' },
    });
    traefiksOf(this).push(this);
    if (props.kvStore) kvReadersOf(this).push({ store: props.kvStore, at: this.node.path, kind: 'TraefikHA' });
    new TlsOption(this, 'TlsOption', { ...props.tls, name: 'default' });
    if (hsts !== false) hstsMiddleware(this, { name: `${name}-hsts`, labels, hsts });
    // A drain leaves pods of DaemonSets where they are, and the budget could not count them.
    if (!this.nodes) {
      new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
        metadata: { name, labels },
        spec: disruptionBudget(selector),
      });
    }
    this.deployment = traefikWorkload(this, {
      ...{ name, labels, selector, image, resources },
      ...{ replicas: this.replicas, nodes: this.nodes },
      drain: this.drain,
      priorityClassName: props.priorityClassName,
      kvStore: props.kvStore,
      arguments: () => this.arguments,
    });
    const hostName = this.loadBalancer?.hostName;
    this.service = traefikService(this, { name, labels, selector, shape: front.service, hostName });
    if (hostName !== undefined) announcementsOf(this).push({ namespace: this.namespace, service: name, hostName });
    if (this.nodes) this.announce(this.nodes);
  }

  /** What Traefik is started with, as far as the program is known yet. */
  public get arguments(): string[] {
    return traefikArguments({ ...this.configuration, http01: this.needsHttp01 });
  }

  public get dnsTargets(): readonly string[] | undefined {
    return (this.nodes ?? this.loadBalancer)?.dnsTargets;
  }

  /**
   * What a `CertRotater` keeps the record of the nodes by, given to it as `settings.nodes`; undefined where nothing is to
   * be kept.
   */
  public get nodeRecord(): NodeRecordProps | undefined {
    return this.nodes?.recordOf(this);
  }

  public acceptHttp01(): void {
    this.http01 = true;
  }

  public defaultStore(): TlsStore {
    if (this.store === undefined) {
      this.store = new TlsStore(this, 'TlsStore');
      // Pods that start before their store would serve a certificate of their own making.
      this.deployment.addDependency(this.store.resource);
    }
    return this.store;
  }

  private get needsHttp01(): boolean {
    return this.http01 || http01ClassesOf(this).has(this.ingressClass);
  }

  /** The record of nodes whose addresses are told; that of others is the controller's. */
  private announce({ hostName: dnsName, addresses: targets, ttlSeconds, zones }: EdgeNodes): void {
    if (targets === undefined) return;
    new DnsEndpoint(this, 'Record', { dnsName, targets, ttlSeconds, zones, name: `${this.name}-nodes` });
  }

  private createNamespace(): void {
    if (this.namespace === 'default' || this.namespace.startsWith('kube-')) return;
    const hostNetwork = this.nodes !== undefined;
    const namespace =
      EdgeNamespace.find(this, this.namespace) ??
      new EdgeNamespace(this, 'Namespace', { name: this.namespace, hostNetwork });
    if (hostNetwork && !namespace.hostNetwork) report(this, [refusingFinding(namespace)]);
    if (!this.loadBalancer?.readinessGate) return;
    // The AWS controller then holds a pod back until the load balancer has found it healthy.
    namespace.resource.metadata.addLabel('elbv2.k8s.aws/pod-readiness-gate-inject', 'enabled');
  }
}

/** TRAEFIK-11 where two things in front exclude one another. */
function frontFindings({ nodes, loadBalancer, replicas }: TraefikHAProps): Finding[] {
  if (nodes === undefined) return [];
  return Object.entries({ loadBalancer, replicas })
    .filter(([, given]) => given !== undefined)
    .map(([property]) => ({
      code: 'TRAEFIK-11',
      value: property,
      message: 'on nodes there is one instance on each, and nothing in front but DNS',
      fix: `Leave ${property} out, or nodes`,
    }));
}

/** TRAEFIK-12 where no instance could start. */
function refusingFinding({ name, node }: EdgeNamespace): Finding {
  return {
    code: 'TRAEFIK-12',
    value: name,
    message: `${node.path} refuses pods on the network of nodes, so that no instance would ever start`,
    fix: "Write new EdgeNamespace(chart, 'namespace', { hostNetwork: true }), or leave it to TraefikHA",
  };
}

function resourcesOf(props: TraefikResources = {}) {
  return {
    cpuRequest: props.cpuRequest ?? Cpu.millis(100),
    cpuLimit: props.cpuLimit,
    memoryRequest: props.memoryRequest ?? Size.mebibytes(128),
    memoryLimit: props.memoryLimit ?? Size.mebibytes(512),
  };
}

/** NAME-02 where Kubernetes would refuse the Service: until 1.36 its name begins with a letter. */
function serviceNameFindings(name: string): Finding[] {
  if (!/^\d/.test(name)) return [];
  return [
    {
      code: 'NAME-02',
      value: name,
      message: 'not a name that Kubernetes takes for a Service',
      fix: 'Begin it with a letter',
    },
  ];
}

function replicaFindings(replicas: number | undefined): Finding[] {
  if (replicas === undefined || (Number.isInteger(replicas) && replicas >= 2)) return [];
  return [
    {
      code: 'TRAEFIK-08',
      value: String(replicas),
      message:
        replicas >= 2
          ? 'this is no whole number of instances'
          : 'with fewer than two instances nothing serves while one is replaced',
      fix: 'Leave replicas out for 3',
    },
  ];
}

function resourceFindings({
  cpuRequest,
  cpuLimit,
  memoryRequest,
  memoryLimit,
}: ReturnType<typeof resourcesOf>): Finding[] {
  const findings: Finding[] = [];
  if (mebibytes(memoryLimit) < mebibytes(memoryRequest) || mebibytes(memoryLimit) < 64) {
    findings.push({
      code: 'TRAEFIK-09',
      value: `${mebibytes(memoryRequest)}Mi requested, ${mebibytes(memoryLimit)}Mi at most`,
      message: 'the limit is 64Mi at least, and not below what is requested',
      fix: 'Raise resources.memoryLimit, or leave it out for 512Mi',
    });
  }
  if (cpuLimit !== undefined && millicores(cpuLimit) < millicores(cpuRequest)) {
    findings.push({
      code: 'TRAEFIK-09',
      value: `${cpuRequest.amount} requested, ${cpuLimit.amount} at most`,
      message: 'the limit of the CPU is below what is requested',
      fix: 'Leave resources.cpuLimit out, or raise it',
    });
  }
  return findings;
}

function millicores({ amount }: Cpu): number {
  return amount.endsWith('m') ? Number.parseFloat(amount) : Number.parseFloat(amount) * 1000;
}

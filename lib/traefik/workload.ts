import { type ApiObject, JsonPatch, type Size, SizeRoundingBehavior } from 'cdk8s';
import { type Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { daemonSetObject, deploymentObject } from '../deployment';
import { kvAccess, kvEnv } from '../kv-access';
import type { DrainTimes } from '../model/drain';
import type { KvStore } from '../model/kv-store';
import { HOST_NETWORK_CONTAINER, HOST_NETWORK_POD, RESTRICTED_CONTAINER, RESTRICTED_POD } from '../pod-security';
import { NODE_ROLLOUT, ROLLOUT, spread } from './availability';
import type { EdgeNodes, EdgeToleration } from './edge-nodes';
import { IN_PODS, type Listener, ON_NODES } from './entry-points';

/** What each instance may use. */
export interface TraefikResources {
  /**
   * What the scheduler keeps for an instance.
   * @default Cpu.millis(100)
   */
  readonly cpuRequest?: Cpu;
  /**
   * Where the kernel slows an instance down.
   * @default - nowhere: a proxy that is slowed down adds to every request
   */
  readonly cpuLimit?: Cpu;
  /**
   * What the scheduler keeps for an instance.
   * @default Size.mebibytes(128)
   */
  readonly memoryRequest?: Size;
  /**
   * Where the kernel ends an instance. Go is told to stay below nine tenths of it.
   * @default Size.mebibytes(512)
   */
  readonly memoryLimit?: Size;
}

interface Workload {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly selector: Record<string, string>;
  readonly image: string;
  /** How many there are; undefined where each of the nodes has one. */
  readonly replicas: number | undefined;
  /** The nodes whose network they are on; undefined where they have a network of their own. */
  readonly nodes: EdgeNodes | undefined;
  readonly drain: DrainTimes;
  readonly resources: Required<Omit<TraefikResources, 'cpuLimit'>> & Pick<TraefikResources, 'cpuLimit'>;
  readonly priorityClassName?: string;
  readonly kvStore?: KvStore;
  /** Asked at synthesis, since a later route may change them. */
  readonly arguments: () => string[];
}

/** The Deployment of Traefik, or its DaemonSet. */
export function traefikWorkload(scope: Construct, workload: Workload): ApiObject {
  const { name, labels, nodes, drain } = workload;
  const object =
    nodes === undefined
      ? deploymentObject(scope, { name, labels }, () => deploymentSpec(workload))
      : daemonSetObject(scope, { name, labels }, () => daemonSetSpec(workload, nodes));
  // The native sleep is newer than the types, which would drop it.
  object.addJsonPatch(
    JsonPatch.add('/spec/template/spec/containers/0/lifecycle', {
      preStop: { sleep: { seconds: drain.preStopSeconds } },
    }),
  );
  return object;
}

function deploymentSpec(workload: Workload): k8s.DeploymentSpec {
  const { selector, replicas } = workload;
  return {
    replicas,
    ...ROLLOUT,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: podTemplate(workload, {
      securityContext: RESTRICTED_POD,
      topologySpreadConstraints: spread(selector),
    }),
  };
}

function daemonSetSpec(workload: Workload, { labels, tolerations }: EdgeNodes): k8s.DaemonSetSpec {
  return {
    ...NODE_ROLLOUT,
    revisionHistoryLimit: 3,
    selector: { matchLabels: workload.selector },
    template: podTemplate(workload, {
      hostNetwork: true,
      // Pods on a node's network would ask the node's resolver, which knows no Services.
      dnsPolicy: 'ClusterFirstWithHostNet',
      securityContext: HOST_NETWORK_POD,
      nodeSelector: { 'kubernetes.io/os': 'linux', ...labels },
      // An empty list would be applied anew each time: the API server keeps it as none.
      tolerations: tolerations.length === 0 ? undefined : tolerations.map(toleration),
    }),
  };
}

function toleration({ key, value, effect }: EdgeToleration): k8s.Toleration {
  return { key, operator: value === undefined ? 'Exists' : 'Equal', value, effect };
}

/** The pods, of which `placement` says where they run and as whom. */
function podTemplate(workload: Workload, placement: Omit<k8s.PodSpec, 'containers'>): k8s.PodTemplateSpec {
  const { name, labels, drain, kvStore } = workload;
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      priorityClassName: workload.priorityClassName,
      terminationGracePeriodSeconds: drain.terminationSeconds,
      ...placement,
      containers: [container(workload)],
      // Bodies that a middleware buffers are spilled here.
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
        ...(kvStore ? kvAccess(kvStore).volumes : []),
      ],
    },
  };
}

function container({ image, nodes, resources, kvStore, arguments: args }: Workload): k8s.Container {
  const onNodes = nodes !== undefined;
  const listeners = Object.entries(onNodes ? ON_NODES : IN_PODS);
  const ping = probe(onNodes ? ON_NODES.traefik : IN_PODS.traefik);
  return {
    name: 'traefik',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: args(),
    env: [
      { name: 'GOMEMLIMIT', value: `${Math.floor(mebibytes(resources.memoryLimit) * 0.9)}MiB` },
      ...(kvStore ? kvEnv(kvStore) : []),
    ],
    ports: listeners.map(([name, { port, address }]) => ({
      ...{ name, containerPort: port, protocol: 'TCP' },
      // No two pods of a node can have a port of the node.
      ...(onNodes ? { hostPort: port, hostIp: address } : {}),
    })),
    startupProbe: { ...ping, periodSeconds: 2, failureThreshold: 30 },
    // Routes are read within the first seconds; until then the answer to a request would be 404.
    readinessProbe: { ...ping, initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...ping, periodSeconds: 10, failureThreshold: 3 },
    resources: {
      requests: {
        cpu: k8s.Quantity.fromString(resources.cpuRequest.amount),
        memory: quantity(resources.memoryRequest),
      },
      limits: {
        ...(resources.cpuLimit ? { cpu: k8s.Quantity.fromString(resources.cpuLimit.amount) } : {}),
        memory: quantity(resources.memoryLimit),
      },
    },
    securityContext: onNodes ? HOST_NETWORK_CONTAINER : RESTRICTED_CONTAINER,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...(kvStore ? kvAccess(kvStore).volumeMounts : [])],
  };
}

/** What the kubelet asks, at the address that is listened on, which is the pod's own where that is not said. */
function probe({ address }: Listener): k8s.Probe {
  return {
    httpGet: { path: '/ping', port: k8s.IntOrString.fromString('traefik'), host: address },
    timeoutSeconds: 2,
  };
}

/** Whole mebibytes, rounded down. */
export function mebibytes(size: Size): number {
  return size.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });
}

function quantity(size: Size): k8s.Quantity {
  return k8s.Quantity.fromString(`${mebibytes(size)}Mi`);
}

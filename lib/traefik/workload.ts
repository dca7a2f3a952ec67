import { type ApiObject, JsonPatch, type Size, SizeRoundingBehavior } from 'cdk8s';
import { type Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { deploymentObject } from '../deployment';
import { kvAccess, kvEnv } from '../kv-access';
import type { DrainTimes } from '../model/drain';
import type { KvStore } from '../model/kv-store';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../pod-security';
import { PORTS } from './arguments';
import { ROLLOUT, spread } from './availability';

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
  readonly replicas: number;
  readonly drain: DrainTimes;
  readonly resources: Required<Omit<TraefikResources, 'cpuLimit'>> & Pick<TraefikResources, 'cpuLimit'>;
  readonly priorityClassName?: string;
  readonly kvStore?: KvStore;
  /** Asked at synthesis, since a later route may change them. */
  readonly arguments: () => string[];
}

/** The Deployment of Traefik. */
export function traefikDeployment(scope: Construct, workload: Workload): ApiObject {
  const { name, labels, drain } = workload;
  const deployment = deploymentObject(scope, { name, labels }, () => deploymentSpec(workload));
  // The native sleep is newer than the types, which would drop it.
  deployment.addJsonPatch(
    JsonPatch.add('/spec/template/spec/containers/0/lifecycle', {
      preStop: { sleep: { seconds: drain.preStopSeconds } },
    }),
  );
  return deployment;
}

function deploymentSpec(workload: Workload): k8s.DeploymentSpec {
  const { name, labels, selector, replicas, drain, kvStore } = workload;
  return {
    replicas,
    ...ROLLOUT,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        priorityClassName: workload.priorityClassName,
        terminationGracePeriodSeconds: drain.terminationSeconds,
        securityContext: RESTRICTED_POD,
        topologySpreadConstraints: spread(selector),
        containers: [container(workload)],
        // Bodies that a middleware buffers are spilled here.
        volumes: [
          { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
          ...(kvStore ? kvAccess(kvStore).volumes : []),
        ],
      },
    },
  };
}

function container({ image, resources, kvStore, arguments: args }: Workload): k8s.Container {
  return {
    name: 'traefik',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: args(),
    env: [
      { name: 'GOMEMLIMIT', value: `${Math.floor(mebibytes(resources.memoryLimit) * 0.9)}MiB` },
      ...(kvStore ? kvEnv(kvStore) : []),
    ],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    startupProbe: { ...PING, periodSeconds: 2, failureThreshold: 30 },
    // Routes are read within the first seconds; until then the answer to a request would be 404.
    readinessProbe: { ...PING, initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...PING, periodSeconds: 10, failureThreshold: 3 },
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
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...(kvStore ? kvAccess(kvStore).volumeMounts : [])],
  };
}

const PING: k8s.Probe = {
  httpGet: { path: '/ping', port: k8s.IntOrString.fromString('traefik') },
  timeoutSeconds: 2,
};

/** Whole mebibytes, rounded down. */
export function mebibytes(size: Size): number {
  return size.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });
}

function quantity(size: Size): k8s.Quantity {
  return k8s.Quantity.fromString(`${mebibytes(size)}Mi`);
}

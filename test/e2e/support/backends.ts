import { BACKEND_IMAGE } from '../lab/lab-images';

/** A Service that routes of the examples lead to. */
export interface Backend {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly portName?: string;
}

/** A Service and the pods behind it: two, which leave as gently as Traefik does, so that a failure is not theirs. */
export function backendObjects({ namespace, name, port, portName }: Backend): object[] {
  const labels = { app: name };
  const metadata = { name, namespace, labels };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: portName, port, targetPort: 8080 }] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 40,
            securityContext: RESTRICTED_POD,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'backend',
                image: BACKEND_IMAGE,
                args: ['--address=:8080', `--name=${namespace}/${name}`],
                ports: [{ containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
                lifecycle: { preStop: { sleep: { seconds: 8 } } },
                securityContext: RESTRICTED_CONTAINER,
              },
            ],
          },
        },
      },
    },
  ];
}

export const RESTRICTED_POD = {
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  seccompProfile: { type: 'RuntimeDefault' },
};

export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A namespace that is the lab's own, with the same enforcement as those of the library. */
export function labNamespace(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
}

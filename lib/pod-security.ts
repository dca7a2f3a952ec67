import type { k8s } from 'cdk8s-plus-27';

/** The user that distroless and Traefik images know as nonroot. */
const NON_ROOT = 65532;

/**
 * A pod that passes the `restricted` Pod Security Standard.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export const RESTRICTED_POD: k8s.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: NON_ROOT,
  runAsGroup: NON_ROOT,
  fsGroup: NON_ROOT,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A container that passes it, on a file system that it cannot write to. */
export const RESTRICTED_CONTAINER: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/**
 * A pod on the network of its node, which listens on ports below 1024. Only root is given the capability for that, and
 * it is the one that {@link HOST_NETWORK_CONTAINER} leaves: this root may read or change nothing that is not its own.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container
 */
export const HOST_NETWORK_POD: k8s.PodSecurityContext = {
  runAsUser: 0,
  runAsGroup: 0,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What is restricted of it all the same. */
export const HOST_NETWORK_CONTAINER: k8s.SecurityContext = {
  ...RESTRICTED_CONTAINER,
  capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
};

/** Labels that make a namespace refuse other pods, and say so where they are applied. */
export const RESTRICTED_NAMESPACE: Readonly<Record<string, string>> = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
  'pod-security.kubernetes.io/audit': 'restricted',
};

/**
 * Labels of a namespace for pods on the network of their nodes, which every standard but `privileged` refuses. What goes
 * beyond `restricted` is in the audit log; a warning each time that the edge is applied would only be got used to.
 */
export const HOST_NETWORK_NAMESPACE: Readonly<Record<string, string>> = {
  ...RESTRICTED_NAMESPACE,
  'pod-security.kubernetes.io/enforce': 'privileged',
  'pod-security.kubernetes.io/warn': 'privileged',
};

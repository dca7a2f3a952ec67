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

/** Labels that make a namespace refuse other pods, and say so where they are applied. */
export const RESTRICTED_NAMESPACE: Readonly<Record<string, string>> = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
  'pod-security.kubernetes.io/audit': 'restricted',
};

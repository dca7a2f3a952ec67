import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

/**
 * A Deployment of a typed spec. The typed class itself would apply patches before it drops the fields that it does not
 * know, so that nothing newer than its types could be patched in; here patches come last.
 *
 * @param spec asked at synthesis, when the whole program is known
 */
export function deploymentObject(
  scope: Construct,
  metadata: { readonly name: string; readonly labels: Record<string, string> },
  spec: () => k8s.DeploymentSpec,
): ApiObject {
  return workloadObject(scope, k8s.KubeDeployment.GVK, metadata, () => k8s.toJson_DeploymentSpec(spec()));
}

/** Likewise a DaemonSet. */
export function daemonSetObject(
  scope: Construct,
  metadata: { readonly name: string; readonly labels: Record<string, string> },
  spec: () => k8s.DaemonSetSpec,
): ApiObject {
  return workloadObject(scope, k8s.KubeDaemonSet.GVK, metadata, () => k8s.toJson_DaemonSetSpec(spec()));
}

function workloadObject(
  scope: Construct,
  kind: { readonly apiVersion: string; readonly kind: string },
  metadata: { readonly name: string; readonly labels: Record<string, string> },
  produce: () => unknown,
): ApiObject {
  return new ApiObject(scope, 'Resource', { ...kind, metadata, spec: Lazy.any({ produce }) });
}

import { type ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { idFor, NO_NAMESPACE } from './naming';

/** What a ServiceAccount may do in one namespace, or in the whole cluster. */
export interface Permission {
  /** The name of the role and of its binding. */
  readonly name: string;
  /**
   * The namespace that it is for.
   *
   * @default - the whole cluster
   */
  readonly where?: string;
  readonly labels: Record<string, string>;
  readonly account: { readonly name: string; readonly namespace: string };
  /** Asked at synthesis, when the whole program is known. */
  readonly rules: () => k8s.PolicyRule[];
}

/**
 * A role with its binding: a ClusterRole for the whole cluster, a Role for a namespace, as `Role-<id>` and
 * `RoleBinding-<id>` below `scope`.
 */
export function permit(scope: Construct, id: string, { name, where, labels, account, rules }: Permission): ApiObject[] {
  const [Role, Binding, kind] =
    where === undefined
      ? ([k8s.KubeClusterRole, k8s.KubeClusterRoleBinding, 'ClusterRole'] as const)
      : ([k8s.KubeRole, k8s.KubeRoleBinding, 'Role'] as const);
  const metadata = { name, namespace: where ?? NO_NAMESPACE, labels };
  return [
    new Role(scope, `Role-${id}`, { metadata, rules: Lazy.any({ produce: rules }) }),
    new Binding(scope, `RoleBinding-${id}`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    }),
  ];
}

/** The same in several places, the whole cluster perhaps among them. */
export function permitEach(
  scope: Construct,
  permission: Omit<Permission, 'where' | 'rules'>,
  places: readonly { readonly where: string | undefined; readonly rules: k8s.PolicyRule[] }[],
): void {
  for (const [place, { where, rules }] of places.entries()) {
    const id = where === undefined ? 'all' : `in-${idFor(where, place)}`;
    permit(scope, id, { ...permission, where, rules: () => rules });
  }
}

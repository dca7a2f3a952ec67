import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { idFor, NO_NAMESPACE } from '../naming';
import { settle } from '../report';

interface Permissions {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  /** Whether Ingresses are read as well; asked at synthesis, since a later route may need them. */
  readonly http01: () => boolean;
  /** The namespaces that may be read; undefined for all. */
  readonly readable: readonly string[] | undefined;
}

/** Traefik watches what it reads and never reads a single object, so `get` is not needed. */
const WATCH = ['list', 'watch'];

/**
 * Lets Traefik read what its providers need, in all namespaces or in the readable ones, and change nothing.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/kubernetes/kubernetes-crd/
 */
export function permitTraefik(scope: Construct, permissions: Permissions): void {
  const { http01, readable } = permissions;
  if (readable === undefined) {
    permitInCluster(scope, permissions, () => [
      ...crdRules(),
      ...(http01() ? [...ingressRules(), ...clusterRules()] : []),
    ]);
    return;
  }
  for (const [place, namespace] of readable.entries()) {
    const id = idFor(namespace, place);
    permitInNamespace(scope, { id, namespace }, permissions, () => [
      ...crdRules(),
      ...(http01() ? ingressRules() : []),
    ]);
  }
  // Kinds that lie in no namespace, and are read for HTTP-01 only.
  const kinds = permitInCluster(scope, permissions, clusterRules);
  settle(scope, () => {
    if (!http01()) for (const kind of kinds) scope.node.tryRemoveChild(kind);
  });
}

function permitInCluster(
  scope: Construct,
  { name, namespace, labels }: Permissions,
  rules: () => k8s.PolicyRule[],
): string[] {
  // Cluster-scoped objects carry the namespace in their name, so that two edges do not meet.
  const role = `${namespace}-${name}`;
  new k8s.KubeClusterRole(scope, 'ClusterRole', {
    metadata: { name: role, namespace: NO_NAMESPACE, labels },
    rules: Lazy.any({ produce: rules }),
  });
  new k8s.KubeClusterRoleBinding(scope, 'ClusterRoleBinding', {
    metadata: { name: role, namespace: NO_NAMESPACE, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return ['ClusterRole', 'ClusterRoleBinding'];
}

function permitInNamespace(
  scope: Construct,
  readable: { readonly id: string; readonly namespace: string },
  { name, namespace, labels }: Permissions,
  rules: () => k8s.PolicyRule[],
): void {
  // Several edges may read one namespace.
  const metadata = { name: `${namespace}-${name}`, namespace: readable.namespace, labels };
  new k8s.KubeRole(scope, `Role-${readable.id}`, { metadata, rules: Lazy.any({ produce: rules }) });
  new k8s.KubeRoleBinding(scope, `RoleBinding-${readable.id}`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
}

function crdRules(): k8s.PolicyRule[] {
  return [
    {
      // Backends, the certificates that routes name, and CAs of ServersTransports, which may lie in ConfigMaps.
      apiGroups: [''],
      resources: ['configmaps', 'secrets', 'services'],
      verbs: WATCH,
    },
    {
      // The addresses behind a Service.
      apiGroups: ['discovery.k8s.io'],
      resources: ['endpointslices'],
      verbs: WATCH,
    },
    {
      // Its own kinds; it waits for every one of them at the start, used or not.
      apiGroups: ['traefik.io'],
      resources: [
        'ingressroutes',
        'ingressroutetcps',
        'ingressrouteudps',
        'middlewares',
        'middlewaretcps',
        'serverstransports',
        'serverstransporttcps',
        'tlsoptions',
        'tlsstores',
        'traefikservices',
      ],
      verbs: WATCH,
    },
  ];
}

function ingressRules(): k8s.PolicyRule[] {
  return [
    {
      // The Ingress that cert-manager makes for an HTTP-01 challenge.
      apiGroups: ['networking.k8s.io'],
      resources: ['ingresses'],
      verbs: WATCH,
    },
  ];
}

function clusterRules(): k8s.PolicyRule[] {
  return [
    {
      // The class that makes an Ingress ours.
      apiGroups: ['networking.k8s.io'],
      resources: ['ingressclasses'],
      verbs: WATCH,
    },
    {
      // Whoever looks up IngressClasses also watches nodes: Traefik has one switch for both.
      apiGroups: [''],
      resources: ['nodes'],
      verbs: WATCH,
    },
  ];
}

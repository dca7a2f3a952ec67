import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { NO_NAMESPACE } from '../naming';

interface Permissions {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  /** Whether Ingresses are read as well; asked at synthesis, since a later route may need them. */
  readonly http01: () => boolean;
}

/** Traefik watches what it reads and never reads a single object, so `get` is not needed. */
const WATCH = ['list', 'watch'];

/**
 * Lets Traefik read what its providers need, in all namespaces, and change nothing.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/kubernetes/kubernetes-crd/
 */
export function permitTraefik(scope: Construct, { name, namespace, labels, http01 }: Permissions): void {
  // Cluster-scoped objects carry the namespace in their name, so that two edges do not meet.
  const role = `${namespace}-${name}`;
  const rules = () => (http01() ? [...crdRules(), ...ingressRules()] : crdRules());
  new k8s.KubeClusterRole(scope, 'ClusterRole', {
    metadata: { name: role, namespace: NO_NAMESPACE, labels },
    rules: Lazy.any({ produce: rules }),
  });
  new k8s.KubeClusterRoleBinding(scope, 'ClusterRoleBinding', {
    metadata: { name: role, namespace: NO_NAMESPACE, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
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
      // The Ingress that cert-manager makes for an HTTP-01 challenge, and the class that makes it ours.
      apiGroups: ['networking.k8s.io'],
      resources: ['ingressclasses', 'ingresses'],
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

import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { TRAEFIK_PLURALS } from '../model/traefik-kinds';
import { idFor } from '../naming';
import { permit } from '../permission';
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
export function permitTraefik(scope: Construct, { name, namespace, labels, http01, readable }: Permissions): void {
  // Names tell of the edge, so that two do not meet in the cluster, or in a namespace that both read.
  const common = { name: `${namespace}-${name}`, labels, account: { name, namespace } };
  if (readable === undefined) {
    const rules = () => [...crdRules(), ...(http01() ? [...ingressRules(), ...clusterRules()] : [])];
    permit(scope, 'all', { ...common, rules });
    return;
  }
  for (const [place, where] of readable.entries()) {
    const rules = () => [...crdRules(), ...(http01() ? ingressRules() : [])];
    permit(scope, idFor(where, place), { ...common, where, rules });
  }
  // Kinds that lie in no namespace, and are read for HTTP-01 only.
  const inCluster = permit(scope, 'all', { ...common, rules: clusterRules });
  settle(scope, () => {
    if (!http01()) for (const { node } of inCluster) scope.node.tryRemoveChild(node.id);
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
      resources: [...TRAEFIK_PLURALS],
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

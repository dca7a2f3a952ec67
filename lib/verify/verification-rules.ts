import type { k8s } from 'cdk8s-plus-27';
import { TRAEFIK_KINDS } from './crds';
import type { EdgeVerificationProps } from './edge-verification';

/** Permissions in one namespace, or in all. */
interface Permissions {
  /** Undefined for all. */
  readonly where: string | undefined;
  readonly rules: k8s.PolicyRule[];
}

/** The least that `verify` needs for what is asked. */
export function verificationRules({ service, namespaces, secrets = [] }: EdgeVerificationProps): Permissions[] {
  const byNamespace = new Map<string | undefined, k8s.PolicyRule[]>();
  const permit = (where: string | undefined, ...rules: readonly k8s.PolicyRule[]) =>
    byNamespace.set(where, [...(byNamespace.get(where) ?? []), ...rules]);
  const kinds = 'customresourcedefinitions';
  // Whether the kinds fit the Traefik that runs.
  permit(undefined, {
    ...{ apiGroups: ['apiextensions.k8s.io'], resources: [kinds], verbs: ['get'] },
    resourceNames: [...TRAEFIK_KINDS],
  });
  // Which hosts there are.
  for (const where of namespaces ? new Set(namespaces) : [undefined]) {
    permit(where, { apiGroups: ['traefik.io'], resources: ['ingressroutes', 'ingressroutetcps'], verbs: ['list'] });
  }
  // Where Traefik is.
  permit(
    service.namespace,
    { apiGroups: [''], resources: ['services'], verbs: ['get'], resourceNames: [service.name] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  );
  if (secrets.length > 0) {
    // Whose Secret routes without one are served from.
    permit(undefined, { apiGroups: ['traefik.io'], resources: ['tlsstores'], verbs: ['list'] });
  }
  const named = new Map<string, Set<string>>();
  for (const { namespace, name } of secrets) named.set(namespace, (named.get(namespace) ?? new Set()).add(name));
  for (const [namespace, names] of named) {
    const resourceNames = [...names].sort();
    permit(namespace, { apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames });
  }
  return [...byNamespace].map(([where, rules]) => ({ where, rules }));
}

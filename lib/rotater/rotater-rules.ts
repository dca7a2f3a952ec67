import type { k8s } from 'cdk8s-plus-27';
import { splitReference } from '../model/node-record';
import type { RotaterSettingsProps } from './settings-props';

/** Permissions in one namespace, or in all. */
export interface Permissions {
  /** Undefined for all. */
  readonly where: string | undefined;
  readonly rules: k8s.PolicyRule[];
}

/** The least that the controller needs for `settings`. */
export function rotaterRules({ namespaces, certificates, dns, nodes }: RotaterSettingsProps): Permissions[] {
  const written = [
    // Certificates of routes, and those of others that have their names.
    ...(certificates ? [writable('cert-manager.io', 'certificates')] : []),
    // Likewise their records.
    ...(dns ? [writable('externaldns.k8s.io', 'dnsendpoints')] : []),
  ];
  const own: k8s.PolicyRule[] = [
    // What it derives from.
    { apiGroups: ['traefik.io'], resources: ['ingressroutes', 'ingressroutetcps'], verbs: ['list', 'watch'] },
    ...written,
    // What is wrong with a route is said on the route.
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
  ];
  const byNamespace = new Map<string | undefined, k8s.PolicyRule[]>();
  const permit = (where: string | undefined, rules: readonly k8s.PolicyRule[]) =>
    byNamespace.set(where, [...(byNamespace.get(where) ?? []), ...rules]);
  const isOfRoutes = certificates !== undefined || dns !== undefined;
  if (isOfRoutes) for (const where of namespaces ? new Set(namespaces) : [undefined]) permit(where, own);

  const wildcards = certificates?.strategy === 'wildcard-per-zone' ? certificates.wildcardNamespace : undefined;
  if (wildcards !== undefined && namespaces && !namespaces.includes(wildcards)) {
    permit(wildcards, [writable('cert-manager.io', 'certificates')]);
  }
  const [namespace, service] = dns?.service?.split('/') ?? [];
  if (namespace !== undefined && service !== undefined) {
    // The one Service that hosts point to.
    permit(namespace, [
      { apiGroups: [''], resources: ['services'], resourceNames: [service], verbs: ['list', 'watch'] },
    ]);
  }
  if (nodes) {
    // Which nodes there are, and how they are.
    permit(undefined, [{ apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] }]);
    const { namespace: home } = splitReference(nodes.endpoint);
    const isWritable = dns !== undefined && (namespaces?.includes(home) ?? true);
    // Their record.
    if (!isWritable) permit(home, [writable('externaldns.k8s.io', 'dnsendpoints')]);
    if (nodes.service !== undefined) {
      // On which of them something answers: slices have names that nobody knows before.
      permit(splitReference(nodes.service).namespace, [
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ]);
    }
  }
  return [...byNamespace].map(([where, rules]) => ({ where, rules }));
}

function writable(apiGroup: string, resource: string): k8s.PolicyRule {
  // Server-side apply is a patch, which makes what is not there.
  return { apiGroups: [apiGroup], resources: [resource], verbs: ['list', 'watch', 'create', 'patch', 'delete'] };
}

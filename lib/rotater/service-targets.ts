import { type KubeObject, list, record, text } from './route-object';

/**
 * Where a Service is reached: the addresses and names of its load balancer; else its external addresses; else, and only
 * where that is wanted, the addresses that the cluster gave it. Sorted; empty while it has none.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
 */
export function serviceTargets(service: KubeObject, options: { readonly clusterAddress: boolean }): string[] {
  const spec = record(service.spec);
  const ingress = list(record(record(service.status).loadBalancer).ingress).map(record);
  const sources = [
    // A load balancer with addresses and a name is reached by either, and records can hold one sort only.
    firstSort(
      ingress.flatMap(({ ip }) => text(ip) ?? []),
      ingress.flatMap(({ hostname }) => text(hostname) ?? []),
    ),
    texts(spec.externalIPs),
    options.clusterAddress ? texts(spec.clusterIPs).filter((address) => address !== 'None') : [],
  ];
  return [...new Set(sources.find((targets) => targets.length > 0) ?? [])].sort();
}

function firstSort(addresses: readonly string[], names: readonly string[]): readonly string[] {
  return addresses.length > 0 ? addresses : names;
}

function texts(value: unknown): string[] {
  return list(value).flatMap((one) => text(one) ?? []);
}

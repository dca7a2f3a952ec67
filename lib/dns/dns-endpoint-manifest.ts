import { recommendedLabels } from '../labels';
import type { DnsRecord } from '../model/records';

/** The records of one DNSEndpoint, and what it is called. */
export interface EndpointRequest {
  readonly namespace: string;
  readonly name: string;
  readonly records: readonly DnsRecord[];
}

/** A DNSEndpoint as Kubernetes takes it. */
export type EndpointManifest = ReturnType<typeof dnsEndpointManifest>;

/**
 * The DNSEndpoint for records: the one place that knows its shape, for constructs, filter and controller alike.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/sources/crd/
 */
export function dnsEndpointManifest({ namespace, name, records }: EndpointRequest) {
  return {
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: { name, namespace, labels: recommendedLabels({ instance: name, component: 'dns' }) },
    spec: { endpoints: records },
  };
}

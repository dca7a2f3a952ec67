import { ROUTE_VERSION } from '../route-object';

/** Objects of one kind: all of a cluster, those of a namespace, or a single one. */
export interface WatchedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** As it stands in paths of the API. */
  readonly plural: string;
  /** Undefined for all. */
  readonly namespace?: string;
  readonly name?: string;
  /** Only those with these labels, as the API server selects by them. */
  readonly labelSelector?: string;
}

/** The kinds that the controller reads and writes; its permissions are for these. */
export const INGRESS_ROUTE_KINDS: readonly WatchedKind[] = [
  { apiVersion: ROUTE_VERSION, kind: 'IngressRoute', plural: 'ingressroutes' },
  { apiVersion: ROUTE_VERSION, kind: 'IngressRouteTCP', plural: 'ingressroutetcps' },
];
export const CERTIFICATE_KIND: WatchedKind = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  plural: 'certificates',
};
export const DNS_ENDPOINT_KIND: WatchedKind = {
  apiVersion: 'externaldns.k8s.io/v1alpha1',
  kind: 'DNSEndpoint',
  plural: 'dnsendpoints',
};
export const SERVICE_KIND: WatchedKind = { apiVersion: 'v1', kind: 'Service', plural: 'services' };
export const NODE_KIND: WatchedKind = { apiVersion: 'v1', kind: 'Node', plural: 'nodes' };
export const ENDPOINT_SLICE_KIND: WatchedKind = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
};

export const KINDS: readonly WatchedKind[] = [
  ...INGRESS_ROUTE_KINDS,
  CERTIFICATE_KIND,
  DNS_ENDPOINT_KIND,
  SERVICE_KIND,
  NODE_KIND,
  ENDPOINT_SLICE_KIND,
];

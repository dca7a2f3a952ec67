import { ROUTE_VERSION } from '../route-object';
import type { WatchedKind } from './cluster-api';

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

import { type KubeObject, list, metadataOf, record, text } from '../rotater/route-object';
import { serviceTargets } from '../rotater/service-targets';
import { HTTPS_PORT, type NodeAddress } from './node';

/** Where the Traefik of a cluster is asked. */
export const NODE_SOURCES = ['auto', 'service', 'nodes', 'pods'] as const;

/**
 * - `service`: where its Service is reached from outside;
 * - `nodes`: at the machines that its pods run on, by their host ports;
 * - `pods`: each of its pods, which only the cluster's own network reaches;
 * - `auto`: machines where its pods have host ports, else the Service.
 */
export type NodeSource = (typeof NODE_SOURCES)[number];

/** A Service of Traefik's, and its pods. */
export interface TraefikService {
  readonly service: KubeObject;
  readonly pods: readonly KubeObject[];
}

/** The places at which a Traefik is asked for certificates. */
export function clusterNodes({ service, pods }: TraefikService, source: NodeSource): NodeAddress[] {
  const ready = pods.filter(isReady);
  const machines = ready.flatMap((pod) => machineOf(pod, service));
  if (source === 'pods') return ready.flatMap((pod) => podPlaces(pod, service));
  if (source === 'nodes' || (source === 'auto' && machines.length > 0)) return machines;
  const port = Number(tlsPort(service)?.port ?? HTTPS_PORT);
  return serviceTargets(service, { clusterAddress: true }).map((host) => ({ host, port }));
}

/** What the pods of a Service run: the images of their containers that speak TLS to clients. */
export function traefikImages({ service, pods }: TraefikService): string[] {
  return pods.flatMap((pod) => text(servingContainer(pod, service)?.container.image) ?? []);
}

/** Whether `service` takes TLS from clients: one for metrics beside it has the same labels. */
export function takesTls(service: KubeObject): boolean {
  return tlsPort(service) !== undefined;
}

function tlsPort(service: KubeObject): KubeObject | undefined {
  const ports = list(record(service.spec).ports).map(record);
  return ports.find(({ name }) => name === 'websecure') ?? ports.find(({ port }) => port === HTTPS_PORT);
}

function isReady(pod: KubeObject): boolean {
  const conditions = list(record(pod.status).conditions).map(record);
  const isGoing = record(pod.metadata).deletionTimestamp !== undefined;
  return !isGoing && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The container, and its port, that the Service sends TLS to. */
function servingContainer(pod: KubeObject, service: KubeObject) {
  const { targetPort = HTTPS_PORT } = tlsPort(service) ?? {};
  for (const container of list(record(pod.spec).containers).map(record)) {
    const ports = list(container.ports).map(record);
    const port = ports.find(({ name, containerPort }) => name === targetPort || containerPort === targetPort);
    if (port) return { container, port };
  }
  return undefined;
}

function podPlaces(pod: KubeObject, service: KubeObject): NodeAddress[] {
  const port = servingContainer(pod, service)?.port.containerPort;
  if (typeof port !== 'number') return [];
  const address = text(record(pod.status).podIP);
  return address === undefined ? [] : [{ host: address, port, name: metadataOf(pod).name }];
}

/** Nothing where the pod has no port on its machine. */
function machineOf(pod: KubeObject, service: KubeObject): NodeAddress[] {
  const port = servingContainer(pod, service)?.port;
  const hostPort = port?.hostPort ?? (record(pod.spec).hostNetwork === true ? port?.containerPort : undefined);
  const address = text(record(pod.status).hostIP);
  if (typeof hostPort !== 'number' || hostPort === 0 || address === undefined) return [];
  return [{ host: address, port: hostPort, name: text(record(pod.spec).nodeName) }];
}

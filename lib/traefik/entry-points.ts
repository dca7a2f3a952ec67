/** Where an entry point listens. */
export interface Listener {
  readonly port: number;
  /** The one address that it is reached at; undefined for all. */
  readonly address?: string;
}

/** Where each of Traefik's entry points listens. */
export type Listeners = Readonly<Record<'web' | 'websecure' | 'traefik' | 'metrics', Listener>>;

/** The ports that containers listen on; above 1024, so that no privilege is needed. */
export const PORTS = { web: 8000, websecure: 8443, traefik: 8080, metrics: 9100 } as const;

/** In a network of its own, as pods and tasks have it. */
export const IN_PODS: Listeners = {
  web: { port: PORTS.web },
  websecure: { port: PORTS.websecure },
  traefik: { port: PORTS.traefik },
  metrics: { port: PORTS.metrics },
};

const LOOPBACK = '127.0.0.1';

/**
 * On the network of a node: what clients ask for, at all of its addresses; what the kubelet and collectors on the node
 * ask for, to them alone. The ports of these are none that programs of nodes are known to listen on.
 */
export const ON_NODES: Listeners = {
  web: { port: 80 },
  websecure: { port: 443 },
  traefik: { port: 18080, address: LOOPBACK },
  metrics: { port: 19100, address: LOOPBACK },
};

/** `listener` as Traefik is told it. */
export function addressOf({ port, address = '' }: Listener): string {
  return `${address}:${port}`;
}

import type { App } from 'cdk8s';
import {
  AcmeServer,
  CertRenewer,
  ConsulCluster,
  EdgeApp,
  HostedZone,
  KvSeed,
  type KvStore,
  RenewerDns,
  SwarmService,
  SwarmStack,
  type SwarmStackProps,
  SwarmTraefik,
  type SwarmTraefikProps,
} from 'traefik-ha';

/** What differs between production and a test swarm. */
export interface Environment {
  readonly server: AcmeServer;
  /** How challenges are answered. */
  readonly dnsProvider: RenewerDns;
  /** How often the renewer looks, if not every five minutes. */
  readonly reconcileSeconds?: number;
  /** Where configuration and certificates are kept; a cluster of Consul unless a test swarm says otherwise. */
  readonly store?: (stack: SwarmStack) => KvStore;
  readonly shopImage: string;
  /** The address of what does not run in the swarm; without it, nothing leads there. */
  readonly legacy?: string;
  readonly seedImage?: string;
  readonly stack?: Omit<SwarmStackProps, 'name'>;
  readonly traefik?: Pick<SwarmTraefikProps, 'version' | 'image' | 'socketProxyImage' | 'logLevel'>;
}

export function build(app: App, environment: Environment): void {
  const stack = new SwarmStack(app, 'edge', environment.stack);
  const store = environment.store?.(stack) ?? new ConsulCluster(stack, 'consul').store;

  const traefik = new SwarmTraefik(stack, 'traefik', {
    kvStore: store,
    placement: ['node.role == manager'],
    ...environment.traefik,
  });
  // What every team may use, and a route to what does not run in the swarm.
  new KvSeed(stack, 'seed', {
    store,
    configuration: {
      http: {
        middlewares: { compress: { compress: {} } },
        ...(environment.legacy === undefined ? {} : legacyRoute(environment.legacy)),
      },
    },
    image: environment.seedImage,
  });
  new CertRenewer(stack, 'renewer', {
    traefik,
    zones: [HostedZone.of('example.com')],
    email: 'ops@example.com',
    server: environment.server,
    dnsProvider: environment.dnsProvider,
    reconcileSeconds: environment.reconcileSeconds,
    publishTo: store,
    // Hosts below the domain share it; any other within the zone gets its own when its route is there.
    certificates: [['example.com', '*.example.com']],
  });

  new SwarmService(stack, 'shop', {
    traefik,
    image: environment.shopImage,
    routes: [
      {
        host: 'shop.example.com',
        port: 8080,
        middlewares: [{ name: `compress@${store.kind}`, declaredElsewhere: true }],
      },
      { host: 'api.shop.example.com', pathPrefix: '/v1', port: 8080 },
    ],
  });
}

function legacyRoute(url: string) {
  return {
    routers: {
      legacy: { rule: 'Host(`legacy.example.com`)', service: 'legacy', entryPoints: ['websecure'], tls: {} },
    },
    services: { legacy: { loadBalancer: { servers: [{ url }] } } },
  };
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  dnsProvider: RenewerDns.lego('cloudflare', { secrets: { CLOUDFLARE_DNS_API_TOKEN: 'cloudflare-token' } }),
  shopImage: 'registry.example.com/shop:1.4.2',
  legacy: 'http://10.0.0.20:8080',
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

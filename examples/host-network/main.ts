import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AcmeSolver,
  CertManagerIssuer,
  CertRotater,
  DnsProvider,
  EdgeApp,
  EdgeNamespace,
  EdgeNodes,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  TraefikHA,
  type WatchedNodesProps,
} from 'traefik-ha';

/** What differs between production and a test cluster. */
export interface Environment {
  readonly server: AcmeServer;
  /** The image of the controller. */
  readonly controllerImage: string;
  /** The server of the zone, which takes signed updates; the key lies in a Secret of each namespace that writes. */
  readonly dns: { readonly host: string; readonly keyName: string; readonly secretName: string; readonly key: string };
  /** Whether the zone is seen only inside a private network, and so may hold private addresses. */
  readonly isPrivate?: boolean;
  readonly nodes?: Partial<WatchedNodesProps>;
}

/** The name of all nodes together. */
export const EDGE = 'edge.example.com';

/** The label of the nodes that the edge runs on. */
export const LABEL = { 'example.com/edge': 'true' };

/** Returns the edge, for what else is to be served by it. */
export function build(app: App, { server, controllerImage, dns, isPrivate, nodes }: Environment): TraefikHA {
  const zone = HostedZone.of('example.com', { private: isPrivate });
  const zones = [zone];
  const tsig = { keyName: dns.keyName, secret: { secretName: dns.secretName, key: dns.key } };

  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const traefik = new TraefikHA(edge, 'traefik', {
    nodes: EdgeNodes.watched({ hostName: EDGE, labels: LABEL, ...nodes }),
  });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    server,
    solvers: [AcmeSolver.rfc2136({ nameserver: `${dns.host}:53`, tsig })],
  });

  // Apart from the edge, whose namespace takes any pod.
  const records = new Chart(app, 'records', { namespace: 'records' });
  new EdgeNamespace(records, 'namespace');
  new CertRotater(records, 'nodes', {
    image: controllerImage,
    settings: { zones: [{ name: zone.name, private: zone.isPrivate }], nodes: traefik.nodeRecord },
  });
  new ExternalDns(records, 'external-dns', {
    ownerId: 'nodes-1',
    zones,
    provider: DnsProvider.rfc2136({ host: dns.host, tsig }),
  });

  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(shop, 'namespace');
  new IngressRouteWithTls(shop, 'web', {
    ...{ traefik, issuer, zones },
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
  });
  return traefik;
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_STAGING,
  controllerImage: 'registry.example.com/traefik-ha:0.1.0',
  dns: { host: '203.0.113.53', keyName: 'edge', secretName: 'tsig', key: 'secret' },
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

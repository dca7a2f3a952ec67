import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AwsIdentity,
  Certificate,
  CertManagerIssuer,
  EdgeApp,
  HostedZone,
  KvCertificatePublisher,
  KvSeedJob,
  KvStore,
  LoadBalancer,
  Route53DnsChallengeIam,
  type Solver,
  TraefikHA,
} from 'traefik-ha';

/** What differs between production and a test cluster. */
export interface Environment {
  readonly server: AcmeServer;
  readonly address: string;
  readonly store: KvStore;
  /** Where the shop runs: machines outside of the cluster. */
  readonly shop: readonly string[];
  /** How challenges are answered; in Route 53, as a role of this cluster, unless a test cluster says otherwise. */
  readonly solver?: Solver;
  /** An image with a shell and curl. */
  readonly toolsImage?: string;
}

const ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
const HOST = 'shop.example.com';

export function build(app: App, { server, address, store, shop, solver, toolsImage: image }: Environment): void {
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.fixedAddress({ addresses: [address] }),
    kvStore: store,
  });

  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    server,
    solvers: [solver ?? route53(edge)],
  });
  const certificate = new Certificate(edge, 'shop', { secretName: 'shop-tls', dnsNames: [HOST], issuer });
  new KvCertificatePublisher(edge, 'certificates', { store, image, certificates: [certificate] });

  new KvSeedJob(edge, 'routes', {
    store,
    image,
    configuration: {
      http: {
        routers: {
          shop: { rule: `Host(\`${HOST}\`)`, service: 'shop', entryPoints: ['websecure'], middlewares: ['limit'] },
        },
        middlewares: { limit: { inFlightReq: { amount: 500 } } },
        services: {
          shop: {
            loadBalancer: {
              servers: shop.map((url) => ({ url })),
              healthCheck: { path: '/healthz', interval: '5s', timeout: '2s' },
            },
          },
        },
      },
    },
  });
}

function route53(edge: Chart): Solver {
  const identity = AwsIdentity.irsa({
    oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
  });
  return new Route53DnsChallengeIam(edge, 'dns01', { zones: [ZONE], identity }).solver;
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  address: '203.0.113.10',
  store: KvStore.etcd({
    endpoints: ['etcd-client.etcd:2379'],
    credentials: { username: 'etcd-traefik', password: 'etcd-traefik' },
    tls: { ca: 'etcd-ca' },
  }),
  shop: ['http://10.0.0.21:8080', 'http://10.0.0.22:8080'],
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

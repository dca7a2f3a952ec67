import { ApiObject, type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AwsIdentity,
  CertificateStrategy,
  CertManagerIssuer,
  DnsProvider,
  EdgeApp,
  EdgeNamespace,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  LoadBalancer,
  Match,
  Route53DnsChallengeIam,
  type Solver,
  TraefikHA,
} from 'traefik-ha';

/** What differs between production and a test cluster. */
export interface Environment {
  readonly server: AcmeServer;
  readonly loadBalancer: LoadBalancer;
  /** Where records are written; Route 53 with a role of its own unless a test cluster says otherwise. */
  readonly records?: DnsProvider;
  /** How challenges are answered; in Route 53 with a role of its own unless a test cluster says otherwise. */
  readonly solver?: Solver;
  readonly traefik?: { readonly version?: string; readonly image?: string };
  readonly externalDnsImage?: string;
}

/** The zones of the two teams. */
export const SHOP_ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
export const BLOG_ZONE = HostedZone.of('example.org', { id: 'Z9876543210ZYXWVUTSRQ' });

const identity = AwsIdentity.irsa({
  oidcProviderArn:
    'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E',
});

export function build(app: App, environment: Environment): void {
  const zones = [SHOP_ZONE, BLOG_ZONE];
  const edge = new Chart(app, 'edge', { namespace: 'edge' });

  const solver =
    environment.solver ?? new Route53DnsChallengeIam(edge, 'dns01', { zones, identity, emit: 'ack' }).solver;
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    email: 'ops@example.com',
    server: environment.server,
    solvers: [solver],
  });
  const traefik = new TraefikHA(edge, 'traefik', { loadBalancer: environment.loadBalancer, ...environment.traefik });
  new ExternalDns(edge, 'external-dns', {
    ownerId: 'prod-1',
    zones,
    provider: environment.records ?? DnsProvider.route53({ identity, emit: 'ack' }),
    image: environment.externalDnsImage,
  });

  // One team: two routes of one host behind one certificate, and a middleware of its own.
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(shop, 'namespace');
  const compress = new ApiObject(shop, 'compress', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'compress' },
    spec: { compress: {} },
  });
  const shared = { traefik, issuer, zones: [SHOP_ZONE], secretName: 'shop-tls' };
  new IngressRouteWithTls(shop, 'web', {
    ...shared,
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 }, middlewares: [compress] }],
  });
  new IngressRouteWithTls(shop, 'api', {
    ...shared,
    routes: [
      { host: ['api.example.com', 'shop.example.com'], pathPrefix: '/api', backend: { service: 'api', port: 'http' } },
    ],
  });

  // Another team, in another zone: rules of typed parts and in Traefik's own language, one wildcard for all hosts.
  const blog = new Chart(app, 'blog', { namespace: 'blog' });
  new EdgeNamespace(blog, 'namespace');
  new IngressRouteWithTls(blog, 'pages', {
    traefik,
    issuer,
    zones: [BLOG_ZONE],
    certificate: CertificateStrategy.wildcardPerZone(),
    routes: [
      {
        match: Match.and(Match.host('blog.example.org'), Match.not(Match.pathPrefix('/internal'))),
        backend: { service: 'pages', port: 8080 },
      },
      { rule: 'Host(`www.example.org`) && PathPrefix(`/images`)', backend: { service: 'images', port: 80 } },
    ],
  });
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  loadBalancer: LoadBalancer.awsNlb({ hostName: 'edge.example.com' }),
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

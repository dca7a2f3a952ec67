import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AwsIdentity,
  CertManagerIssuer,
  DnsProvider,
  EdgeApp,
  EdgeNamespace,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  LoadBalancer,
  Route53DnsChallengeIam,
  TraefikHA,
} from 'traefik-ha';

/** What differs between production and a test cluster. */
export interface Environment {
  readonly server: AcmeServer;
  readonly loadBalancer: LoadBalancer;
  /** As whom cert-manager and external-dns speak to AWS; the same for both but for its role. */
  readonly identity: (roleName: string) => AwsIdentity;
}

/** A zone, and one within it that was given to a region. */
export const ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
export const REGION_ZONE = HostedZone.of('eu.example.com', { id: 'Z9876543210ZYXWVUTSRQ' });

export function build(app: App, { server, loadBalancer, identity }: Environment): void {
  const zones = [ZONE, REGION_ZONE];
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const challenge = new Route53DnsChallengeIam(edge, 'dns01', { zones, identity: identity('edge-cert-manager') });
  const traefik = new TraefikHA(edge, 'traefik', { loadBalancer });
  new ExternalDns(edge, 'external-dns', {
    ownerId: 'prod-1',
    zones,
    provider: DnsProvider.route53({ identity: identity('edge-external-dns') }),
  });
  shop(app, traefik, new CertManagerIssuer(edge, 'letsencrypt', { server, solvers: [challenge.solver] }));
}

function shop(app: App, traefik: TraefikHA, issuer: CertManagerIssuer): void {
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(chart, 'namespace');
  new IngressRouteWithTls(chart, 'web', {
    ...{ traefik, issuer },
    routes: [
      // The apex, where no CNAME can be: an ALIAS to the name of the edge.
      { host: 'example.com', backend: { service: 'web', port: 80 } },
      // A deep name, of the inner zone.
      { host: 'cart.shop.eu.example.com', backend: { service: 'cart', port: 80 } },
    ],
  });
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  loadBalancer: LoadBalancer.awsNlb({ hostName: 'edge.example.com' }),
  identity: (roleName) =>
    AwsIdentity.podIdentity({ clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/prod', roleName }),
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

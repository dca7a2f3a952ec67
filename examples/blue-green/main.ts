import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AwsIdentity,
  CertManagerIssuer,
  Cluster,
  DnsProvider,
  DnsRouting,
  EdgeApp,
  EdgeNamespace,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  LoadBalancer,
  Route53DnsChallengeIam,
  TraefikHA,
} from 'traefik-ha';

/** What is turned to move from one edge to the other. */
export interface Environment {
  readonly server: AcmeServer;
  /** How many of 100 answers lead to the green edge, from 0 to 100. */
  readonly greenPercent: number;
}

export const ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });

export function build(app: App, { server, greenPercent }: Environment): void {
  edge(new Cluster(app, 'blue'), server, 100 - greenPercent);
  edge(new Cluster(app, 'green'), server, greenPercent);
}

/** One of two edges, alike but for its share of the answers. */
function edge(cluster: Cluster, server: AcmeServer, weight: number): void {
  const color = cluster.node.id;
  const zones = [ZONE];
  const identity = (name: string) =>
    AwsIdentity.podIdentity({
      clusterArn: `arn:aws:eks:eu-central-1:123456789012:cluster/${color}`,
      roleName: `${color}-${name}`,
    });

  const platform = new Chart(cluster, 'edge', { namespace: 'edge' });
  const challenge = new Route53DnsChallengeIam(platform, 'dns01', { zones, identity: identity('cert-manager') });
  const issuer = new CertManagerIssuer(platform, 'letsencrypt', { server, solvers: [challenge.solver] });
  const traefik = new TraefikHA(platform, 'traefik', {
    loadBalancer: LoadBalancer.awsNlb({ hostName: `${color}.example.com` }),
  });
  new ExternalDns(platform, 'external-dns', {
    ownerId: `${color}-1`,
    zones,
    provider: DnsProvider.route53({ identity: identity('external-dns') }),
  });

  const shop = new Chart(cluster, 'shop', { namespace: 'shop' });
  new EdgeNamespace(shop, 'namespace');
  new IngressRouteWithTls(shop, 'web', {
    traefik,
    issuer,
    zones,
    // An ALIAS to the name of the edge: an edge none of whose Traefiks answers leaves by itself, whatever its share.
    dns: { routing: DnsRouting.weighted({ weight, evaluateTargetHealth: true }), dualStack: true },
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
  });
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  greenPercent: 10,
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

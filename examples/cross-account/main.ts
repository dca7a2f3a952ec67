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
}

/** Zones of three owners: the company's network team, a partner, and one that lets nobody write to it. */
export const SHOP_ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
export const PARTNER_ZONE = HostedZone.of('example.org', { id: 'Z9876543210ZYXWVUTSRQ' });
export const CLOSED_ZONE = HostedZone.of('example.net');
/** A zone of the edge's own, which challenges of the closed one are delegated to. */
export const VALIDATION_ZONE = HostedZone.of('validation.example.com', { id: 'Z0011223344556677889' });

const NETWORK_ACCOUNT = 'arn:aws:iam::210987654321';
const PARTNER_ACCOUNT = 'arn:aws:iam::310987654321';
const CLUSTER = 'arn:aws:eks:eu-central-1:123456789012:cluster/prod';

export function build(app: App, { server }: Environment): void {
  const edge = new Chart(app, 'edge', { namespace: 'edge' });

  // EKS gives cert-manager one role, in the cluster's account, for all that it does.
  const certManager = AwsIdentity.podIdentity({ clusterArn: CLUSTER, roleName: 'cert-manager' });
  const network = new Route53DnsChallengeIam(edge, 'dns01-network', {
    zones: [SHOP_ZONE],
    identity: AwsIdentity.assumedRole(certManager, { roleArn: `${NETWORK_ACCOUNT}:role/edge-challenges` }),
  });
  const partner = new Route53DnsChallengeIam(edge, 'dns01-partner', {
    zones: [PARTNER_ZONE],
    identity: AwsIdentity.assumedRole(certManager, { roleArn: `${PARTNER_ACCOUNT}:role/edge-challenges` }),
  });
  const delegated = new Route53DnsChallengeIam(edge, 'dns01-delegated', {
    zones: [CLOSED_ZONE],
    delegatedTo: VALIDATION_ZONE,
    identity: AwsIdentity.assumedRole(certManager, { roleArn: `${NETWORK_ACCOUNT}:role/edge-validation` }),
  });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    server,
    solvers: [network.solver, partner.solver, delegated.solver],
  });

  // external-dns has one identity each, and sends the external id that the partner insists on.
  new ExternalDns(edge, 'dns-network', {
    ownerId: 'prod-network',
    zones: [SHOP_ZONE],
    provider: DnsProvider.route53({
      identity: AwsIdentity.assumedRole(AwsIdentity.podIdentity({ clusterArn: CLUSTER }), {
        roleArn: `${NETWORK_ACCOUNT}:role/edge-records`,
      }),
    }),
  });
  new ExternalDns(edge, 'dns-partner', {
    ownerId: 'prod-partner',
    zones: [PARTNER_ZONE],
    provider: DnsProvider.route53({
      identity: AwsIdentity.assumedRole(AwsIdentity.podIdentity({ clusterArn: CLUSTER }), {
        roleArn: `${PARTNER_ACCOUNT}:role/edge-records`,
        externalId: 'example-edge-prod',
      }),
    }),
  });

  const traefik = new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.awsNlb({ hostName: 'edge.example.com' }),
  });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(shop, 'namespace');
  const backend = { service: 'web', port: 80 };
  new IngressRouteWithTls(shop, 'web', { traefik, issuer, routes: [{ host: 'shop.example.com', backend }] });
  new IngressRouteWithTls(shop, 'partner', { traefik, issuer, routes: [{ host: 'shop.example.org', backend }] });
  // Who keeps the closed zone makes its records by hand: this name, and the CNAME in dist/dns/.
  new IngressRouteWithTls(shop, 'closed', {
    traefik,
    issuer,
    dns: false,
    routes: [{ host: 'shop.example.net', backend }],
  });
}

export const PRODUCTION: Environment = { server: AcmeServer.LETS_ENCRYPT_PRODUCTION };

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

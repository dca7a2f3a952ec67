import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { AcmeServer, LoadBalancer } from 'traefik-ha';
import {
  AwsAccess,
  CertManagerIssuer,
  EdgeNamespace,
  IngressRouteWithTls,
  Route53DnsChallengeIam,
  TraefikHA,
} from 'traefik-ha/pulumi';

const config = new pulumi.Config('edge');
const domain = config.require('domain');
const zone = new aws.route53.Zone('zone', { name: domain });

new EdgeNamespace('edge-namespace', { namespace: 'edge' });
const traefik = new TraefikHA('traefik', {
  namespace: 'edge',
  loadBalancer: LoadBalancer.awsNlb({ hostName: `edge.${domain}` }),
});
const challenge = new Route53DnsChallengeIam('dns01', {
  namespace: 'edge',
  zones: [zone],
  access: AwsAccess.irsa({ oidcProviderArn: config.require('oidcProviderArn') }),
});
const issuer = new CertManagerIssuer('letsencrypt', {
  namespace: 'edge',
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  solvers: [challenge.solver],
});

new EdgeNamespace('shop-namespace', { namespace: 'shop' });
// One record below leads to all of them, so that nobody needs to announce each.
const common = { namespace: 'shop', traefik, issuer, dns: false } as const;
const shop = new IngressRouteWithTls('shop', {
  ...common,
  routes: [{ host: `shop.${domain}`, backend: { service: 'web', port: 80 } }],
});
const api = new IngressRouteWithTls('api', {
  ...common,
  routes: [{ host: `api.${domain}`, pathPrefix: '/v1', backend: { service: 'api', port: 80 } }],
});
const record = { zoneId: zone.zoneId, type: 'CNAME', ttl: 300, records: [traefik.address] };
for (const name of [`edge.${domain}`, `*.${domain}`]) new aws.route53.Record(name, { ...record, name });

export const address = traefik.address;
export const { roleArn } = challenge;
export const { issuerRef } = issuer;
export const hosts = pulumi.all([shop.hosts, api.hosts]).apply((all) => all.flat());
export const nameServers = zone.nameServers;

import * as aws from '@pulumi/aws';
import { App, Chart } from 'cdk8s';
import {
  Certificate,
  CertificateStrategy,
  DnsEndpoint,
  HostedZone,
  CertManagerIssuer as Issuer,
  LoadBalancer,
  TlsOption,
  TlsStore,
} from 'traefik-ha';
import {
  AwsAccess,
  CertManagerIssuer,
  CertRotater,
  EdgeNamespace,
  ExternalDns,
  IngressRouteWithTls,
  KubeObject,
  Route53DnsChallengeIam,
  SynthesizedApp,
  TraefikHA,
  text,
} from 'traefik-ha/pulumi';

// Every text below that may be one comes out of this object: what is known only once it is there.
const words = {
  edge: 'edge',
  shop: 'shop',
  email: 'ops@example.com',
  address: '203.0.113.10',
  monitoring: 'monitoring',
  image: 'registry.example.com/traefik-ha:0.1.0',
  host: 'shop.example.com',
  service: 'web',
  rule: 'API.example.com',
  path: '/v1',
  middleware: 'limits',
  secret: 'partners-ca',
  issuer: 'letsencrypt',
  mail: 'Mail.example.com.',
  target: '2001:DB8::25',
};
const source = new KubeObject(
  'words',
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'words', annotations: words } },
  {},
);
const late = (word: keyof typeof words) =>
  source.metadata.apply(({ annotations }) => (annotations as typeof words)[word]);

const zone = new aws.route53.Zone('zone', { name: 'example.com' });
// Which solver answers for a host is told by the names of zones, so these are better known.
const named = { name: 'example.com', zoneId: zone.zoneId };
const known = HostedZone.of('example.com', { id: text(zone.zoneId) });
const access = AwsAccess.irsa({
  oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
  region: 'eu-central-1',
});

// One Output for one namespace: what is in it, and what makes it, find one another.
const edge = late('edge');
new EdgeNamespace('edge-namespace', { namespace: edge });
const traefik = new TraefikHA('traefik', {
  namespace: edge,
  loadBalancer: LoadBalancer.fixedAddress({ addresses: [text(late('address'))] }),
  replicas: 5,
});
const challenge = new Route53DnsChallengeIam('dns01', { namespace: edge, zones: [named], access });
const issuer = new CertManagerIssuer('letsencrypt', {
  namespace: edge,
  email: late('email'),
  solvers: [challenge.solver],
});
new ExternalDns('external-dns', { namespace: edge, ownerId: 'prod-1', zones: [named], provider: access });
new CertRotater('cert-rotater', {
  namespace: edge,
  image: late('image'),
  settings: { certificates: { issuer: 'letsencrypt' }, dns: {} },
  monitoring: { namespace: late('monitoring') },
});
const shop = new EdgeNamespace('shop-namespace', { namespace: 'shop' });
const backend = { service: late('service'), port: 80 };
const common = { namespace: 'shop', traefik, issuer, zones: [known] };
const besideWildcard = CertificateStrategy.perRoute({ besideWildcard: true });
new IngressRouteWithTls('web', { ...common, certificate: besideWildcard, routes: [{ host: late('host'), backend }] });
new IngressRouteWithTls('wild', {
  ...common,
  certificate: CertificateStrategy.wildcardPerZone(),
  routes: [{ host: 'wild.example.com', backend }],
});
new IngressRouteWithTls('sql', {
  ...common,
  protocol: 'tcp',
  certificate: besideWildcard,
  routes: [{ host: 'sql.example.com', backend }],
});
new IngressRouteWithTls('rules', {
  ...{ namespace: 'shop', traefik, issuer, zones: [named], certificate: besideWildcard },
  dns: { targets: [late('target')] },
  tlsOption: { name: 'mutual', namespace: 'shop' },
  hosts: [late('rule')],
  routes: [
    {
      host: late('rule'),
      pathPrefix: late('path'),
      backend,
      middlewares: [{ name: late('middleware'), declaredElsewhere: true }],
    },
    {
      rule: `Host(\`b.example.com\`) && PathPrefix(\`${text(late('path'))}\`)`,
      backend: [backend, { service: 'other', port: late('service') }],
    },
  ],
});
for (const access of [
  AwsAccess.podIdentity({ clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/prod' }),
  AwsAccess.user(),
]) {
  const by = new Route53DnsChallengeIam(`by-${access.kind}`, { namespace: edge, zones: [known], access });
  new CertManagerIssuer(`issuer-${access.kind}`, { namespace: edge, solvers: [by.solver] });
}

// Constructs that are no components come by an app.
const app = new App();
const own = new Chart(app, 'own', { namespace: text(late('shop')) });
new TlsOption(own, 'mutual', { clientCaSecrets: [text(late('secret'))] });
new TlsStore(own, 'store', { certificates: [text(late('secret'))] });
new Certificate(own, 'mail', {
  secretName: 'mail-tls',
  dnsNames: [text(late('mail'))],
  issuer: Issuer.existing(text(late('issuer'))),
});
new DnsEndpoint(own, 'mail-records', { dnsName: text(late('mail')), targets: [text(late('target'))] });
// Its namespace is another text, by which it does not find what makes it.
new SynthesizedApp('own', { app }, { dependsOn: shop });

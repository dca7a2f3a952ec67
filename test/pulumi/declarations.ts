import { join } from 'node:path';
import { ApiObject, type ApiObjectProps, Chart, Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import {
  AcmeServer,
  AcmeSolver,
  AwsIdentity,
  Certificate,
  CertificateStrategy,
  CertManagerIssuer,
  CertRotater,
  DnsEndpoint,
  DnsProvider,
  EdgeNamespace,
  EdgeNodes,
  EdgeVerification,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  KvCertificatePublisher,
  KvSeedJob,
  KvStore,
  LoadBalancer,
  Route53DnsChallengeIam,
  TlsOption,
  TlsStore,
  TraefikHA,
} from '../../lib';
import type { Manifest } from '../support/synthesize';
import type { Answer } from './recording-engine';

/** A program of Pulumi, and what it declares, by the constructs of cdk8s alone. */
export interface Declaration {
  readonly program: string;
  readonly config: Readonly<Record<string, string>>;
  readonly declared: () => Manifest[];
  /** Resources of the program that are no part of the declaration, by name. */
  readonly others: readonly string[];
}

const ROLE = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const example = (name: string) => join(__dirname, '../../examples', name, 'index.ts');

/** The programs that are compared with cdk8s: every component with Outputs for texts, and the two examples. */
export const DECLARATIONS: Readonly<Record<string, Declaration>> = {
  everything: {
    program: join(__dirname, 'programs/everything.ts'),
    config: {},
    declared: everything,
    others: ['words'],
  },
  'pulumi-full-stack': {
    program: example('pulumi-full-stack'),
    config: {
      'edge:domain': 'example.com',
      'edge:oidcProviderArn': 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
    },
    declared: fullStack,
    others: [],
  },
  'pulumi-existing-cluster': {
    program: example('pulumi-existing-cluster'),
    config: {},
    declared: existingCluster,
    others: ['cluster'],
  },
};

/** What is not applied on the proving ground: what it does is proven there by examples, and Jobs are never the same. */
export const FURTHER: Readonly<Record<string, Declaration>> = {
  nodes: { program: join(__dirname, 'programs/nodes.ts'), config: {}, declared: onNodes, others: ['words'] },
};

function synthesized(...charts: readonly Chart[]): Manifest[] {
  return charts.flatMap((chart) => Testing.synth(chart) as Manifest[]);
}

function fullStack(): Manifest[] {
  const app = Testing.app();
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(edge, 'edge-namespace');
  const traefik = new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.awsNlb({ hostName: 'edge.example.com' }),
  });
  const challenge = new Route53DnsChallengeIam(edge, 'dns01', {
    zones: [HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' })],
    identity: AwsIdentity.role({ roleArn: ROLE('dns01'), region: 'eu-central-1' }),
  });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
    solvers: [challenge.solver],
  });
  new EdgeNamespace(shop, 'shop-namespace');
  const common = { traefik, issuer, dns: false } as const;
  new IngressRouteWithTls(shop, 'shop', {
    ...common,
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
  });
  new IngressRouteWithTls(shop, 'api', {
    ...common,
    routes: [{ host: 'api.example.com', pathPrefix: '/v1', backend: { service: 'api', port: 80 } }],
  });
  return synthesized(edge, shop);
}

function existingCluster(): Manifest[] {
  const app = Testing.app();
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new EdgeNamespace(edge, 'edge-namespace');
  const traefik = new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }),
  });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', { solvers: [AcmeSolver.http01()] });
  new k8s.KubeNamespace(shop, 'namespace', { metadata: { name: 'shop' } });
  new k8s.KubeService(shop, 'service', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: k8s.IntOrString.fromNumber(8080) }] },
  });
  new IngressRouteWithTls(shop, 'web', {
    ...{ traefik, issuer },
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
  });
  new CertRotater(edge, 'cert-rotater', {
    image: 'registry.example.com/traefik-ha:0.1.0',
    settings: { certificates: { issuer: 'letsencrypt' }, dns: { service: 'edge/traefik' } },
  });
  return synthesized(edge, shop);
}

function everything(): Manifest[] {
  const app = Testing.app();
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  const zone = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
  new EdgeNamespace(edge, 'edge-namespace', { name: 'edge' });
  const traefik = new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }),
    replicas: 5,
  });
  const challenge = new Route53DnsChallengeIam(edge, 'dns01', {
    zones: [zone],
    identity: AwsIdentity.role({ roleArn: ROLE('dns01'), region: 'eu-central-1' }),
    name: 'dns01',
  });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', {
    email: 'ops@example.com',
    solvers: [challenge.solver],
  });
  const identity = AwsIdentity.role({ roleArn: ROLE('external-dns'), region: 'eu-central-1' });
  new ExternalDns(edge, 'external-dns', {
    ownerId: 'prod-1',
    zones: [zone],
    provider: DnsProvider.route53({ identity }),
  });
  new CertRotater(edge, 'cert-rotater', {
    image: 'registry.example.com/traefik-ha:0.1.0',
    settings: { certificates: { issuer: 'letsencrypt' }, dns: {} },
    monitoring: { namespace: 'monitoring' },
  });
  const backend = { service: 'web', port: 80 };
  new EdgeNamespace(shop, 'shop-namespace', { name: 'shop' });
  const common = { traefik, issuer, zones: [zone] };
  const besideWildcard = CertificateStrategy.perRoute({ besideWildcard: true });
  new IngressRouteWithTls(shop, 'web', {
    ...common,
    certificate: besideWildcard,
    routes: [{ host: 'shop.example.com', backend }],
  });
  new IngressRouteWithTls(shop, 'wild', {
    ...common,
    certificate: CertificateStrategy.wildcardPerZone(),
    routes: [{ host: 'wild.example.com', backend }],
  });
  new IngressRouteWithTls(shop, 'sql', {
    ...common,
    protocol: 'tcp',
    certificate: besideWildcard,
    routes: [{ host: 'sql.example.com', backend }],
  });
  new IngressRouteWithTls(shop, 'rules', {
    ...common,
    certificate: besideWildcard,
    dns: { targets: ['2001:db8::25'] },
    tlsOption: { name: 'mutual', namespace: 'shop' },
    hosts: ['api.example.com'],
    routes: [
      {
        ...{ host: 'api.example.com', pathPrefix: '/v1', backend },
        middlewares: [{ name: 'limits', declaredElsewhere: true }],
      },
      {
        rule: 'Host(`b.example.com`) && PathPrefix(`/v1`)',
        backend: [backend, { service: 'other', port: 'web' }],
      },
    ],
  });
  const byPods = new Route53DnsChallengeIam(edge, 'by-pod-identity', {
    zones: [zone],
    identity: AwsIdentity.ambient({ region: 'eu-central-1' }),
  });
  new CertManagerIssuer(edge, 'issuer-pod-identity', { solvers: [byPods.solver] });
  const keys = new ApiObject(edge, 'keys', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'by-user-aws', namespace: 'cert-manager' } },
    stringData: { 'access-key-id': 'by-user-id', 'secret-access-key': 'hunter2' },
  } as ApiObjectProps);
  const keyOf = (key: string) => ({ secretName: keys.name, key });
  const byUser = new Route53DnsChallengeIam(edge, 'by-user', {
    zones: [zone],
    identity: AwsIdentity.staticKeys({
      accessKeyId: keyOf('access-key-id'),
      secretAccessKey: keyOf('secret-access-key'),
    }),
  });
  new CertManagerIssuer(edge, 'issuer-user', { solvers: [byUser.solver] });

  const own = new Chart(Testing.app(), 'own', { namespace: 'shop' });
  new TlsOption(own, 'mutual', { clientCaSecrets: ['partners-ca'] });
  new TlsStore(own, 'store', { certificates: ['partners-ca'] });
  new Certificate(own, 'mail', {
    secretName: 'mail-tls',
    dnsNames: ['mail.example.com'],
    issuer: CertManagerIssuer.existing('letsencrypt'),
  });
  new DnsEndpoint(own, 'mail-records', { dnsName: 'mail.example.com', targets: ['2001:db8::25'] });
  return synthesized(edge, shop, own);
}

function onNodes(): Manifest[] {
  const app = Testing.app();
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const records = new Chart(app, 'records', { namespace: 'records' });
  const image = 'registry.example.com/traefik-ha:0.1.0';
  const { nodeRecord } = new TraefikHA(edge, 'traefik', {
    nodes: EdgeNodes.watched({ hostName: 'edge.example.com', labels: { 'example.com/edge': 'true' } }),
  });
  new CertRotater(records, 'nodes', { image, settings: { zones: ['example.com'], nodes: nodeRecord } });
  new EdgeVerification(edge, 'verification', {
    image,
    service: { namespace: 'edge', name: 'traefik' },
    at: 'nodes',
    secrets: [{ namespace: 'shop', name: 'web-tls' }],
    pushGateway: 'http://pushgateway.monitoring:9091',
  });
  const store = KvStore.etcd({ endpoints: ['traefik:2379'] });
  const servers = [{ url: 'http://edge.example.com' }];
  new KvSeedJob(edge, 'seed', {
    store,
    configuration: { http: { services: { shop: { loadBalancer: { servers } } } } },
  });
  new KvCertificatePublisher(edge, 'publisher', { store, certificates: [{ secretName: 'traefik' }] });
  return synthesized(edge, records);
}

/** What AWS would answer it. */
export const answerOfAws: Answer = ({ name, inputs }) => ({
  arn: ROLE(name),
  secret: 'hunter2',
  name: inputs.name ?? name,
  zoneId: 'Z0123456789ABCDEFGHIJ',
  nameServers: ['ns-1.example.net'],
});

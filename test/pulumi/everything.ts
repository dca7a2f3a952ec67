import { join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import {
  AwsIdentity,
  CertificateStrategy,
  CertManagerIssuer,
  CertRotater,
  DnsProvider,
  EdgeNamespace,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  LoadBalancer,
  Route53DnsChallengeIam,
  TraefikHA,
} from '../../lib';
import type { Manifest } from '../support/synthesize';
import type { Answer } from './recording-engine';

/** A program that declares everything, by components with Outputs for texts. */
export const EVERYTHING = join(__dirname, 'programs/everything.ts');

const ROLE = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** What {@link EVERYTHING} declares, by the constructs alone. */
export function declared(): Manifest[] {
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
  return [edge, shop].flatMap((chart) => Testing.synth(chart) as Manifest[]);
}

/** What AWS would answer it. */
export const answerOfAws: Answer = ({ name, inputs }) => ({
  arn: ROLE(name),
  name: inputs.name ?? name,
  zoneId: 'Z0123456789ABCDEFGHIJ',
});

import { AwsIdentity, CertManagerIssuer, IngressRouteWithTls, TraefikHA } from 'traefik-ha';
import { chartOf } from '../../test/support/charts';
import { filesOf, objectsOf } from '../../test/support/synthesize';
import { build, PRODUCTION, REGION_ZONE, ZONE } from './main';

const files = filesOf((app) => build(app, PRODUCTION));
const ofKind = (kind: string) => objectsOf(files).filter((object) => object.kind === kind);

test('what is written to dist', () => {
  for (const [path, text] of Object.entries(files)) expect(text).toMatchSnapshot(path);
});

test('a deep name is answered for in the zone that holds it, which nobody has to look for', () => {
  const [issuer] = ofKind('ClusterIssuer');
  const solvers = issuer?.spec.acme.solvers as { selector: { dnsZones: string[] }; dns01: { route53: object } }[];
  expect(solvers.map(({ selector, dns01 }) => [...selector.dnsZones, dns01.route53])).toEqual([
    ['example.com', { region: 'eu-central-1', hostedZoneID: ZONE.id }],
    ['eu.example.com', { region: 'eu-central-1', hostedZoneID: REGION_ZONE.id }],
  ]);
});

test('the apex is an ALIAS, and other names are CNAMEs', () => {
  const [endpoint] = ofKind('DNSEndpoint');
  expect(
    endpoint?.spec.endpoints.map(
      (each: { recordType: string; dnsName: string }) => `${each.dnsName} ${each.recordType}`,
    ),
  ).toEqual(['cart.shop.eu.example.com CNAME', 'example.com A']);
});

test('a host in none of the zones is refused, with the nearest one', () => {
  expect(() =>
    filesOf((app) => {
      build(app, PRODUCTION);
      const chart = chartOf('blog', app);
      new IngressRouteWithTls(chart, 'blog', {
        traefik: new TraefikHA(chartOf('other', app), 'traefik-2'),
        issuer: CertManagerIssuer.existing('letsencrypt'),
        zones: [ZONE, REGION_ZONE],
        dns: { targets: ['203.0.113.10'] },
        routes: [{ host: 'blog.eu.example.org', backend: { service: 'blog', port: 80 } }],
      });
    }),
  ).toThrow('Add the zone that holds it to zones, or use a name below example.com');
});

test.each([
  ['nodes that have the role', () => AwsIdentity.ambient()],
  [
    'IRSA',
    (roleName: string) =>
      AwsIdentity.irsa({
        oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
        roleName,
      }),
  ],
  [
    'keys',
    () =>
      AwsIdentity.staticKeys({
        accessKeyId: { secretName: 'aws', key: 'id' },
        secretAccessKey: { secretName: 'aws', key: 'secret' },
      }),
  ],
])('the same policies with %s', (_, identity) => {
  const others = filesOf((app) => build(app, { ...PRODUCTION, identity }));
  const policies = (from: Record<string, string>) =>
    Object.entries(from).flatMap(([path, text]) => (path.endsWith('.policy.json') ? [text] : []));
  expect(policies(others).sort()).toEqual(policies(files).sort());
});

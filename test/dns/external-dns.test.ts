import { Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { AwsIdentity } from '../../lib/aws/identity';
import { Cluster } from '../../lib/cluster';
import { DnsEndpoint } from '../../lib/dns/dns-endpoint';
import { ExternalDns, type ExternalDnsProps } from '../../lib/dns/external-dns';
import { DnsProvider } from '../../lib/edge/dns-provider';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { HOSTNAME_ANNOTATION } from '../../lib/traefik/service';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart, identities, objectsIn, only, podOf } from '../support/edge';
import type { Manifest } from '../support/synthesize';

const ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });
const OTHER_ZONE = HostedZone.of('example.org', { id: 'Z9876543210ZYXWVUTSRQ' });
const IDENTITY = AwsIdentity.irsa({
  oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
});
const IMAGE = `registry.example.com/external-dns@sha256:${'0123456789abcdef'.repeat(4)}`;

const externalDnsIn = (scope: Construct, props: Partial<ExternalDnsProps> = {}) =>
  new ExternalDns(scope, 'external-dns', {
    ownerId: 'prod-1',
    zones: [ZONE],
    provider: DnsProvider.route53(),
    ...props,
  });
const externalDns = (props: Partial<ExternalDnsProps> = {}) => {
  const chart = edgeChart();
  externalDnsIn(chart, props);
  return objectsIn(chart);
};
const argumentsOf = (objects: Manifest[]): string[] =>
  podOf(objects.filter(({ metadata }) => metadata.name.endsWith('external-dns'))).containers[0].args;

test('defaults', () => {
  const chart = edgeChart();
  const construct = externalDnsIn(chart);
  const objects = objectsIn(chart);
  expect(construct).toMatchObject({ name: 'external-dns', ownerId: 'prod-1', trustPolicy: undefined });
  expect(identities(objects)).toEqual([
    'ServiceAccount external-dns',
    'ClusterRole edge-external-dns',
    'ClusterRoleBinding edge-external-dns',
    'Deployment external-dns',
  ]);
  expect(argumentsOf(objects)).toEqual([
    '--source=crd',
    '--provider=aws',
    '--zone-id-filter=Z0123456789ABCDEFGHIJ',
    '--aws-zone-type=public',
    '--domain-filter=example.com',
    '--policy=sync',
    '--registry=txt',
    '--txt-owner-id=prod-1',
    '--txt-prefix=edns-%{record_type}.',
    '--txt-wildcard-replacement=_wildcard',
    '--interval=1m',
    '--events',
    '--log-format=json',
  ]);
  expect(podOf(objects).containers[0].image).toBe('registry.k8s.io/external-dns/external-dns:v0.22.0');
});

test('everything', () => {
  const everything: Required<ExternalDnsProps> = {
    ownerId: 'staging-2',
    zones: [OTHER_ZONE, ZONE],
    provider: DnsProvider.route53({ identity: IDENTITY }),
    policy: 'upsert-only',
    image: IMAGE,
    name: 'records',
  };
  const chart = edgeChart();
  const construct = externalDnsIn(chart, everything);
  const objects = objectsIn(chart);
  expect(identities(objects)).toEqual([
    'ServiceAccount records',
    'ClusterRole edge-records',
    'ClusterRoleBinding edge-records',
    'Deployment records',
  ]);
  const { args, image } = podOf(objects).containers[0];
  expect(image).toBe(IMAGE);
  expect(args).toEqual(
    expect.arrayContaining([
      '--zone-id-filter=Z0123456789ABCDEFGHIJ',
      '--zone-id-filter=Z9876543210ZYXWVUTSRQ',
      '--domain-filter=example.com',
      '--domain-filter=example.org',
      '--policy=upsert-only',
      '--txt-owner-id=staging-2',
    ]),
  );
  expect(only(objects, 'ServiceAccount').metadata.annotations).toEqual({
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/edge-records',
  });
  expect(JSON.stringify(construct.trustPolicy)).toContain('system:serviceaccount:edge:records');
  expect(JSON.stringify(construct.policyDocument)).toContain('arn:aws:route53:::hostedzone/Z9876543210ZYXWVUTSRQ');
});

test('the default child is the Deployment', () => {
  const construct = externalDnsIn(edgeChart());
  expect(construct.node.defaultChild).toBe(construct.deployment);
  expect(construct.deployment.kind).toBe('Deployment');
});

test('the order of zones does not matter', () => {
  expect(externalDns({ zones: [ZONE, OTHER_ZONE] })).toEqual(externalDns({ zones: [OTHER_ZONE, ZONE] }));
});

test('with IRSA exactly its own account may take the role', () => {
  const construct = externalDnsIn(edgeChart(), { provider: DnsProvider.route53({ identity: IDENTITY }) });
  expect(construct.trustPolicy?.Statement.map(({ Condition }) => Condition)).toEqual([
    {
      StringEquals: {
        'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:aud': 'sts.amazonaws.com',
        'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub': 'system:serviceaccount:edge:external-dns',
      },
    },
  ]);
});

test('a DNS server needs no IAM', () => {
  const provider = DnsProvider.rfc2136({
    host: 'ns1.example.com',
    tsig: { keyName: 'edge-key', secret: { secretName: 'tsig', key: 'secret' } },
  });
  const construct = externalDnsIn(edgeChart(), { provider, zones: [HostedZone.of('example.com')] });
  expect(construct).toMatchObject({ policyDocument: undefined, trustPolicy: undefined });
});

describe('it may', () => {
  const watch = ['list', 'watch'];
  const ENDPOINT_RULES = [
    { apiGroups: ['externaldns.k8s.io'], resources: ['dnsendpoints'], verbs: watch },
    { apiGroups: ['externaldns.k8s.io'], resources: ['dnsendpoints/status'], verbs: ['update'] },
  ];
  const sourcesOf = (objects: Manifest[]) =>
    argumentsOf(objects).filter((argument) => /^--(source|service|label)/.test(argument));
  const roleOf = (objects: Manifest[]) =>
    only(
      objects.filter(({ metadata }) => metadata.name === 'edge-external-dns'),
      'ClusterRole',
    );

  test('watch DNSEndpoints, and nothing else where no load balancer is announced', () => {
    const chart = edgeChart();
    externalDnsIn(chart);
    new TraefikHA(chart, 'traefik', { loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }) });
    const objects = objectsIn(chart);
    expect(roleOf(objects).rules).toEqual(ENDPOINT_RULES);
    expect(sourcesOf(objects)).toEqual(['--source=crd']);
  });

  test.each(['before', 'after'])('watch Services as well where one is announced %s it', (when) => {
    const chart = edgeChart();
    if (when === 'after') externalDnsIn(chart);
    new TraefikHA(chart, 'traefik', { loadBalancer: LoadBalancer.generic({ hostName: 'lb.example.com' }) });
    if (when === 'before') externalDnsIn(chart);
    const objects = objectsIn(chart);
    expect(roleOf(objects).rules).toEqual([
      ...ENDPOINT_RULES,
      { apiGroups: [''], resources: ['services'], verbs: watch },
    ]);
    expect(sourcesOf(objects)).toEqual([
      '--source=crd',
      '--source=service',
      '--service-type-filter=LoadBalancer',
      '--label-filter=app.kubernetes.io/managed-by=traefik-ha',
    ]);
  });

  test('not watch Services for the load balancer of another cluster', () => {
    const app = Testing.app();
    const east = edgeChart(new Cluster(app, 'east'));
    externalDnsIn(east);
    new TraefikHA(edgeChart(new Cluster(app, 'west')), 'traefik', {
      loadBalancer: LoadBalancer.generic({ hostName: 'lb.example.com' }),
    });
    expect(roleOf(objectsIn(east)).rules).toEqual(ENDPOINT_RULES);
  });

  test('all of that as the account that its pod runs as', () => {
    const objects = externalDns({ name: 'records' });
    const { roleRef, subjects } = only(objects, 'ClusterRoleBinding');
    expect(roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edge-records' });
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'records', namespace: 'edge' }]);
    expect(podOf(objects).serviceAccountName).toBe('records');
  });
});

test('what it reads carries the label that it filters by', () => {
  const chart = edgeChart();
  externalDnsIn(chart);
  new TraefikHA(chart, 'traefik', { loadBalancer: LoadBalancer.generic({ hostName: 'lb.example.com' }) });
  new DnsEndpoint(chart, 'shop', { dnsName: 'shop.example.com', targets: ['lb.example.com'] });
  const objects = objectsIn(chart);
  const filter = argumentsOf(objects).find((argument) => argument.startsWith('--label-filter=')) ?? '';
  const [, key = '', value] = filter.split('=');
  expect(only(objects, 'DNSEndpoint').metadata.labels?.[key]).toBe(value);
  expect(only(objects, 'Service').metadata.labels?.[key]).toBe(value);
  expect(only(objects, 'Service').metadata.annotations?.[HOSTNAME_ANNOTATION]).toBe('lb.example.com');
});

test('there is never more than one at a time', () => {
  const { replicas, strategy } = only(externalDns(), 'Deployment').spec;
  expect(replicas).toBe(1);
  expect(strategy).toEqual({ type: 'Recreate' });
});

test('its pod passes the restricted standard, and can read a projected token', () => {
  const { containers, ...pod } = podOf(externalDns());
  expect(pod).toMatchObject({
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(containers).toHaveLength(1);
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  });
});

test('selectors match, probes ask where it answers, and memory is limited', () => {
  const { selector, template } = only(externalDns(), 'Deployment').spec;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  const { ports, readinessProbe, livenessProbe, resources } = template.spec.containers[0];
  expect(ports).toEqual([{ name: 'http', containerPort: 7979, protocol: 'TCP' }]);
  for (const { httpGet } of [readinessProbe, livenessProbe])
    expect(httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } });
});

test('every object says whose it is', () => {
  for (const { kind, metadata } of externalDns()) {
    expect(metadata.namespace).toBe(kind.startsWith('ClusterRole') ? undefined : 'edge');
    expect(metadata.labels).toEqual({
      'app.kubernetes.io/name': 'traefik-ha',
      'app.kubernetes.io/instance': 'external-dns',
      'app.kubernetes.io/component': 'external-dns',
      'app.kubernetes.io/managed-by': 'traefik-ha',
    });
  }
});

describe('what cannot be is refused', () => {
  const DNS_09 = {
    code: 'DNS-09',
    message: "an owner id is up to 63 letters, digits and ._-, and not 'default', which every careless install has",
    fix: "Write ownerId: 'prod-1', unlike in every other cluster that writes to the zones",
  };

  test('one owner id for two, whatever their clusters', () => {
    const app = Testing.app();
    const east = edgeChart(new Cluster(app, 'east'));
    externalDnsIn(east);
    externalDnsIn(edgeChart(new Cluster(app, 'west')));
    externalDnsIn(edgeChart(new Cluster(app, 'north')), { ownerId: 'prod-2' });
    expect(() => Testing.synth(east)).toThrow(
      new TraefikHaError([
        {
          code: 'DNS-08',
          at: 'west/edge/external-dns',
          value: 'prod-1',
          message: 'east/edge/external-dns has the same owner id, so each would remove the records of the other',
          fix: 'Give each ExternalDns an ownerId of its own',
        },
      ]),
    );
  });

  test.each(['', 'default', 'prod 1', '-prod', 'a"b', 'a'.repeat(64)])('the owner id %j', (ownerId) => {
    const chart = edgeChart();
    externalDnsIn(chart, { ownerId });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([{ ...DNS_09, at: 'edge/external-dns', value: ownerId }]),
    );
  });

  test('no zones', () => {
    const chart = edgeChart();
    externalDnsIn(chart, {
      zones: [],
      provider: DnsProvider.rfc2136({
        host: '203.0.113.53',
        tsig: { keyName: 'edge-key', secret: { secretName: 'tsig', key: 'secret' } },
      }),
    });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'DNS-10',
          at: 'edge/external-dns',
          value: '',
          message: 'without a zone it could write to all that it can reach',
          fix: "Give zones: [HostedZone.of('example.com')]",
        },
      ]),
    );
  });

  test('a zone that is none, once, though the provider finds it as well', () => {
    const chart = edgeChart();
    externalDnsIn(chart, { zones: [HostedZone.of('com.', { id: 'Z1' })] });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'ZONE-02',
          at: 'edge/external-dns',
          value: 'com',
          message: 'not the name of a zone',
          fix: 'Give its apex, such as example.com',
        },
      ]),
    );
  });

  test('an image that changes', () => {
    const chart = edgeChart();
    externalDnsIn(chart, { image: 'external-dns' });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'IMAGE-01',
          at: 'edge/external-dns',
          value: 'external-dns',
          message: 'not an image with a tag other than latest, or a digest: it would change under the pods that run it',
          fix: 'Write registry.example.com/traefik:v3.7.13, or …@sha256:…',
        },
      ]),
    );
  });
});

test('two in one chart have names of their own', () => {
  const chart = new Chart(Testing.app(), 'edge', { namespace: 'edge' });
  for (const zone of [ZONE, OTHER_ZONE]) {
    new ExternalDns(chart, `dns-${zone.name.split('.')[1]}`, {
      ownerId: zone.name,
      zones: [zone],
      provider: DnsProvider.route53(),
    });
  }
  expect(identities(objectsIn(chart)).filter((each) => each.startsWith('Deployment'))).toEqual([
    'Deployment dns-com',
    'Deployment dns-org',
  ]);
});

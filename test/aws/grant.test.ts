import { type App, Chart, Testing } from 'cdk8s';
import { AwsIdentity } from '../../lib/aws/identity';
import { dnsChallengePolicy, externalDnsPolicy } from '../../lib/aws/policies';
import { Route53DnsChallengeIam } from '../../lib/aws/route53-dns-challenge-iam';
import { route53Provider } from '../../lib/aws/route53-provider';
import { Cluster } from '../../lib/cluster';
import { ExternalDns } from '../../lib/dns/external-dns';
import { iamGrants } from '../../lib/iam-documents';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { accepted, chartOf, ZONE } from '../support/charts';
import { filesOf } from '../support/synthesize';

const oidcProviderArn = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';
const irsa = AwsIdentity.irsa({ oidcProviderArn });
const zones = [ZONE];

test('documents are files, ready to be given to aws iam', () => {
  const files = filesOf((app) => {
    const chart = chartOf('edge', app);
    new Route53DnsChallengeIam(chart, 'dns01', { zones, identity: irsa });
    new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones, provider: route53Provider() });
  });
  const json = Object.entries(files).filter(([path]) => path.startsWith('iam/'));
  expect(json.map(([path, text]) => [path, JSON.parse(text)])).toEqual([
    ['iam/edge-dns01.policy.json', dnsChallengePolicy(zones, 'aws')],
    ['iam/edge-dns01.trust.json', expect.objectContaining({ Version: '2012-10-17' })],
    ['iam/edge-external-dns.policy.json', externalDnsPolicy(zones, 'aws')],
  ]);
  expect(files['iam/edge-dns01.trust.json']).toContain('"system:serviceaccount:cert-manager:dns01"');
});

test('without a grant there is no folder for them', () => {
  expect(Object.keys(filesOf((app) => chartOf('edge', app)))).toEqual(['edge.k8s.yaml']);
});

test('files and objects are called as the role is', () => {
  const app = Testing.app();
  const identity = AwsIdentity.irsa({ oidcProviderArn, roleName: 'Edge_DNS@prod' });
  const chart = chartOf('edge', app);
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', { zones, identity, emit: 'ack' });
  expect(iamGrants(app).map(({ name }) => name)).toEqual(['Edge_DNS@prod']);
  expect(challenge.roleArn).toBe('arn:aws:iam::123456789012:role/Edge_DNS@prod');
  const [policy, role] = accepted(app.node.findChild('edge-iam') as Chart);
  expect([policy?.spec.name, role?.spec.name]).toEqual(['Edge_DNS@prod', 'Edge_DNS@prod']);
  expect([policy?.metadata.name, role?.spec.policyRefs]).toEqual(['edge-dns01', [{ from: { name: 'edge-dns01' } }]]);
});

test('grants of one name and different content are refused', () => {
  const app = Testing.app();
  const chart = chartOf('edge', app);
  const identity = AwsIdentity.irsa({ oidcProviderArn, roleName: 'edge' });
  new Route53DnsChallengeIam(chart, 'dns01', { zones, identity, emit: 'ack' });
  const provider = route53Provider({ identity, emit: 'ack' });
  new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones, provider });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'AWS-05',
        at: 'edge/external-dns',
        value: 'edge',
        message: 'edge/dns01 has a policy or role of that name with other content, and one would overwrite the other',
        fix: 'Give one of them another name, or another roleName where the identity says one',
      },
    ]),
  );
});

test('grants of one name and the same content are one', () => {
  const app = Testing.app();
  for (const id of ['west', 'east']) {
    new Route53DnsChallengeIam(chartOf('edge', new Cluster(app, id)), 'dns01', { zones });
  }
  expect(iamGrants(app).map(({ name }) => name)).toEqual(['edge-dns01']);
  expect(() => app.synthYaml()).not.toThrow();
});

test('grants are listed by name, whatever the order of declaration', () => {
  const app = Testing.app();
  for (const id of ['b', 'a', 'c']) new Route53DnsChallengeIam(chartOf(id, app), 'dns01', { zones });
  expect(iamGrants(app).map(({ name }) => name)).toEqual(['a-dns01', 'b-dns01', 'c-dns01']);
});

test('a zone of one cluster is not in the policy of another', () => {
  const app = Testing.app();
  const west = new Route53DnsChallengeIam(chartOf('west', app), 'dns01', { zones });
  new Route53DnsChallengeIam(chartOf('east', app), 'dns01', { zones: [HostedZone.of('example.org', { id: 'ZB' })] });
  expect(JSON.stringify(west.policyDocument)).not.toContain('ZB');
});

test('no secret, and no place for one, is in any output', () => {
  const files = filesOf((app) => {
    const identity = AwsIdentity.staticKeys({
      accessKeyId: { secretName: 'aws', key: 'id' },
      secretAccessKey: { secretName: 'aws', key: 'secret' },
    });
    const chart = chartOf('edge', app);
    new Route53DnsChallengeIam(chart, 'dns01', { zones, identity, emit: 'ack' });
    const provider = route53Provider({ identity, emit: 'ack' });
    new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones, provider });
  });
  expect(Object.values(files).join()).not.toMatch(/kind: Secret|stringData|AKIA/);
});

test('a chart may hold grants of several namespaces', () => {
  const app = Testing.app();
  for (const namespace of ['west', 'east']) {
    const chart = new Chart(new Chart(app, namespace), 'edge', { namespace });
    new Route53DnsChallengeIam(chart, 'dns01', { zones, emit: 'ack' });
  }
  const objects = accepted(app.node.findChild('edge-iam') as Chart);
  expect(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'west/west-dns01',
    'east/east-dns01',
  ]);
});

describe('more zones than one policy can name', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => HostedZone.of(`zone-${index}.example.com`, { id: `Z${index}A` }));

  test('make several, which the role has all', () => {
    const declare = (app: App) => {
      const chart = chartOf('edge', app);
      new Route53DnsChallengeIam(chart, 'dns01', { zones: many(100), identity: irsa, emit: 'ack' });
    };
    const names = Object.keys(filesOf(declare)).filter((path) => path.startsWith('iam/'));
    expect(names).toEqual([
      'iam/edge-dns01-2.policy.json',
      'iam/edge-dns01-3.policy.json',
      'iam/edge-dns01.policy.json',
      'iam/edge-dns01.trust.json',
    ]);
    const app = Testing.app();
    declare(app);
    const objects = accepted(app.node.findChild('edge-iam') as Chart);
    expect(objects.map(({ kind, spec }) => [kind, spec.name])).toEqual([
      ['Policy', 'edge-dns01'],
      ['Policy', 'edge-dns01-2'],
      ['Policy', 'edge-dns01-3'],
      ['Role', 'edge-dns01'],
    ]);
    const refs = ['edge-dns01', 'edge-dns01-2', 'edge-dns01-3'].map((name) => ({ from: { name } }));
    expect(objects[3]?.spec.policyRefs).toEqual(refs);
  });

  test('are refused where a role cannot have so many', () => {
    const chart = chartOf('edge');
    new Route53DnsChallengeIam(chart, 'dns01', { zones: many(361) });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'AWS-14',
          at: 'edge/dns01',
          value: '11',
          message: 'so many zones need 11 managed policies of 6,144 characters, and a role has 10 at most',
          fix: 'Divide the zones among several constructs, each with a role of its own',
        },
      ]),
    );
  });
});

test('what is of another account, or for EKS, is a file of its own', () => {
  const clusterArn = 'arn:aws:eks:eu-central-1:123456789012:cluster/prod';
  const files = filesOf((app) => {
    const identity = AwsIdentity.assumedRole(AwsIdentity.podIdentity({ clusterArn }), {
      roleArn: 'arn:aws:iam::210987654321:role/records',
      externalId: 'edge-prod',
    });
    const provider = route53Provider({ identity });
    new ExternalDns(chartOf('edge', app), 'external-dns', { ownerId: 'prod-1', zones, provider });
  });
  const json = Object.entries(files).filter(([path]) => path.startsWith('iam/'));
  expect(json.map(([path, text]) => [path, JSON.parse(text)])).toEqual([
    ['iam/210987654321/records.policy.json', externalDnsPolicy(zones, 'aws')],
    [
      'iam/210987654321/records.trust.json',
      expect.objectContaining({
        Statement: [
          expect.objectContaining({
            Action: ['sts:AssumeRole'],
            Condition: { StringEquals: { 'sts:ExternalId': 'edge-prod' } },
          }),
          expect.objectContaining({ Action: ['sts:TagSession'] }),
        ],
      }),
    ],
    [
      'iam/edge-external-dns.association.json',
      {
        clusterName: 'prod',
        namespace: 'edge',
        serviceAccount: 'external-dns',
        roleArn: 'arn:aws:iam::123456789012:role/edge-external-dns',
      },
    ],
    [
      'iam/edge-external-dns.policy.json',
      {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TakeRoleOfZones',
            Effect: 'Allow',
            Action: ['sts:AssumeRole', 'sts:TagSession'],
            Resource: ['arn:aws:iam::210987654321:role/records'],
          },
        ],
      },
    ],
    ['iam/edge-external-dns.trust.json', expect.any(Object)],
  ]);
  expect(files['edge.k8s.yaml']).toContain('--aws-assume-role=arn:aws:iam::210987654321:role/records');
  expect(files['edge.k8s.yaml']).toContain('--aws-assume-role-external-id=edge-prod');
  expect(files['edge.k8s.yaml']).not.toContain('eks.amazonaws.com');
});

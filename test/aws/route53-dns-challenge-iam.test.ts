import { Chart, Testing } from 'cdk8s';
import { AwsIdentity } from '../../lib/aws/identity';
import { dnsChallengePolicy } from '../../lib/aws/policies';
import { Route53DnsChallengeIam, type Route53DnsChallengeIamProps } from '../../lib/aws/route53-dns-challenge-iam';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { accepted, chartOf, identities, theOnly, ZONE } from '../support/charts';

const oidcProviderArn = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';
const irsa = AwsIdentity.irsa({ oidcProviderArn });
const other = HostedZone.of('example.org', { id: 'Z9876543210ZYXWVUTSRQ' });
const staticKeys = AwsIdentity.staticKeys({
  accessKeyId: { secretName: 'aws', key: 'id' },
  secretAccessKey: { secretName: 'aws', key: 'secret' },
});

const route53Of = ({ solver }: Route53DnsChallengeIam) =>
  solver.entries.map(({ config }) => (config.dns01 as { route53: Record<string, unknown> }).route53);

test('defaults: what surrounds cert-manager is who it is, and there is nothing to apply', () => {
  const chart = chartOf('edge');
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE] });
  expect(accepted(chart)).toEqual([]);
  expect(challenge.solver).toEqual({
    entries: [
      {
        challenge: 'dns01',
        zones: [ZONE],
        config: { dns01: { route53: { region: 'us-east-1', hostedZoneID: ZONE.id } } },
      },
    ],
    findings: [],
  });
  expect(challenge.policyDocument).toEqual(dnsChallengePolicy([ZONE], 'aws'));
  expect([challenge.roleArn, challenge.trustPolicy]).toEqual([undefined, undefined]);
});

test('everything', () => {
  const chart = chartOf('edge');
  const props: Required<Route53DnsChallengeIamProps> = {
    zones: [ZONE],
    identity: irsa,
    emit: 'ack',
    serviceAccountNamespace: 'secrets',
    name: 'challenge',
  };
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', props);
  const { metadata, automountServiceAccountToken } = theOnly('ServiceAccount', chart);
  expect(metadata).toMatchObject({ namespace: 'secrets', name: 'challenge' });
  expect(automountServiceAccountToken).toBe(false);
  const role = 'arn:aws:iam::123456789012:role/edge-challenge';
  expect(challenge.roleArn).toBe(role);
  expect(route53Of(challenge)).toEqual([
    {
      region: 'eu-central-1',
      hostedZoneID: ZONE.id,
      role,
      auth: { kubernetes: { serviceAccountRef: { name: 'challenge' } } },
    },
  ]);
  expect(challenge.solver.serviceAccount).toEqual({ namespace: 'secrets', name: 'challenge' });
  expect(JSON.stringify(challenge.trustPolicy)).toContain('system:serviceaccount:secrets:challenge');
  expect(chart.node.root.node.tryFindChild('edge-iam')).toBeInstanceOf(Chart);
});

test('the child that a grant has is its ServiceAccount', () => {
  const challenge = new Route53DnsChallengeIam(chartOf('edge'), 'dns01', { zones: [ZONE], identity: irsa });
  expect(challenge.node.children.map(({ node }) => node.id)).toEqual(['ServiceAccount']);
});

test('each zone has a solver with its id, so that none has to be looked for', () => {
  const chart = chartOf('edge');
  const { solver } = new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE, other] });
  new CertManagerIssuer(chart, 'letsencrypt', { solvers: [solver] });
  expect(theOnly('ClusterIssuer', chart).spec.acme.solvers).toEqual([
    {
      selector: { dnsZones: ['example.com'] },
      dns01: { route53: { region: 'us-east-1', hostedZoneID: 'Z0123456789ABCDEFGHIJ' } },
    },
    {
      selector: { dnsZones: ['example.org'] },
      dns01: { route53: { region: 'us-east-1', hostedZoneID: 'Z9876543210ZYXWVUTSRQ' } },
    },
  ]);
});

test('keys are referred to, and there is no role', () => {
  const chart = chartOf('edge');
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE], identity: staticKeys });
  new CertManagerIssuer(chart, 'letsencrypt', { solvers: [challenge.solver] });
  expect(identities(accepted(chart)).filter((each) => !each.startsWith('ValidatingAdmission'))).toEqual([
    'ClusterIssuer letsencrypt',
  ]);
  expect(route53Of(challenge)).toEqual([
    {
      region: 'us-east-1',
      hostedZoneID: ZONE.id,
      accessKeyIDSecretRef: { name: 'aws', key: 'id' },
      secretAccessKeySecretRef: { name: 'aws', key: 'secret' },
    },
  ]);
});

test('the policy is of the partition that the identity is in', () => {
  const identity = AwsIdentity.ambient({ partition: 'aws-us-gov' });
  const { policyDocument } = new Route53DnsChallengeIam(chartOf('edge'), 'dns01', { zones: [ZONE], identity });
  expect(policyDocument).toEqual(dnsChallengePolicy([ZONE], 'aws-us-gov'));
});

test('everything that is wrong with a grant is said in one error', () => {
  const chart = chartOf('edge');
  new Route53DnsChallengeIam(chart, 'none', { zones: [] });
  new Route53DnsChallengeIam(chart, 'dns01', {
    zones: [HostedZone.of('example.com'), HostedZone.of('com', { id: 'z1' }), ZONE, ZONE],
    identity: AwsIdentity.irsa({ oidcProviderArn: 'oidc.example.com', roleName: 'a role' }),
    serviceAccountNamespace: 'cert.manager',
  });
  new Route53DnsChallengeIam(chart, 'keys', {
    zones: [ZONE],
    identity: AwsIdentity.staticKeys({
      accessKeyId: { secretName: 'AWS', key: 'id' },
      secretAccessKey: { secretName: 'aws', key: 'a key' },
    }),
  });
  const at = 'edge/dns01';
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'AWS-03',
        at: 'edge/none',
        value: '',
        message: 'without a zone the policy would have to permit all of them',
        fix: "Give zones: [HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' })]",
      },
      {
        code: 'ZONE-02',
        at,
        value: 'com',
        message: 'not the name of a zone',
        fix: 'Give its apex, such as example.com',
      },
      ...[1, 2].map(() => ({
        code: 'ZONE-04',
        at,
        value: 'example.com',
        message: 'the zone is given twice',
        fix: 'Keep the one whose id is right',
      })),
      {
        code: 'AWS-04',
        at,
        value: 'example.com',
        message: 'a policy names zones by their id, and this one has none',
        fix: "Write HostedZone.of('example.com', { id }), from `aws route53 list-hosted-zones`",
      },
      {
        code: 'ZONE-03',
        at,
        value: 'z1',
        message: 'not the id of a Route 53 hosted zone, given for com',
        fix: 'Copy it from `aws route53 list-hosted-zones`: a Z, then capital letters and digits',
      },
      {
        code: 'AWS-01',
        at,
        value: 'oidc.example.com',
        message: 'not the ARN of an IAM OIDC provider',
        fix: 'Copy it from `aws iam list-open-id-connect-providers`',
      },
      {
        code: 'AWS-02',
        at,
        value: 'a role',
        message: 'not a name that an IAM role can have',
        fix: 'Give roleName up to 64 letters, digits and +=,.@-_',
      },
      {
        code: 'NAME-04',
        at,
        value: 'cert.manager',
        message: 'serviceAccountNamespace is not a name that a namespace can have',
        fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
      },
      {
        code: 'NAME-04',
        at: 'edge/keys',
        value: 'AWS',
        message: 'accessKeyId.secretName is not a name that an object in Kubernetes can have',
        fix: 'Use lower-case letters, digits, hyphens and dots',
      },
      {
        code: 'NAME-05',
        at: 'edge/keys',
        value: 'a key',
        message: 'secretAccessKey.key is not a key that a Secret can have',
        fix: 'Use letters, digits, hyphens, underscores and dots',
      },
    ]),
  );
});

test('a role that is named by default has a name that IAM takes', () => {
  const chart = chartOf('n'.repeat(40));
  new Route53DnsChallengeIam(chart, 'i'.repeat(30), { zones: [ZONE], identity: irsa });
  expect(() => Testing.synth(chart)).toThrow(/^AWS-02 [^\n]*$/);
});

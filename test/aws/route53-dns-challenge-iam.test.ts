import { type App, Chart, Testing } from 'cdk8s';
import { type AssumedRoleProps, AwsIdentity, type DirectIdentity } from '../../lib/aws/identity';
import { dnsChallengePolicy } from '../../lib/aws/policies';
import { Route53DnsChallengeIam, type Route53DnsChallengeIamProps } from '../../lib/aws/route53-dns-challenge-iam';
import { trustPolicy } from '../../lib/aws/trust';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { Certificate } from '../../lib/certificates/certificate';
import { IngressRouteWithTls } from '../../lib/edge/ingress-route-with-tls';
import { iamGrants } from '../../lib/iam-documents';
import type { Solver } from '../../lib/model/issuer';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { accepted, chartOf, identities, theOnly, ZONE } from '../support/charts';
import { filesOf, type Manifest } from '../support/synthesize';

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
    usesAmbientCredentials: true,
    findings: [],
  });
  expect(challenge.policyDocument).toEqual(dnsChallengePolicy([ZONE], 'aws'));
  expect([challenge.roleArn, challenge.trustPolicy]).toEqual([undefined, undefined]);
});

test('everything', () => {
  const chart = chartOf('edge');
  const props: Required<Route53DnsChallengeIamProps> = {
    zones: [ZONE],
    delegatedTo: other,
    identity: AwsIdentity.irsa({ oidcProviderArn, audience: 'edge' }),
    emit: 'ack',
    serviceAccountNamespace: 'secrets',
    controllerServiceAccount: 'controller',
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
      hostedZoneID: other.id,
      role,
      auth: { kubernetes: { serviceAccountRef: { name: 'challenge', audiences: ['edge'] } } },
    },
  ]);
  expect(challenge.policyDocument).toEqual(dnsChallengePolicy([other], 'aws'));
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

const clusterArn = 'arn:aws:eks:eu-central-1:123456789012:cluster/prod';
const pods = AwsIdentity.podIdentity({ clusterArn });
const issuerOf = (chart: Chart, solver: Solver, scope?: 'namespace') =>
  new CertManagerIssuer(chart, 'letsencrypt', { solvers: [solver], scope });

test('with Pod Identity EKS gives the role to the pod of cert-manager, and the solver says nothing of it', () => {
  const app = Testing.app();
  const chart = chartOf('edge', app);
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', {
    zones: [ZONE],
    identity: pods,
    controllerServiceAccount: 'controller',
  });
  expect(accepted(chart)).toEqual([]);
  expect(route53Of(challenge)).toEqual([{ region: 'eu-central-1', hostedZoneID: ZONE.id }]);
  expect(challenge.solver.serviceAccount).toBeUndefined();
  expect(challenge.roleArn).toBe('arn:aws:iam::123456789012:role/edge-dns01');
  expect(iamGrants(app)).toEqual([
    {
      name: 'edge-dns01',
      policyDocument: dnsChallengePolicy([ZONE], 'aws'),
      trustPolicy: trustPolicy(pods, { namespace: 'cert-manager', name: 'controller' }),
      association: {
        clusterName: 'prod',
        namespace: 'cert-manager',
        serviceAccount: 'controller',
        roleArn: 'arn:aws:iam::123456789012:role/edge-dns01',
      },
    },
  ]);
});

test('an Issuer of one namespace gets nothing of what surrounds cert-manager, unless it is said to', () => {
  const chart = chartOf('edge');
  const { solver } = new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE], identity: pods });
  issuerOf(chart, solver, 'namespace');
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ISSUER-11',
        at: 'edge/letsencrypt',
        value: 'letsencrypt',
        message: 'cert-manager gives an Issuer of one namespace nothing of what the surroundings of its own pod give',
        fix: "Use AwsIdentity.irsa() or .staticKeys(), scope: 'cluster', or say certManager: { issuerAmbientCredentials: true }",
      },
    ]),
  );
  const permitted = chartOf('edge');
  new CertManagerIssuer(permitted, 'letsencrypt', {
    solvers: [new Route53DnsChallengeIam(permitted, 'dns01', { zones: [ZONE] }).solver],
    scope: 'namespace',
    certManager: { issuerAmbientCredentials: true },
  });
  expect(theOnly('Issuer', permitted).spec.acme.solvers).toHaveLength(1);
});

describe('zones of another account', () => {
  const roleArn = 'arn:aws:iam::210987654321:role/dns/challenges';
  const grantsOf = (caller: DirectIdentity, props: Partial<AssumedRoleProps> = {}) => {
    const app = Testing.app();
    const identity = AwsIdentity.assumedRole(caller, { roleArn, ...props });
    const challenge = new Route53DnsChallengeIam(chartOf('edge', app), 'dns01', { zones: [ZONE], identity });
    return { grants: iamGrants(app), challenge };
  };

  test('cert-manager takes their role, and can do nothing else', () => {
    const { grants, challenge } = grantsOf(pods);
    expect(route53Of(challenge)).toEqual([{ region: 'eu-central-1', hostedZoneID: ZONE.id, role: roleArn }]);
    expect(challenge.policyDocument).toEqual(dnsChallengePolicy([ZONE], 'aws'));
    const [elsewhere, own] = grants;
    expect(own).toMatchObject({
      name: 'edge-dns01',
      policyDocument: {
        Statement: [
          {
            Sid: 'TakeRoleOfZones',
            Effect: 'Allow',
            Action: ['sts:AssumeRole', 'sts:TagSession'],
            Resource: [roleArn],
          },
        ],
      },
      trustPolicy: trustPolicy(pods, { namespace: 'cert-manager', name: 'cert-manager' }),
    });
    expect(elsewhere).toEqual({
      name: 'challenges',
      account: '210987654321',
      policyDocument: dnsChallengePolicy([ZONE], 'aws'),
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TakenFromAnotherAccount',
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::123456789012:role/edge-dns01' },
            Action: ['sts:AssumeRole', 'sts:TagSession'],
          },
        ],
      },
    });
  });

  test('whose nodes or keys take it has to be said', () => {
    const callerArn = 'arn:aws:iam::123456789012:user/cert-manager';
    const { challenge, grants } = grantsOf(staticKeys, { callerArn });
    expect(route53Of(challenge)).toEqual([
      {
        ...{ region: 'us-east-1', hostedZoneID: ZONE.id, role: roleArn },
        accessKeyIDSecretRef: { name: 'aws', key: 'id' },
        secretAccessKeySecretRef: { name: 'aws', key: 'secret' },
      },
    ]);
    expect(grants[0]?.trustPolicy?.Statement[0]).toMatchObject({
      Principal: { AWS: callerArn },
      Action: ['sts:AssumeRole'],
    });
  });

  test('of two accounts are answered for by one issuer, through one role of Pod Identity', () => {
    const app = Testing.app();
    const chart = chartOf('edge', app);
    const caller = AwsIdentity.podIdentity({ clusterArn, roleName: 'cert-manager' });
    const [one, two] = ['210987654321', '310987654321'].map(
      (account, index) =>
        new Route53DnsChallengeIam(chart, `dns-${index}`, {
          zones: [[ZONE, other][index] as HostedZone],
          identity: AwsIdentity.assumedRole(caller, { roleArn: `arn:aws:iam::${account}:role/dns` }),
          emit: 'ack',
        }),
    ) as [Route53DnsChallengeIam, Route53DnsChallengeIam];
    new CertManagerIssuer(chart, 'letsencrypt', { solvers: [one.solver, two.solver] });
    const roles = theOnly('ClusterIssuer', chart).spec.acme.solvers.map(({ selector, dns01 }: Manifest) => [
      ...selector.dnsZones,
      dns01.route53.role,
    ]);
    expect(roles).toEqual([
      ['example.com', 'arn:aws:iam::210987654321:role/dns'],
      ['example.org', 'arn:aws:iam::310987654321:role/dns'],
    ]);
    expect(iamGrants(app).map(({ name, account }) => [account, name])).toEqual([
      ['210987654321', 'dns'],
      ['310987654321', 'dns'],
      [undefined, 'cert-manager'],
    ]);
    const taken = ['arn:aws:iam::210987654321:role/dns', 'arn:aws:iam::310987654321:role/dns'];
    expect(iamGrants(app)[2]?.policyDocument.Statement).toMatchObject([{ Resource: taken }]);
    const objects: Manifest[] = Testing.synth(app.node.findChild('edge-iam') as Chart);
    expect(identities(objects)).toEqual([
      'Policy edge/edge-dns-0',
      'Role edge/edge-dns-0',
      'PodIdentityAssociation edge/edge-dns-0',
    ]);
    expect(JSON.parse(objects[0]?.spec.policyDocument).Statement[0].Resource).toEqual(taken);
  });

  test('what cert-manager cannot do is said, with what to do', () => {
    const chart = chartOf('edge');
    const declare = (id: string, caller: DirectIdentity, props: Partial<AssumedRoleProps> = {}) =>
      new Route53DnsChallengeIam(chart, id, {
        zones: [ZONE],
        identity: AwsIdentity.assumedRole(caller, { roleArn: `${roleArn}-${id}`, ...props }),
      });
    declare('irsa', irsa);
    declare('external', AwsIdentity.podIdentity({ clusterArn, roleName: 'cert-manager' }), { externalId: 'edge-prod' });
    declare('nodes', AwsIdentity.ambient());
    declare('wrong', AwsIdentity.ambient(), { callerArn: 'nodes', externalId: ' ' });
    declare('second', pods);
    declare('cluster', AwsIdentity.podIdentity({ clusterArn: 'prod' }));
    declare('audience', AwsIdentity.irsa({ oidcProviderArn, audience: '' }));
    const problems = (error: unknown) =>
      (error as TraefikHaError).problems.map(({ code, at, value, message, fix }) => [
        code,
        at.slice(5),
        value,
        message,
        fix,
      ]);
    let thrown: unknown;
    try {
      Testing.synth(chart);
    } catch (error) {
      thrown = error;
    }
    expect(problems(thrown)).toEqual([
      [
        'AWS-09',
        'irsa',
        oidcProviderArn,
        `cert-manager exchanges a token for one role, and takes ${roleArn}-irsa only as itself`,
        'Make an OIDC provider for the cluster in the account of the zones and give AwsIdentity.irsa() its ARN, or use AwsIdentity.podIdentity() as the caller',
      ],
      [
        'AWS-10',
        'external',
        'edge-prod',
        'cert-manager sends no external id when it takes a role, and would be turned away',
        "Leave externalId out: the trust policy names the caller's role. Where the other account insists on one, use AwsIdentity.irsa() with an OIDC provider of that account",
      ],
      [
        'AWS-11',
        'nodes',
        `${roleArn}-nodes`,
        'the role can be taken by nobody: whose role the nodes have was not said',
        "Give callerArn: 'arn:aws:iam::123456789012:role/nodes', or use AwsIdentity.podIdentity()",
      ],
      [
        'AWS-12',
        'wrong',
        ' ',
        'not an external id',
        'Give 2 to 1224 letters, digits and +=,.@:/-_, as the other account agreed on',
      ],
      [
        'AWS-06',
        'wrong',
        'nodes',
        'not the ARN of an IAM role or user',
        'Copy it from `aws iam list-roles` or `aws iam list-users`',
      ],
      ['AWS-10', 'wrong', ' ', expect.any(String), expect.any(String)],
      [
        'AWS-15',
        'second',
        'cert-manager/cert-manager',
        'edge/external has EKS give this ServiceAccount another role, and it can have one only',
        "Give all identities of the ServiceAccount the same roleName: AwsIdentity.podIdentity({ clusterArn, roleName: 'cert-manager' })",
      ],
      [
        'AWS-08',
        'cluster',
        'prod',
        'not the ARN of an EKS cluster',
        'Copy it from `aws eks describe-cluster --name prod --query cluster.arn`',
      ],
      [
        'AWS-13',
        'audience',
        '',
        'not the audience of a token',
        'Leave it out for sts.amazonaws.com, or give one that the provider lists',
      ],
      ['AWS-09', 'audience', oidcProviderArn, expect.any(String), expect.any(String)],
    ]);
  });
});

describe('delegated challenges', () => {
  const validation = HostedZone.of('validation.example.net', { id: 'ZVALIDATION' });
  const program = (app: App) => {
    const chart = chartOf('edge', app);
    const zones = [HostedZone.of('example.com'), HostedZone.of('example.org')];
    const challenge = new Route53DnsChallengeIam(chart, 'dns01', { zones, delegatedTo: validation, identity: irsa });
    const issuer = new CertManagerIssuer(chart, 'letsencrypt', { solvers: [challenge.solver] });
    new Certificate(chart, 'a', { secretName: 'a', dnsNames: ['*.example.com', 'example.com'], issuer });
    new IngressRouteWithTls(chart, 'b', {
      ...{ traefik: new ExistingTraefik({ dnsTargets: ['203.0.113.10'] }), issuer },
      routes: [{ host: 'shop.example.org', backend: { service: 'shop', port: 80 } }],
    });
    return { chart, challenge };
  };

  test('are written to the validation zone, and to no other', () => {
    const { chart, challenge } = program(Testing.app());
    expect(theOnly('ClusterIssuer', chart).spec.acme.solvers).toEqual([
      {
        selector: { dnsZones: ['example.com', 'example.org'] },
        dns01: {
          cnameStrategy: 'Follow',
          route53: expect.objectContaining({ hostedZoneID: 'ZVALIDATION', role: challenge.roleArn }),
        },
      },
    ]);
    expect(challenge.policyDocument).toEqual(dnsChallengePolicy([validation], 'aws'));
  });

  test('need CNAMEs, which are written down for whoever keeps the zones', () => {
    const files = filesOf((app) => void program(app));
    expect(files['dns/delegated-challenges.zone']).toBe(
      [
        '; These have to be in the zones of the names on the left before certificates are asked for, and to stay.',
        '_acme-challenge.example.com. 300 IN CNAME _acme-challenge.example.com.validation.example.net.',
        '_acme-challenge.shop.example.org. 300 IN CNAME _acme-challenge.shop.example.org.validation.example.net.',
        '',
      ].join('\n'),
    );
  });

  test('have a name that is not too long', () => {
    const app = Testing.app();
    const { chart, challenge } = program(app);
    const issuer = new CertManagerIssuer(chart, 'long', { solvers: [challenge.solver] });
    const host = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(28)}.example.com`;
    new Certificate(chart, 'c', { secretName: 'c', dnsNames: [host], issuer });
    expect(() => Testing.synth(chart)).toThrow(
      `ZONE-05 [edge/c] its name in the validation zone would have ${host.length + 39} characters, and 253 are the most (RFC 1035, 2.3.4)`,
    );
  });

  test('and the zone that they go to has to be named by its id', () => {
    const chart = chartOf('edge');
    new Route53DnsChallengeIam(chart, 'dns01', {
      zones: [HostedZone.of('example.com'), HostedZone.of('com')],
      delegatedTo: HostedZone.of('validation.example.net'),
    });
    expect(() => Testing.synth(chart)).toThrow(/^AWS-04 [^\n]*validation[^\n]*\nZONE-02 [^\n]*$/);
  });
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

import { join } from 'node:path';
import { AwsIdentity } from '../../lib/aws/identity';
import { dnsChallengePolicy, externalDnsPolicy } from '../../lib/aws/policies';
import { trustPolicy } from '../../lib/aws/trust';
import { HostedZone } from '../../lib/model/zone';
import { type Answer, type Recorded, runProgram } from './recording-engine';

const run = (name: string, answer: Answer, preview = false) =>
  runProgram({ program: join(__dirname, 'programs', `${name}.ts`), answer, preview });
const inputsOf = ({ resources }: Recorded, name: string, type: RegExp) =>
  resources.find((each) => each.name === name && type.test(each.type))?.inputs;

describe('what the load balancer turns out to have is what routes point to', () => {
  const route = (ingress: object[]): Answer => {
    return ({ type }) => (type.endsWith(':Service') ? { status: { loadBalancer: { ingress } } } : {});
  };
  const endpointsOf = (recorded: Recorded) =>
    recorded.resources.find(({ type }) => type.endsWith(':DNSEndpoint'))?.inputs.spec;

  test.each([
    [[{ ip: '203.0.113.10' }], 'A', '203.0.113.10'],
    [[{ ip: '2001:db8::1' }], 'AAAA', '2001:db8::1'],
    [[{ hostname: 'lb.example.net' }], 'CNAME', 'lb.example.net'],
  ])('%j', async (ingress, recordType, target) => {
    const recorded = await run('edge', route(ingress));
    expect(recorded.errors).toEqual([]);
    expect(endpointsOf(recorded)).toEqual({
      endpoints: [{ dnsName: 'shop.example.com', recordType, recordTTL: 300, targets: [target] }],
    });
    expect(recorded.outputs).toEqual({ hostname: target, hosts: ['shop.example.com'] });
  });

  test('in a preview it is unknown, and so is what follows from it', async () => {
    const recorded = await run('edge', route([]), true);
    expect(endpointsOf(recorded)).toEqual({ endpoints: { unknown: true } });
    expect(recorded.outputs.hostname).toEqual({ unknown: true });
  });
});

describe('access to AWS', () => {
  const PROVIDER = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/E';
  const zone = HostedZone.of('example.com', { id: 'Z0123456789' });
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await run('aws', ({ type, name, inputs }) => ({
      arn: type.includes('OpenId') ? PROVIDER : `arn:aws:iam::123456789012:role/${name}`,
      name: inputs.name ?? name,
      ...(type.endsWith(':Zone') ? { zoneId: zone.id } : {}),
      ...(type.endsWith(':AccessKey') ? { secret: 'hunter2' } : {}),
    }));
  }, 60_000);
  const policyOf = (name: string) => JSON.parse(String(inputsOf(recorded, name, /:Policy$/)?.policy));
  const trustOf = (name: string) => JSON.parse(String(inputsOf(recorded, name, /:Role$/)?.assumeRolePolicy));

  test('policies are those of the library, for exactly the zones', () => {
    expect([recorded.errors, recorded.warnings]).toEqual([[], []]);
    for (const name of ['dns01', 'by-pods', 'by-user'])
      expect(policyOf(name)).toEqual(dnsChallengePolicy([zone], 'aws'));
    expect(policyOf('external-dns')).toEqual(externalDnsPolicy([zone], 'aws'));
  });

  test('where challenges are delegated, the policy is for the zone that is written to', () => {
    const written = HostedZone.of('challenges.example.net', { id: 'Z9876543210' });
    expect(policyOf('delegated')).toEqual(dnsChallengePolicy([written], 'aws'));
    const issuer = inputsOf(recorded, 'by-delegation/ClusterIssuer/by-delegation', /:ClusterIssuer$/);
    expect(issuer?.spec).toMatchObject({
      acme: {
        solvers: [
          {
            selector: { dnsZones: ['example.org'] },
            dns01: { cnameStrategy: 'Follow', route53: { hostedZoneID: 'Z9876543210' } },
          },
        ],
      },
    });
  });

  test('a role is taken by one ServiceAccount, or given to the pods of one', () => {
    const identity = { kind: 'irsa', oidcProviderArn: PROVIDER } as const;
    expect(trustOf('dns01')).toEqual(trustPolicy(identity, { namespace: 'cert-manager', name: 'dns01' }));
    expect(trustOf('external-dns')).toEqual(trustPolicy(identity, { namespace: 'edge', name: 'external-dns' }));
    const clusterArn = 'arn:aws:eks:eu-central-1:123456789012:cluster/prod';
    expect(trustOf('by-pods')).toEqual(
      trustPolicy(AwsIdentity.podIdentity({ clusterArn }), { namespace: 'cert-manager', name: 'cert-manager' }),
    );
    expect(inputsOf(recorded, 'by-pods', /PodIdentityAssociation$/)).toEqual({
      clusterName: 'prod',
      namespace: 'cert-manager',
      serviceAccount: 'cert-manager',
      roleArn: 'arn:aws:iam::123456789012:role/by-pods',
    });
  });

  test("a user's key is a secret, from AWS to the Secret", () => {
    expect(inputsOf(recorded, 'by-user/Secret/cert-manager/by-user-aws', /:Secret$/)).toMatchObject({
      metadata: { name: 'by-user-aws', namespace: 'cert-manager' },
      stringData: { secret: { 'access-key-id': 'by-user-id', 'secret-access-key': 'hunter2' } },
    });
    const secret = recorded.resources.find(({ type }) => type === 'kubernetes:core/v1:Secret');
    expect(secret?.secretOutputs).toEqual(['data', 'stringData']);
    const others = recorded.resources.filter(({ type }) => !/:Secret$|:AccessKey$/.test(type));
    expect(JSON.stringify(others)).not.toContain('hunter2');
  });

  test('what uses a role waits until its policy is attached', () => {
    const dependencies = recorded.resources.find(
      ({ name }) => name === 'external-dns/Deployment/edge/external-dns',
    )?.dependencies;
    expect(dependencies?.map((urn) => urn.split('::').slice(2).join(' '))).toContainEqual(
      expect.stringMatching(/RolePolicyAttachment external-dns$/),
    );
  });
});

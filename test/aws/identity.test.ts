import { AwsIdentity, partitionOf, regionOf, roleArn } from '../../lib/aws/identity';
import { identityFindings } from '../../lib/aws/identity-findings';
import { associationOf, assumedRoleTrust, trustPolicy } from '../../lib/aws/trust';

const provider = (partition: string, issuer: string) => `arn:${partition}:iam::123456789012:oidc-provider/${issuer}`;
const eks = (partition: string, region: string) =>
  provider(partition, `oidc.eks.${region}.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E`);
const accessKeyId = { secretName: 'aws', key: 'id' };
const secretAccessKey = { secretName: 'aws', key: 'secret' };

test('defaults', () => {
  expect(AwsIdentity.ambient()).toEqual({ kind: 'ambient', partition: 'aws' });
  expect(AwsIdentity.irsa({ oidcProviderArn: eks('aws', 'eu-central-1') })).toEqual({
    kind: 'irsa',
    oidcProviderArn: eks('aws', 'eu-central-1'),
  });
  const keys = { kind: 'static-keys', accessKeyId, secretAccessKey, partition: 'aws' };
  expect(AwsIdentity.staticKeys({ accessKeyId, secretAccessKey })).toEqual(keys);
  expect(AwsIdentity.staticKeys({ accessKeyId, secretAccessKey, partition: undefined })).toEqual(keys);
});

test('everything', () => {
  expect(AwsIdentity.ambient({ partition: 'aws-cn' })).toEqual({ kind: 'ambient', partition: 'aws-cn' });
  const irsa = { oidcProviderArn: eks('aws', 'eu-central-1'), roleName: 'dns' };
  expect(AwsIdentity.irsa(irsa)).toEqual({ kind: 'irsa', ...irsa });
  const keys = { accessKeyId, secretAccessKey, partition: 'aws-us-gov' } as const;
  expect(AwsIdentity.staticKeys(keys)).toEqual({ kind: 'static-keys', ...keys });
});

test.each([
  ['IRSA in China', AwsIdentity.irsa({ oidcProviderArn: eks('aws-cn', 'cn-north-1') }), 'aws-cn', 'cn-north-1'],
  [
    'IRSA of a cluster that is not EKS',
    AwsIdentity.irsa({ oidcProviderArn: provider('aws-us-gov', 'oidc.example.com') }),
    'aws-us-gov',
    'us-gov-west-1',
  ],
  ['ambient', AwsIdentity.ambient(), 'aws', 'us-east-1'],
  ['ambient in China', AwsIdentity.ambient({ partition: 'aws-cn' }), 'aws-cn', 'cn-northwest-1'],
  ['an ARN that is none', AwsIdentity.irsa({ oidcProviderArn: 'oidc' }), 'aws', 'us-east-1'],
])('%s: partition and region', (_, identity, partition, region) => {
  expect([partitionOf(identity), regionOf(identity)]).toEqual([partition, region]);
});

test('only IRSA takes a role, in the account and partition of its provider', () => {
  const irsa = AwsIdentity.irsa({ oidcProviderArn: eks('aws-cn', 'cn-north-1') });
  expect(roleArn(irsa, 'edge-dns01')).toBe('arn:aws-cn:iam::123456789012:role/edge-dns01');
  const named = AwsIdentity.irsa({ oidcProviderArn: eks('aws-cn', 'cn-north-1'), roleName: 'dns' });
  expect(roleArn(named, 'edge-dns01')).toBe('arn:aws-cn:iam::123456789012:role/dns');
  for (const identity of [AwsIdentity.ambient(), AwsIdentity.staticKeys({ accessKeyId, secretAccessKey })]) {
    expect(roleArn(identity, 'edge-dns01')).toBeUndefined();
    expect(trustPolicy(identity, { namespace: 'edge', name: 'dns01' })).toBeUndefined();
  }
});

test('one ServiceAccount, and no other, may take the role', () => {
  const oidcProviderArn = eks('aws', 'eu-central-1');
  const issuer = 'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E';
  expect(trustPolicy(AwsIdentity.irsa({ oidcProviderArn }), { namespace: 'cert-manager', name: 'dns01' })).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TakenByOneServiceAccount',
        Effect: 'Allow',
        Principal: { Federated: oidcProviderArn },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: 'system:serviceaccount:cert-manager:dns01',
          },
        },
      },
    ],
  });
});

const clusterArn = 'arn:aws-us-gov:eks:us-gov-east-1:123456789012:cluster/prod';

test('with Pod Identity: the pods of one ServiceAccount of one cluster, and no others', () => {
  const identity = AwsIdentity.podIdentity({ clusterArn });
  expect(identity).toEqual({ kind: 'pod-identity', clusterArn });
  const account = { namespace: 'cert-manager', name: 'cert-manager' };
  expect(trustPolicy(identity, account)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'GivenToPodsOfOneServiceAccount',
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: {
          StringEquals: {
            'aws:RequestTag/eks-cluster-arn': clusterArn,
            'aws:RequestTag/kubernetes-namespace': 'cert-manager',
            'aws:RequestTag/kubernetes-service-account': 'cert-manager',
          },
        },
      },
    ],
  });
  expect([partitionOf(identity), regionOf(identity)]).toEqual(['aws-us-gov', 'us-gov-east-1']);
  expect(associationOf(identity, account, 'edge-dns01')).toEqual({
    clusterName: 'prod',
    namespace: 'cert-manager',
    serviceAccount: 'cert-manager',
    roleArn: 'arn:aws-us-gov:iam::123456789012:role/edge-dns01',
  });
  expect(associationOf(AwsIdentity.ambient(), account, 'edge-dns01')).toBeUndefined();
});

test('the audience of tokens is that of the provider', () => {
  const identity = AwsIdentity.irsa({ oidcProviderArn: eks('aws', 'eu-central-1'), audience: 'edge' });
  expect(JSON.stringify(trustPolicy(identity, { namespace: 'a', name: 'b' }))).toContain(':aud":"edge"');
});

test('a role of another account is asked for in the region of the caller, with its external id', () => {
  const identity = AwsIdentity.assumedRole(AwsIdentity.podIdentity({ clusterArn }), {
    roleArn: 'arn:aws-us-gov:iam::210987654321:role/dns',
    externalId: 'edge-prod',
  });
  if (identity.kind !== 'assumed-role') throw new Error('it is one');
  expect([partitionOf(identity), regionOf(identity)]).toEqual(['aws-us-gov', 'us-gov-east-1']);
  const caller = 'arn:aws-us-gov:iam::123456789012:role/edge';
  expect(assumedRoleTrust(identity, caller).Statement).toEqual([
    {
      Sid: 'TakenFromAnotherAccount',
      Effect: 'Allow',
      Principal: { AWS: caller },
      Action: ['sts:AssumeRole'],
      Condition: { StringEquals: { 'sts:ExternalId': 'edge-prod' } },
    },
    // IAM is not told the external id when it decides about marks: a condition on it would never hold.
    { Sid: 'MarkedFromAnotherAccount', Effect: 'Allow', Principal: { AWS: caller }, Action: ['sts:TagSession'] },
  ]);
});

test('what surrounds a pod may be in a region of its own', () => {
  expect(regionOf(AwsIdentity.ambient({ region: 'eu-west-1' }))).toBe('eu-west-1');
  expect(identityFindings(AwsIdentity.ambient({ region: 'Dublin' }), 'dns')).toMatchObject([
    { code: 'AWS-07', value: 'Dublin' },
  ]);
});

test.each([
  '',
  'prod',
  'arn:aws:eks:eu-central-1:1234:cluster/prod',
  'arn:aws:eks:Frankfurt:123456789012:cluster/prod',
  'arn:aws:eks:eu-central-1:123456789012:cluster/',
  'arn:aws:eks:eu-central-1:123456789012:cluster/prod/x',
])('%j is no cluster', (arn) => {
  expect(identityFindings(AwsIdentity.podIdentity({ clusterArn: arn }), 'dns')).toMatchObject([
    { code: 'AWS-08', value: arn },
  ]);
});

test.each([
  '',
  'arn:aws:iam::123456789012:role/edge',
  'arn:aws:iam::1234:oidc-provider/oidc.example.com',
  'arn:aws-eu:iam::123456789012:oidc-provider/oidc.example.com',
  'arn:aws:iam::123456789012:oidc-provider/',
  'arn:aws:iam::123456789012:oidc-provider/oidc.example.com/*',
  'arn:aws:iam::123456789012:oidc-provider/oidc.example.com\n',
])('%j is no OIDC provider', (oidcProviderArn) => {
  expect(identityFindings(AwsIdentity.irsa({ oidcProviderArn }), 'dns')).toMatchObject([
    { code: 'AWS-01', value: oidcProviderArn },
  ]);
});

test.each(['', 'a b', 'a/b', 'ö', 'x'.repeat(65), 'dns\n'])('%j is no role', (roleName) => {
  const identity = AwsIdentity.irsa({ oidcProviderArn: eks('aws', 'eu-central-1'), roleName });
  expect(identityFindings(identity, 'dns')).toMatchObject([{ code: 'AWS-02', value: roleName }]);
});

test('a role may be called as IAM allows', () => {
  const roleName = `A+=,.@-_${'x'.repeat(56)}`;
  const identity = AwsIdentity.irsa({ oidcProviderArn: eks('aws', 'eu-central-1'), roleName });
  expect(identityFindings(identity, 'dns')).toEqual([]);
});

test('a role that is there already, with the region of its cluster', () => {
  const identity = AwsIdentity.role({ roleArn: 'arn:aws-cn:iam::123456789012:role/path/edge' });
  expect(identityFindings(identity, 'dns')).toEqual([]);
  expect([partitionOf(identity), roleArn(identity, 'dns'), regionOf(identity)]).toEqual([
    'aws-cn',
    'arn:aws-cn:iam::123456789012:role/path/edge',
    'cn-northwest-1',
  ]);
  expect(trustPolicy(identity, { namespace: 'cert-manager', name: 'dns01' })).toBeUndefined();
  expect(regionOf(AwsIdentity.role({ roleArn: 'arn:aws:iam::123456789012:role/edge', region: 'eu-west-1' }))).toBe(
    'eu-west-1',
  );
});

test.each(['', 'edge', 'arn:aws:iam::123456789012:user/edge', 'arn:aws:iam::1:role/edge'])('%j is no role', (role) => {
  expect(identityFindings(AwsIdentity.role({ roleArn: role, region: 'Frankfurt' }), 'dns')).toMatchObject([
    { code: 'AWS-06', value: role },
    { code: 'AWS-07', value: 'Frankfurt' },
  ]);
});

import { dnsChallengePolicy, externalDnsPolicy, policyZoneFindings } from '../../lib/aws/policies';
import { managedPolicies } from '../../lib/model/iam';
import { HostedZone } from '../../lib/model/zone';

const zones = [HostedZone.of('example.org', { id: 'ZB' }), HostedZone.of('example.com', { id: 'ZA' })];
const arns = ['arn:aws:route53:::hostedzone/ZA', 'arn:aws:route53:::hostedzone/ZB'];

test('cert-manager may write challenges into the zones, and nothing else', () => {
  expect(dnsChallengePolicy(zones, 'aws')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'WaitForChanges',
        Effect: 'Allow',
        Action: ['route53:GetChange'],
        Resource: ['arn:aws:route53:::change/*'],
      },
      {
        Sid: 'ChangeChallengeRecords',
        Effect: 'Allow',
        Action: ['route53:ChangeResourceRecordSets'],
        Resource: arns,
        Condition: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsActions': ['DELETE', 'UPSERT'],
            'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
          },
          'ForAllValues:StringLike': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'],
          },
        },
      },
    ],
  });
});

test('external-dns may write records of the zones, and find them', () => {
  expect(externalDnsPolicy(zones, 'aws')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ChangeRecords',
        Effect: 'Allow',
        Action: ['route53:ChangeResourceRecordSets'],
        Resource: arns,
        Condition: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'],
          },
        },
      },
      { Sid: 'ReadRecords', Effect: 'Allow', Action: ['route53:ListResourceRecordSets'], Resource: arns },
      { Sid: 'FindZones', Effect: 'Allow', Action: ['route53:ListHostedZones'], Resource: ['*'] },
    ],
  });
});

test.each([dnsChallengePolicy, externalDnsPolicy])('%p names resources of its partition', (policy) => {
  const resources = policy(zones, 'aws-cn').Statement.flatMap(({ Resource }) => Resource);
  for (const arn of resources.filter((resource) => resource !== '*')) expect(arn).toMatch(/^arn:aws-cn:route53:::/);
  expect(resources).toContain('arn:aws-cn:route53:::hostedzone/ZA');
});

test('the order of zones does not change a policy', () => {
  for (const policy of [dnsChallengePolicy, externalDnsPolicy]) {
    expect(policy([...zones].reverse(), 'aws')).toEqual(policy(zones, 'aws'));
  }
});

describe('managed policies', () => {
  // The longest that there can be: an id of 32 characters, and the longest partition.
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      HostedZone.of(`zone-${index}.example.com`, { id: `Z${String(index).padStart(31, '0')}` }),
    );

  test.each([dnsChallengePolicy, externalDnsPolicy])('%p is divided before it is too long', (policy) => {
    for (const count of [1, 36, 37, 200, 360]) {
      const document = policy(many(count), 'aws-us-gov');
      const parts = managedPolicies('edge', document);
      expect(parts.map(({ name }) => name)).toEqual(
        parts.map((_, index) => (index === 0 ? 'edge' : `edge-${index + 1}`)),
      );
      expect(parts).toHaveLength(Math.ceil(count / 36));
      for (const part of parts) expect(JSON.stringify(part.document).length).toBeLessThanOrEqual(6144);
      // Nothing is lost, and nothing is added.
      for (const statement of document.Statement) {
        const inParts = parts.flatMap((part) => part.document.Statement.filter(({ Sid }) => Sid === statement.Sid));
        expect(inParts.flatMap(({ Resource }) => Resource)).toEqual(statement.Resource);
        for (const each of inParts) expect({ ...each, Resource: [] }).toEqual({ ...statement, Resource: [] });
      }
    }
  });
});

test('a zone is named by a right id, once', () => {
  expect(policyZoneFindings(zones)).toEqual([]);
  const codes = (wrong: HostedZone[]) => policyZoneFindings(wrong).map(({ code }) => code);
  expect(codes([])).toEqual(['AWS-03']);
  expect(codes([HostedZone.of('example.com')])).toEqual(['AWS-04']);
  expect(codes([HostedZone.of('com', { id: 'z1' })])).toEqual(['ZONE-02', 'ZONE-03']);
  expect(codes([...zones, HostedZone.of('example.com', { id: 'ZC' })])).toEqual(['ZONE-04']);
});

test('an id that Route 53 cannot have given is refused', () => {
  const given = ['Z0123456789ABCDEFGHIJ', '/hostedzone/Z1', 'z1', '', 'Z', `Z${'1'.repeat(32)}`].map((id, index) =>
    HostedZone.of(`zone-${index}.example.com`, { id }),
  );
  const findings = policyZoneFindings(given);
  expect(findings.map(({ value }) => value)).toEqual(['z1', '', 'Z', `Z${'1'.repeat(32)}`]);
  expect(findings[0]).toEqual({
    code: 'ZONE-03',
    value: 'z1',
    message: 'not the id of a Route 53 hosted zone, given for zone-2.example.com',
    fix: 'Copy it from `aws route53 list-hosted-zones`: a Z, then capital letters and digits',
  });
});

import type { PolicyDocument, PolicyStatement } from '../model/iam';
import type { Finding } from '../model/problem';
import { type HostedZone, isRoute53Id, zoneFindings } from '../model/zone';

/**
 * What cert-manager needs to answer DNS-01 challenges in `zones`: challenge records, and nothing else. It is told the id
 * of each zone, so that it lists none; and it takes a record away by what it wrote, so that it reads none.
 *
 * @see https://cert-manager.io/docs/configuration/acme/dns01/route53/
 */
export function dnsChallengePolicy(zones: readonly HostedZone[], partition: string): PolicyDocument {
  return policy([
    {
      // Whether a change has reached all name servers. Changes have ids of their own and cannot be named beforehand.
      Sid: 'WaitForChanges',
      Action: ['route53:GetChange'],
      Resource: [`arn:${partition}:route53:::change/*`],
    },
    {
      // The TXT record of a challenge is written and taken away again.
      Sid: 'ChangeChallengeRecords',
      Action: ['route53:ChangeResourceRecordSets'],
      Resource: zoneArns(zones, partition),
      Condition: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsActions': ['DELETE', 'UPSERT'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
        },
        'ForAllValues:StringLike': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'] },
      },
    },
  ]);
}

/**
 * What external-dns needs to keep the records of `zones`.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/tutorials/aws/
 */
export function externalDnsPolicy(zones: readonly HostedZone[], partition: string): PolicyDocument {
  return policy([
    {
      // Records of routes, and the TXT records that say whose they are.
      Sid: 'ChangeRecords',
      Action: ['route53:ChangeResourceRecordSets'],
      Resource: zoneArns(zones, partition),
      Condition: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'],
        },
      },
    },
    {
      // What is there is compared with what should be.
      Sid: 'ReadRecords',
      Action: ['route53:ListResourceRecordSets'],
      Resource: zoneArns(zones, partition),
    },
    {
      // It always lists zones before it filters them, and listing cannot be limited to one.
      Sid: 'FindZones',
      Action: ['route53:ListHostedZones'],
      Resource: ['*'],
    },
  ]);
}

/** AWS-03 where there is no zone to limit a policy to, AWS-04 where a zone has no id to name; ZONE-02 to ZONE-04. */
export function policyZoneFindings(zones: readonly HostedZone[]): Finding[] {
  if (zones.length === 0) {
    return [
      {
        code: 'AWS-03',
        value: '',
        message: 'without a zone the policy would have to permit all of them',
        fix: "Give zones: [HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' })]",
      },
    ];
  }
  return [...zoneFindings(zones), ...zones.flatMap(idFindings)];
}

function idFindings({ name, id }: HostedZone): Finding[] {
  if (id === undefined) {
    return [
      {
        code: 'AWS-04',
        value: name,
        message: 'a policy names zones by their id, and this one has none',
        fix: `Write HostedZone.of('${name}', { id }), from \`aws route53 list-hosted-zones\``,
      },
    ];
  }
  if (isRoute53Id(id)) return [];
  return [
    {
      code: 'ZONE-03',
      value: id,
      message: `not the id of a Route 53 hosted zone, given for ${name}`,
      fix: 'Copy it from `aws route53 list-hosted-zones`: a Z, then capital letters and digits',
    },
  ];
}

function policy(statements: readonly Omit<PolicyStatement, 'Effect'>[]): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: statements.map(({ Sid, ...rest }) => ({ Sid, Effect: 'Allow', ...rest })),
  };
}

function zoneArns(zones: readonly HostedZone[], partition: string): string[] {
  return zones.map(({ id }) => `arn:${partition}:route53:::hostedzone/${id ?? 'UNKNOWN'}`).sort();
}

import { secretKeyFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';
import { hasToken } from '../model/token';
import { partsOfCluster, partsOfPrincipal, partsOfProvider, partsOfRole } from './arn';
import type { AwsIdentity, DirectIdentity } from './identity';
import { takerOf } from './trust';

/**
 * AWS-06 and AWS-07 a role or region that is none; AWS-01 an ARN that is no OIDC provider's, AWS-08 one that is no
 * cluster's, AWS-02 a name that no role can have, AWS-13 an audience, NAME-04 and NAME-05 Secrets of keys; of a role in
 * another account AWS-11 where nobody is known to take it, AWS-12 an external id that none can be.
 */
export function identityFindings(identity: AwsIdentity, defaultName: string): Finding[] {
  if (identity.kind !== 'assumed-role') return directFindings(identity, defaultName);
  const { caller, roleArn, externalId, callerArn } = identity;
  const findings = [...directFindings(caller, defaultName), ...roleFindings(roleArn)];
  if (externalId !== undefined && !hasToken(externalId) && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    findings.push({
      code: 'AWS-12',
      value: externalId,
      message: 'not an external id',
      fix: 'Give 2 to 1224 letters, digits and +=,.@:/-_, as the other account agreed on',
    });
  }
  const taker = takerOf(identity, defaultName);
  if (callerArn !== undefined && !hasToken(callerArn) && !partsOfPrincipal(callerArn)) {
    findings.push({
      code: 'AWS-06',
      value: callerArn,
      message: 'not the ARN of an IAM role or user',
      fix: 'Copy it from `aws iam list-roles` or `aws iam list-users`',
    });
  } else if (taker === undefined) {
    findings.push({
      code: 'AWS-11',
      value: roleArn,
      message: `the role can be taken by nobody: whose ${caller.kind === 'static-keys' ? 'keys they are' : 'role the nodes have'} was not said`,
      fix: "Give callerArn: 'arn:aws:iam::123456789012:role/nodes', or use AwsIdentity.podIdentity()",
    });
  }
  return findings;
}

function directFindings(identity: DirectIdentity, defaultName: string): Finding[] {
  switch (identity.kind) {
    case 'static-keys':
      return [
        ...secretKeyFindings('accessKeyId', identity.accessKeyId),
        ...secretKeyFindings('secretAccessKey', identity.secretAccessKey),
      ];
    case 'ambient':
      return regionFindings(identity.region);
    case 'role':
      return [
        ...roleFindings(identity.roleArn),
        ...regionFindings(identity.region),
        ...audienceFindings(identity.audience),
      ];
    case 'irsa':
      return [
        ...(partsOfProvider(identity.oidcProviderArn) ? [] : [noProvider(identity.oidcProviderArn)]),
        ...nameFindings(identity.roleName ?? defaultName),
        ...audienceFindings(identity.audience),
      ];
    case 'pod-identity':
      return [
        ...(partsOfCluster(identity.clusterArn) ? [] : [noCluster(identity.clusterArn)]),
        ...nameFindings(identity.roleName ?? defaultName),
      ];
  }
}

function noProvider(value: string): Finding {
  return {
    code: 'AWS-01',
    value,
    message: 'not the ARN of an IAM OIDC provider',
    fix: 'Copy it from `aws iam list-open-id-connect-providers`',
  };
}

function noCluster(value: string): Finding {
  return {
    code: 'AWS-08',
    value,
    message: 'not the ARN of an EKS cluster',
    fix: 'Copy it from `aws eks describe-cluster --name prod --query cluster.arn`',
  };
}

function roleFindings(value: string): Finding[] {
  if (partsOfRole(value)) return [];
  return [
    {
      code: 'AWS-06',
      value,
      message: 'not the ARN of an IAM role',
      fix: 'Copy it from `aws iam list-roles`',
    },
  ];
}

function regionFindings(region: string | undefined): Finding[] {
  if (region === undefined || /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return [];
  return [
    {
      code: 'AWS-07',
      value: region,
      message: 'not a region of AWS',
      fix: "Write region: 'eu-central-1', or leave it out",
    },
  ];
}

function nameFindings(roleName: string): Finding[] {
  if (/^[\w+=,.@-]{1,64}$/.test(roleName)) return [];
  return [
    {
      code: 'AWS-02',
      value: roleName,
      message: 'not a name that an IAM role can have',
      fix: 'Give roleName up to 64 letters, digits and +=,.@-_',
    },
  ];
}

function audienceFindings(audience: string | undefined): Finding[] {
  if (audience === undefined || hasToken(audience)) return [];
  if (audience.trim() === audience && audience !== '' && audience.length <= 255 && isPrintable(audience)) return [];
  return [
    {
      code: 'AWS-13',
      value: audience,
      message: 'not the audience of a token',
      fix: 'Leave it out for sts.amazonaws.com, or give one that the provider lists',
    },
  ];
}

import type { PodIdentityAssociation, PolicyDocument, ServiceAccountRef, TrustPolicy } from '../model/iam';
import { partsOfCluster, partsOfProvider } from './arn';
import { type AwsIdentity, callerOf, type DirectIdentity, roleArn } from './identity';

/** What the tokens of a ServiceAccount are for, unless a provider knows them by another name. */
const STS = 'sts.amazonaws.com';

/** Lets exactly one ServiceAccount of one cluster take the role; undefined where `identity` takes none that is made. */
export function trustPolicy(identity: DirectIdentity, account: ServiceAccountRef): TrustPolicy | undefined {
  if (identity.kind === 'irsa') {
    const issuer = partsOfProvider(identity.oidcProviderArn)?.name ?? '';
    return trust({
      Sid: 'TakenByOneServiceAccount',
      Principal: { Federated: identity.oidcProviderArn },
      Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: identity.audience ?? STS,
          [`${issuer}:sub`]: `system:serviceaccount:${account.namespace}:${account.name}`,
        },
      },
    });
  }
  if (identity.kind !== 'pod-identity') return undefined;
  return trust({
    Sid: 'GivenToPodsOfOneServiceAccount',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    // EKS marks the session with what the conditions are about.
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-arn': identity.clusterArn,
        'aws:RequestTag/kubernetes-namespace': account.namespace,
        'aws:RequestTag/kubernetes-service-account': account.name,
      },
    },
  });
}

/** What has EKS give `account` the role; undefined but for Pod Identity. */
export function associationOf(
  identity: DirectIdentity,
  account: ServiceAccountRef,
  defaultName: string,
): PodIdentityAssociation | undefined {
  if (identity.kind !== 'pod-identity') return undefined;
  return {
    clusterName: partsOfCluster(identity.clusterArn)?.name ?? '',
    namespace: account.namespace,
    serviceAccount: account.name,
    roleArn: roleArn(identity, defaultName) ?? '',
  };
}

/** Who takes the role of another account: the caller's own role, or whom it was said to be. */
export function takerOf(identity: AssumedRole, defaultName: string): string | undefined {
  return identity.callerArn ?? roleArn(identity.caller, defaultName);
}

type AssumedRole = Extract<AwsIdentity, { readonly kind: 'assumed-role' }>;

/**
 * Lets `taker`, a role or user of another account, take the role.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function assumedRoleTrust(identity: AssumedRole, taker: string): TrustPolicy {
  const { externalId } = identity;
  const taken = { Sid: 'TakenFromAnotherAccount', Principal: { AWS: taker } };
  if (externalId === undefined) return trust({ ...taken, Action: takingActions(identity) });
  const [take = '', ...others] = takingActions(identity);
  return trust(
    { ...taken, Action: [take], Condition: { StringEquals: { 'sts:ExternalId': externalId } } },
    // Of the external id IAM knows nothing when it is asked about marks, which say nothing without a role taken.
    ...(others.length === 0 ? [] : [{ ...taken, Sid: 'MarkedFromAnotherAccount', Action: others }]),
  );
}

/** All that the caller may do: take the role. */
export function takingPolicy(identity: AssumedRole): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        // The zones are in another account, and what may be done there its role says.
        Sid: 'TakeRoleOfZones',
        Effect: 'Allow',
        Action: takingActions(identity),
        Resource: [identity.roleArn],
      },
    ],
  };
}

/** The marks of a session that EKS gave go along, and have to be let through on both sides. */
function takingActions(identity: AssumedRole): string[] {
  return callerOf(identity).kind === 'pod-identity' ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
}

function trust(...statements: Omit<TrustPolicy['Statement'][number], 'Effect'>[]): TrustPolicy {
  return {
    Version: '2012-10-17',
    Statement: statements.map(({ Sid, ...rest }) => ({ Sid, Effect: 'Allow', ...rest })),
  };
}

import type { SecretKey } from '../model/issuer';
import { partsOfCluster, partsOfProvider, partsOfRole } from './arn';

/** A role that a ServiceAccount takes through the cluster's OIDC provider. */
export interface IrsaProps {
  /**
   * The IAM OIDC provider of the cluster: `arn:aws:iam::123456789012:oidc-provider/oidc.eks.…/id/…`. For zones of another
   * account, one that was made there for the same issuer: the role is made in the account of the provider, and taken
   * without a detour.
   */
  readonly oidcProviderArn: string;
  /**
   * The name of the role, in the account of the provider.
   * @default - the namespace and the name of the construct
   */
  readonly roleName?: string;
  /**
   * The audience of its tokens, as the provider knows it.
   * @default - `sts.amazonaws.com`, which IAM OIDC providers of EKS have
   */
  readonly audience?: string;
}

/** A role that EKS gives the pods of one ServiceAccount. */
export interface PodIdentityProps {
  /** The cluster: `arn:aws:eks:eu-central-1:123456789012:cluster/prod`. */
  readonly clusterArn: string;
  /**
   * The name of the role, in the account of the cluster.
   * @default - the namespace and the name of the construct
   */
  readonly roleName?: string;
}

/** A role that is there already, for a ServiceAccount to take through the cluster's OIDC provider. */
export interface RoleProps {
  /** The role: `arn:aws:iam::123456789012:role/…`. Its trust policy and its permissions are somebody else's. */
  readonly roleArn: string;
  /**
   * The region whose STS is asked.
   * @default - the first of the role's partition
   */
  readonly region?: string;
  /**
   * The audience of its tokens, as the provider knows it.
   * @default - `sts.amazonaws.com`
   */
  readonly audience?: string;
}

/** Keys of an IAM user, in a Secret that exists already. */
export interface StaticKeysProps {
  readonly accessKeyId: SecretKey;
  readonly secretAccessKey: SecretKey;
  /**
   * The partition of the account.
   * @default 'aws'
   */
  readonly partition?: AwsPartition;
}

/** What is known of a pod's surroundings. */
export interface AmbientProps {
  /**
   * The partition of the account.
   * @default 'aws'
   */
  readonly partition?: AwsPartition;
  /**
   * The region that AWS is asked in.
   * @default - the first of the partition
   */
  readonly region?: string;
}

/** A role of another account, taken by who has an identity in the own one. */
export interface AssumedRoleProps {
  /** The role: `arn:aws:iam::210987654321:role/…`. Its policy and its trust policy are written for that account. */
  readonly roleArn: string;
  /**
   * What its trust policy asks for beside the caller, where the other account is somebody else's: 2 to 1,224 letters,
   * digits and `+=,.@:/-_`. external-dns sends it; cert-manager cannot (AWS-10).
   * @default - none: the trust policy names the caller's role, and that is who it is for
   */
  readonly externalId?: string;
  /**
   * Who takes the role, where the caller's identity does not tell: the role of the nodes or the IAM user whose keys are
   * used, by its ARN.
   * @default - the caller's own role; for ambient identities and keys it has to be given (AWS-11)
   */
  readonly callerArn?: string;
}

/** The separate clouds of AWS. */
export type AwsPartition = 'aws' | 'aws-cn' | 'aws-us-gov';

/** How a workload shows AWS who it is, in the account of its own. */
export type DirectIdentity =
  | ({ readonly kind: 'irsa' } & IrsaProps)
  | ({ readonly kind: 'pod-identity' } & PodIdentityProps)
  | ({ readonly kind: 'role' } & RoleProps)
  | ({ readonly kind: 'static-keys' } & StaticKeysProps & { readonly partition: AwsPartition })
  | ({ readonly kind: 'ambient'; readonly partition: AwsPartition } & AmbientProps);

/** How a workload shows AWS who it is. */
export type AwsIdentity =
  | DirectIdentity
  | ({ readonly kind: 'assumed-role'; readonly caller: DirectIdentity } & AssumedRoleProps);

/** The identities to choose from. */
export const AwsIdentity = {
  /**
   * A role of its own for one ServiceAccount: short-lived credentials, nothing to keep or to rotate.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   */
  irsa(props: IrsaProps): DirectIdentity {
    return { kind: 'irsa', ...props };
  },

  /**
   * A role that EKS gives the pods of one ServiceAccount of one cluster, by an association that is written beside it. The
   * cluster needs the Pod Identity agent. cert-manager has it for its own pod, and so for every issuer.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
   */
  podIdentity(props: PodIdentityProps): DirectIdentity {
    return { kind: 'pod-identity', ...props };
  },

  /** A role that was made elsewhere, such as by Terraform or Pulumi. */
  role(props: RoleProps): DirectIdentity {
    return { kind: 'role', ...props };
  },

  /**
   * Keys of an IAM user that has the emitted policy. Rotate them every 90 days: make a second key, put it into the
   * Secret, wait until both programs have used it (`aws iam get-access-key-last-used`), delete the first. cert-manager
   * reads the Secret for each challenge; external-dns has to be restarted.
   */
  staticKeys(props: StaticKeysProps): DirectIdentity {
    return { ...props, kind: 'static-keys', partition: props.partition ?? 'aws' };
  },

  /** What the pod's surroundings give: the role of its node, or what the cluster's owner set up. */
  ambient(props: AmbientProps = {}): DirectIdentity {
    return { ...props, kind: 'ambient', partition: props.partition ?? 'aws' };
  },

  /**
   * A role of another account, where the zones are: `caller` may do nothing but take it. Written for the other account
   * are its policy and who may take it, below `dist/iam/` in a folder named after the account.
   *
   * cert-manager takes such a role as itself: its caller is `podIdentity`, `ambient` or `staticKeys`, not `irsa`, whose
   * token already stands for a role (AWS-09).
   *
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
   */
  assumedRole(caller: DirectIdentity, props: AssumedRoleProps): AwsIdentity {
    return { kind: 'assumed-role', caller, ...props };
  },
} as const;

/** Who `identity` is before it takes a role of another account. */
export function callerOf(identity: AwsIdentity): DirectIdentity {
  return identity.kind === 'assumed-role' ? identity.caller : identity;
}

/** The partition that the resources of `identity` are in. */
export function partitionOf(identity: AwsIdentity): string {
  switch (identity.kind) {
    case 'irsa':
      return partsOfProvider(identity.oidcProviderArn)?.partition ?? 'aws';
    case 'pod-identity':
      return partsOfCluster(identity.clusterArn)?.partition ?? 'aws';
    case 'role':
    case 'assumed-role':
      return partsOfRole(identity.roleArn)?.partition ?? 'aws';
    default:
      return identity.partition ?? 'aws';
  }
}

/** The role that `identity` takes in its own account; undefined where it takes none. */
export function roleArn(identity: DirectIdentity, defaultName: string): string | undefined {
  if (identity.kind === 'role') return identity.roleArn;
  if (identity.kind !== 'irsa' && identity.kind !== 'pod-identity') return undefined;
  const parts =
    identity.kind === 'irsa' ? partsOfProvider(identity.oidcProviderArn) : partsOfCluster(identity.clusterArn);
  const { partition = 'aws', account = '000000000000' } = parts ?? {};
  return `arn:${partition}:iam::${account}:role/${identity.roleName ?? defaultName}`;
}

/** The region whose STS is asked: the cluster's, which the name of its provider tells; Route 53 itself has none. */
export function regionOf(identity: AwsIdentity): string {
  const fallback = { aws: 'us-east-1', 'aws-cn': 'cn-northwest-1', 'aws-us-gov': 'us-gov-west-1' }[
    partitionOf(identity)
  ];
  const caller = callerOf(identity);
  if ('region' in caller && caller.region !== undefined) return caller.region;
  const told = caller.kind === 'irsa' ? /\/oidc\.eks\.([a-z0-9-]+)\./.exec(caller.oidcProviderArn)?.[1] : undefined;
  const ofCluster = caller.kind === 'pod-identity' ? partsOfCluster(caller.clusterArn)?.region : undefined;
  return told ?? ofCluster ?? fallback ?? 'us-east-1';
}

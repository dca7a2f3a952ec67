import type { ServiceAccountRef, TrustPolicy } from '../model/iam';
import type { SecretKey } from '../model/issuer';
import { secretKeyFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';

/** A role that a ServiceAccount takes through the cluster's OIDC provider. */
export interface IrsaProps {
  /** The IAM OIDC provider of the cluster: `arn:aws:iam::123456789012:oidc-provider/oidc.eks.…/id/…`. */
  readonly oidcProviderArn: string;
  /**
   * The name of the role, in the account of the provider.
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

/** The separate clouds of AWS. */
export type AwsPartition = 'aws' | 'aws-cn' | 'aws-us-gov';

/** How a workload shows AWS who it is. */
export type AwsIdentity =
  | { readonly kind: 'irsa'; readonly oidcProviderArn: string; readonly roleName?: string }
  | { readonly kind: 'role'; readonly roleArn: string; readonly region?: string }
  | {
      readonly kind: 'static-keys';
      readonly accessKeyId: SecretKey;
      readonly secretAccessKey: SecretKey;
      readonly partition: AwsPartition;
    }
  | { readonly kind: 'ambient'; readonly partition: AwsPartition };

/** The identities to choose from. */
export const AwsIdentity = {
  /**
   * A role of its own for one ServiceAccount: short-lived credentials, nothing to keep or to rotate.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   */
  irsa(props: IrsaProps): AwsIdentity {
    return { kind: 'irsa', ...props };
  },

  /** A role that was made elsewhere, such as by Terraform or Pulumi. */
  role(props: RoleProps): AwsIdentity {
    return { kind: 'role', ...props };
  },

  /** Keys of an IAM user that has the emitted policy. They have to be rotated by hand. */
  staticKeys(props: StaticKeysProps): AwsIdentity {
    return { ...props, kind: 'static-keys', partition: props.partition ?? 'aws' };
  },

  /** What the pod's surroundings give: Pod Identity, or the role of its node. */
  ambient(options: { readonly partition?: AwsPartition } = {}): AwsIdentity {
    return { kind: 'ambient', partition: options.partition ?? 'aws' };
  },
} as const;

const OIDC_PROVIDER = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):oidc-provider\/([\w.-]+(?:\/[\w./-]+)?)$/;

/** The parts of an OIDC provider's ARN; undefined where it is none. */
function providerOf(oidcProviderArn: string) {
  const [, partition, account, issuer] = OIDC_PROVIDER.exec(oidcProviderArn) ?? [];
  if (partition === undefined || account === undefined || issuer === undefined) return undefined;
  return { partition, account, issuer };
}

/** The partition that the resources of `identity` are in. */
export function partitionOf(identity: AwsIdentity): string {
  if (identity.kind === 'irsa') return providerOf(identity.oidcProviderArn)?.partition ?? 'aws';
  if (identity.kind === 'role') return ROLE.exec(identity.roleArn)?.[1] ?? 'aws';
  return identity.partition;
}

/** The role that `identity` takes; undefined where it takes none of its own. */
export function roleArn(identity: AwsIdentity, defaultName: string): string | undefined {
  if (identity.kind === 'role') return identity.roleArn;
  if (identity.kind !== 'irsa') return undefined;
  const { partition = 'aws', account = '000000000000' } = providerOf(identity.oidcProviderArn) ?? {};
  return `arn:${partition}:iam::${account}:role/${identity.roleName ?? defaultName}`;
}

/** The region whose STS is asked: the cluster's, which the name of its provider tells; Route 53 itself has none. */
export function regionOf(identity: AwsIdentity): string {
  const fallback = { aws: 'us-east-1', 'aws-cn': 'cn-northwest-1', 'aws-us-gov': 'us-gov-west-1' }[
    partitionOf(identity)
  ];
  if (identity.kind === 'role' && identity.region !== undefined) return identity.region;
  const told = identity.kind === 'irsa' ? /\/oidc\.eks\.([a-z0-9-]+)\./.exec(identity.oidcProviderArn)?.[1] : undefined;
  return told ?? fallback ?? 'us-east-1';
}

/** Lets exactly one ServiceAccount take the role; undefined where `identity` takes none. */
export function trustPolicy(identity: AwsIdentity, account: ServiceAccountRef): TrustPolicy | undefined {
  if (identity.kind !== 'irsa') return undefined;
  const issuer = providerOf(identity.oidcProviderArn)?.issuer ?? '';
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TakenByOneServiceAccount',
        Effect: 'Allow',
        Principal: { Federated: identity.oidcProviderArn },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: `system:serviceaccount:${account.namespace}:${account.name}`,
          },
        },
      },
    ],
  };
}

const ROLE = /^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

function roleFindings({ roleArn, region }: RoleProps): Finding[] {
  const findings: Finding[] = [];
  if (!ROLE.test(roleArn)) {
    findings.push({
      code: 'AWS-06',
      value: roleArn,
      message: 'not the ARN of an IAM role',
      fix: 'Copy it from `aws iam list-roles`',
    });
  }
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    findings.push({
      code: 'AWS-07',
      value: region,
      message: 'not a region of AWS',
      fix: "Write region: 'eu-central-1', or leave it out",
    });
  }
  return findings;
}

/** AWS-06 and AWS-07 a role or region that is none; AWS-01 an ARN that is no OIDC provider's, AWS-02 a name that no role can have, NAME-04 and NAME-05 Secrets of keys. */
export function identityFindings(identity: AwsIdentity, defaultName: string): Finding[] {
  if (identity.kind === 'static-keys') {
    const { accessKeyId, secretAccessKey } = identity;
    return [...secretKeyFindings('accessKeyId', accessKeyId), ...secretKeyFindings('secretAccessKey', secretAccessKey)];
  }
  if (identity.kind === 'ambient') return [];
  if (identity.kind === 'role') return roleFindings(identity);
  const findings: Finding[] = [];
  if (!providerOf(identity.oidcProviderArn)) {
    findings.push({
      code: 'AWS-01',
      value: identity.oidcProviderArn,
      message: 'not the ARN of an IAM OIDC provider',
      fix: 'Copy it from `aws iam list-open-id-connect-providers`',
    });
  }
  const roleName = identity.roleName ?? defaultName;
  if (!/^[\w+=,.@-]{1,64}$/.test(roleName)) {
    findings.push({
      code: 'AWS-02',
      value: roleName,
      message: 'not a name that an IAM role can have',
      fix: 'Give roleName up to 64 letters, digits and +=,.@-_',
    });
  }
  return findings;
}

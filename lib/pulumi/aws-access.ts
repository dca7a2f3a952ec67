import * as pulumi from '@pulumi/pulumi';
import { partitionOf, trustPolicy } from '../aws/identity';
import { AwsIdentity, type AwsPartition, HostedZone, type PolicyDocument } from '../index';
import { KubeObject } from './kube-object';
import { outputOfText, text } from './outputs';

/** A zone of Route 53: of the library, an `aws.route53.Zone`, or what is known of one. */
export type ZoneArgs = HostedZone | { readonly name: pulumi.Input<string>; readonly zoneId: pulumi.Input<string> };

/** How a workload gets at AWS. What it needs there is made: policy, role, user. */
export type AwsAccess =
  | { readonly kind: 'irsa'; readonly oidcProviderArn: pulumi.Input<string>; readonly region?: string }
  | { readonly kind: 'pod-identity'; readonly clusterName: pulumi.Input<string>; readonly partition: AwsPartition }
  | { readonly kind: 'user'; readonly partition: AwsPartition };

/** The ways to choose from. */
export const AwsAccess = {
  /**
   * A role that one ServiceAccount takes through the cluster's OIDC provider.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   */
  irsa(args: { readonly oidcProviderArn: pulumi.Input<string>; readonly region?: string }): AwsAccess {
    return { kind: 'irsa', ...args };
  },

  /**
   * A role that EKS gives the pods of one ServiceAccount.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
   */
  podIdentity(args: { readonly clusterName: pulumi.Input<string>; readonly partition?: AwsPartition }): AwsAccess {
    return { kind: 'pod-identity', partition: 'aws', ...args };
  },

  /** A user with a key, kept in a Secret. It is rotated by replacing the key: `pulumi up --replace`. */
  user(args: { readonly partition?: AwsPartition } = {}): AwsAccess {
    return { kind: 'user', partition: 'aws', ...args };
  },
} as const;

/** `zones` as the library has them. */
export function zonesOf(zones: readonly ZoneArgs[]): HostedZone[] {
  return zones.map((zone) =>
    zone instanceof HostedZone ? zone : HostedZone.of(text(zone.name), { id: text(zone.zoneId) }),
  );
}

interface Wanted {
  /** What the resources at AWS are named after. */
  readonly name: string;
  /** Whose the resources are. */
  readonly parent: pulumi.Resource;
  readonly access: AwsAccess;
  /** The account that uses them. */
  readonly account: { readonly namespace: string; readonly name: string };
  readonly zones: readonly HostedZone[];
  /** What is permitted in the zones. */
  readonly policy: (zones: readonly HostedZone[], partition: string) => PolicyDocument;
}

/** What was made at AWS. */
export interface Granted {
  /** As whom the workload speaks, as constructs are told. */
  readonly identity: AwsIdentity;
  readonly roleArn: pulumi.Output<string> | undefined;
  /** What must be there before the workload. */
  readonly before: readonly pulumi.Resource[];
}

/** Makes a policy for exactly `zones`, and who has it. */
export function grantAccess({ name, parent, access, account, zones, policy }: Wanted): Granted {
  // Loaded by programs that use AWS.
  const iam: typeof import('@pulumi/aws/iam') = require('@pulumi/aws/iam');
  const options = { parent };
  const provider = access.kind === 'irsa' ? pulumi.output(access.oidcProviderArn) : undefined;
  const partition = provider
    ? provider.apply((oidcProviderArn) => partitionOf({ kind: 'irsa', oidcProviderArn }))
    : pulumi.output((access as { readonly partition: AwsPartition }).partition);
  const document = partition.apply((known) => JSON.stringify(policy(zones, known)));
  const made = new iam.Policy(name, { policy: document.apply(outputOfText) }, options);

  if (access.kind === 'user') {
    const user = new iam.User(name, {}, options);
    const attachment = new iam.UserPolicyAttachment(name, { user: user.name, policyArn: made.arn }, options);
    const key = new iam.AccessKey(name, { user: user.name }, options);
    const metadata = { ...account, name: `${account.name}-aws` };
    const manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { 'access-key-id': text(key.id), 'secret-access-key': text(key.secret) },
    };
    const secret = new KubeObject(`${name}/Secret/${metadata.name}`, manifest, options);
    const keyOf = (part: string) => ({ secretName: metadata.name, key: part });
    const identity = AwsIdentity.staticKeys({
      accessKeyId: keyOf('access-key-id'),
      secretAccessKey: keyOf('secret-access-key'),
      partition: access.partition,
    });
    return { identity, roleArn: undefined, before: [attachment, secret] };
  }

  const trust = provider
    ? provider.apply((oidcProviderArn) => JSON.stringify(trustPolicy({ kind: 'irsa', oidcProviderArn }, account)))
    : pulumi.output(JSON.stringify(POD_IDENTITY));
  const role = new iam.Role(name, { assumeRolePolicy: trust.apply(outputOfText) }, options);
  const attachment = new iam.RolePolicyAttachment(name, { role: role.name, policyArn: made.arn }, options);
  if (access.kind === 'irsa') {
    const identity = AwsIdentity.role({ roleArn: text(role.arn), region: access.region });
    return { identity, roleArn: role.arn, before: [attachment] };
  }
  const eks: typeof import('@pulumi/aws/eks') = require('@pulumi/aws/eks');
  const association = new eks.PodIdentityAssociation(
    name,
    {
      clusterName: access.clusterName,
      namespace: account.namespace,
      serviceAccount: account.name,
      roleArn: role.arn,
    },
    options,
  );
  return {
    identity: AwsIdentity.ambient({ partition: access.partition }),
    roleArn: role.arn,
    before: [attachment, association],
  };
}

/** Who may take a role that EKS gives to pods. */
const POD_IDENTITY = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'GivenToPods',
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  ],
};

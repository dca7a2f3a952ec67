import * as pulumi from '@pulumi/pulumi';
import { ApiObject, type ApiObjectProps } from 'cdk8s';
import { identityFindings, partitionOf, regionOf, trustPolicy } from '../aws/identity';
import { policyZoneFindings } from '../aws/policies';
import { AwsIdentity, type AwsPartition, HostedZone, type PolicyDocument, type Solver } from '../index';
import { knownZones, textsOfZones } from '../model/known';
import { locate } from '../model/problem';
import { lateHost, lateZoneId } from './canonical';
import type { DeclarationContext } from './edge-component';
import { outputOfText, revealOf, textOf } from './outputs';
import { judged, refuse } from './run-error';

/** A zone of Route 53: of the library, an `aws.route53.Zone`, or what is known of one. */
export type ZoneArgs =
  | HostedZone
  | {
      readonly name: pulumi.Input<string>;
      readonly zoneId: pulumi.Input<string>;
      /**
       * Whether the zone is seen only inside a private network, so that its names may point to private addresses. It
       * decides over objects and is said in plain, beside the Outputs of the zone (PULUMI-12):
       * `{ name: zone.name, zoneId: zone.zoneId, private: true }`.
       * @default false
       */
      readonly private?: boolean;
      /** The networks of an `aws.route53.Zone`, which has some where it is private. */
      readonly vpcs?: pulumi.Input<readonly unknown[] | undefined>;
    };

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
  return zones.map((zone) => {
    if (zone instanceof HostedZone) return zone;
    refusePrivate(zone);
    return HostedZone.of(textOf(lateHost(zone.name)), {
      id: textOf(lateZoneId(zone.zoneId)),
      private: zone.private ?? false,
    });
  });
}

/** Throws PULUMI-12 where `zone` turns out to be private, and was not said to be. */
function refusePrivate({ name, vpcs, private: isSaid = false }: Exclude<ZoneArgs, HostedZone>): void {
  if (isSaid || vpcs === undefined) return;
  judged(pulumi.all([name, vpcs]), ([known, networks]) =>
    networks === undefined || networks.length === 0
      ? []
      : [
          {
            code: 'PULUMI-12',
            at: 'this program',
            value: known,
            message: 'the zone is seen inside its networks only, and was given like a public one',
            fix: 'Write { name: zone.name, zoneId: zone.zoneId, private: true }',
          },
        ],
  );
}

interface Wanted {
  /** Whose the resources are, and what they are named after. */
  readonly context: DeclarationContext;
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
  /** The Secret with the keys of a user. */
  readonly keys: ApiObject | undefined;
}

/** What must be there before an issuer has a solver, by solver. */
export const beforeSolver = new WeakMap<Solver, Granted>();

/** Makes a policy for exactly `zones`, and who has it. */
export function grantAccess({ context, access, account, zones, policy }: Wanted): Granted {
  const { id: name, chart, component: parent, options: given, adopt } = context;
  // Loaded by programs that use AWS.
  const iam: typeof import('@pulumi/aws/iam') = require('@pulumi/aws/iam');
  const options = { parent, dependsOn: given?.dependsOn };
  const provider = access.kind === 'irsa' ? oidcProvider(access.oidcProviderArn, name) : undefined;
  const partition = provider
    ? provider.apply((oidcProviderArn) => partitionOf({ kind: 'irsa', oidcProviderArn }))
    : pulumi.output((access as { readonly partition: AwsPartition }).partition);
  const document = pulumi
    .all([partition, zonesOnceKnown(zones, name)])
    .apply(([part, known]) => JSON.stringify(policy(known as readonly HostedZone[], part)));
  const made = new iam.Policy(name, { policy: document }, options);

  if (access.kind === 'user') {
    const user = new iam.User(name, {}, options);
    const attachment = new iam.UserPolicyAttachment(name, { user: user.name, policyArn: made.arn }, options);
    const key = new iam.AccessKey(name, { user: user.name }, options);
    const metadata = { ...account, name: `${account.name}-aws` };
    const secret = new ApiObject(chart, `${name}-keys`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { 'access-key-id': textOf(key.id), 'secret-access-key': textOf(key.secret) },
    } as ApiObjectProps);
    adopt(secret);
    const keyOf = (part: string) => ({ secretName: metadata.name, key: part });
    const identity = AwsIdentity.staticKeys({
      accessKeyId: keyOf('access-key-id'),
      secretAccessKey: keyOf('secret-access-key'),
      partition: access.partition,
    });
    return { identity, roleArn: undefined, before: [attachment], keys: secret };
  }

  const trust = provider
    ? provider.apply((oidcProviderArn) => JSON.stringify(trustPolicy({ kind: 'irsa', oidcProviderArn }, account)))
    : pulumi.output(JSON.stringify(POD_IDENTITY));
  const role = new iam.Role(name, { assumeRolePolicy: trust.apply(outputOfText) }, options);
  const attachment = new iam.RolePolicyAttachment(name, { role: role.name, policyArn: made.arn }, options);
  if (access.kind === 'irsa') {
    // The cluster's, which the name of its provider tells.
    const told = provider?.apply((oidcProviderArn) => regionOf({ kind: 'irsa', oidcProviderArn }));
    const identity = AwsIdentity.role({ roleArn: textOf(role.arn), region: access.region ?? textOf(told ?? '') });
    return { identity, roleArn: role.arn, before: [attachment], keys: undefined };
  }
  const eks: typeof import('@pulumi/aws/eks') = require('@pulumi/aws/eks');
  const association = new eks.PodIdentityAssociation(
    name,
    {
      clusterName: access.clusterName,
      namespace: outputOfText(account.namespace),
      serviceAccount: outputOfText(account.name),
      roleArn: role.arn,
    },
    options,
  );
  return {
    identity: AwsIdentity.ambient({ partition: access.partition }),
    roleArn: role.arn,
    before: [attachment, association],
    keys: undefined,
  };
}

/** `zones` by the names and ids that they turn out to have. What is plain was judged by the construct already. */
function zonesOnceKnown(zones: readonly HostedZone[], at: string): pulumi.Input<readonly HostedZone[]> {
  const reveal = revealOf(textsOfZones(zones));
  if (!reveal) return zones;
  return judged(
    reveal.apply((known) => knownZones(zones, known)),
    (known) => locate(policyZoneFindings(known), at),
  );
}

/** Throws AWS-01 where it is none, at once or when it is known. */
function oidcProvider(arn: pulumi.Input<string>, at: string): pulumi.Output<string> {
  const problems = (oidcProviderArn: string) => locate(identityFindings({ kind: 'irsa', oidcProviderArn }, 'role'), at);
  if (typeof arn === 'string') refuse(problems(arn));
  return judged(pulumi.output(arn), problems);
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

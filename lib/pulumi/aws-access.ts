import * as pulumi from '@pulumi/pulumi';
import { ApiObject, type ApiObjectProps } from 'cdk8s';
import { partsOfCluster } from '../aws/arn';
import { type DirectIdentity, partitionOf, regionOf } from '../aws/identity';
import { identityFindings } from '../aws/identity-findings';
import { policyZoneFindings } from '../aws/policies';
import { trustPolicy } from '../aws/trust';
import { AwsIdentity, type AwsPartition, HostedZone, type PolicyDocument, type Solver } from '../index';
import { managedPolicies } from '../model/iam';
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
  | { readonly kind: 'irsa'; readonly oidcProviderArn: pulumi.Input<string>; readonly region?: pulumi.Input<string> }
  | { readonly kind: 'pod-identity'; readonly clusterArn: pulumi.Input<string> }
  | { readonly kind: 'user'; readonly partition: AwsPartition };

/** The ways to choose from. */
export const AwsAccess = {
  /**
   * A role that one ServiceAccount takes through the cluster's OIDC provider.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   */
  irsa(args: { readonly oidcProviderArn: pulumi.Input<string>; readonly region?: pulumi.Input<string> }): AwsAccess {
    return { kind: 'irsa', ...args };
  },

  /**
   * A role that EKS gives the pods of one ServiceAccount of the cluster: `{ clusterArn: cluster.arn }`.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
   */
  podIdentity(args: { readonly clusterArn: pulumi.Input<string> }): AwsAccess {
    return { kind: 'pod-identity', ...args };
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
  const taker = access.kind === 'user' ? undefined : takerOf(access, name);
  const partition =
    taker?.apply(partitionOf) ?? pulumi.output((access as { readonly partition: AwsPartition }).partition);
  const documents = pulumi
    .all([partition, zonesOnceKnown(zones, name)])
    .apply(([part, known]) => managedPolicies(name, policy(known as readonly HostedZone[], part)));
  // How many there are is a matter of how many zones, and known at once.
  const made = managedPolicies(name, policy(zones, 'aws')).map(
    (each, part) =>
      new iam.Policy(each.name, { policy: documents.apply((all) => JSON.stringify(all[part]?.document)) }, options),
  );
  const nameOf = (part: number) => (part === 0 ? name : `${name}-${part + 1}`);

  if (access.kind === 'user') {
    const user = new iam.User(name, {}, options);
    const attachments = made.map(
      ({ arn }, part) => new iam.UserPolicyAttachment(nameOf(part), { user: user.name, policyArn: arn }, options),
    );
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
    return { identity, roleArn: undefined, before: attachments, keys: secret };
  }

  const trust = (taker as pulumi.Output<DirectIdentity>).apply((known) => JSON.stringify(trustPolicy(known, account)));
  const role = new iam.Role(name, { assumeRolePolicy: trust.apply(outputOfText) }, options);
  const attachments = made.map(
    ({ arn }, part) => new iam.RolePolicyAttachment(nameOf(part), { role: role.name, policyArn: arn }, options),
  );
  // The cluster's, which the name of its provider, or its own, tells.
  const told = textOf((taker as pulumi.Output<DirectIdentity>).apply(regionOf));
  if (access.kind === 'irsa') {
    const identity = AwsIdentity.role({ roleArn: textOf(role.arn), region: textOf(access.region ?? told) });
    return { identity, roleArn: role.arn, before: attachments, keys: undefined };
  }
  const eks: typeof import('@pulumi/aws/eks') = require('@pulumi/aws/eks');
  const association = new eks.PodIdentityAssociation(
    name,
    {
      clusterName: pulumi.output(access.clusterArn).apply((arn) => partsOfCluster(arn)?.name ?? ''),
      namespace: outputOfText(account.namespace),
      serviceAccount: outputOfText(account.name),
      roleArn: role.arn,
    },
    options,
  );
  return {
    identity: AwsIdentity.ambient({ region: told }),
    roleArn: role.arn,
    before: [...attachments, association],
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

/** Who takes the role. Throws AWS-01 or AWS-08 where an ARN is none of its kind, at once or when it is known. */
function takerOf(access: Exclude<AwsAccess, { readonly kind: 'user' }>, at: string): pulumi.Output<DirectIdentity> {
  const [arn, identityOf] =
    access.kind === 'irsa'
      ? [access.oidcProviderArn, (oidcProviderArn: string) => AwsIdentity.irsa({ oidcProviderArn })]
      : [access.clusterArn, (clusterArn: string) => AwsIdentity.podIdentity({ clusterArn })];
  const problems = (known: string) => locate(identityFindings(identityOf(known), 'role'), at);
  if (typeof arn === 'string') refuse(problems(arn));
  return judged(pulumi.output(arn), problems).apply(identityOf);
}

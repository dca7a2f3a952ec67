import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ServiceAccountRef } from '../model/iam';
import type { HostedZone } from '../model/zone';
import { grantIam, type IamEmission } from './grant';
import { AwsIdentity, callerOf, type DirectIdentity, partitionOf, regionOf } from './identity';
import { externalDnsPolicy, policyZoneFindings } from './policies';

/** As whom external-dns speaks to Route 53. */
export interface Route53ProviderProps {
  /**
   * As whom.
   * @default AwsIdentity.ambient() - what its pod's surroundings give
   */
  readonly identity?: AwsIdentity;
  /**
   * Where the policy and role go beside the JSON files.
   * @default 'files' - nowhere
   */
  readonly emit?: IamEmission;
}

/** Writes to Route 53: zones by id, and a policy for exactly those zones. */
export function route53Provider({ identity = AwsIdentity.ambient(), emit = 'files' }: Route53ProviderProps = {}) {
  return {
    configure: ({ scope, name, zones, account }: ProviderContext) => {
      const policyDocument = externalDnsPolicy(zones, partitionOf(identity));
      const grant = grantIam(scope, {
        ...{ identity, account, policyDocument, emit },
        name: `${account.namespace}-${name}`,
        instance: account.name,
        namespace: account.namespace,
      });
      return {
        arguments: [
          '--provider=aws',
          ...zones.flatMap(({ id }) => (id === undefined ? [] : `--zone-id-filter=${id}`)).sort(),
          ...visibility(zones),
          ...assumed(identity),
        ],
        env: [{ name: 'AWS_REGION', value: regionOf(identity) }, ...keys(callerOf(identity))],
        accountAnnotations: annotations(callerOf(identity), grant.roleArn),
        policyDocument,
        steers: true,
        trustPolicy: grant.trustPolicy,
        findings: [...policyZoneFindings(zones), ...grant.findings],
      };
    },
  };
}

interface ProviderContext {
  readonly scope: Construct;
  readonly name: string;
  readonly zones: readonly HostedZone[];
  readonly account: ServiceAccountRef;
}

/** Zones of one name can exist twice, once in public; where all are of one kind, the other is not looked at. */
function visibility(zones: readonly HostedZone[]): string[] {
  const kinds = [...new Set(zones.map(({ isPrivate }) => (isPrivate ? 'private' : 'public')))];
  return kinds.length === 1 ? [`--aws-zone-type=${kinds[0]}`] : [];
}

/** By which the webhook of EKS, or of another cluster, gives its pods the token of a role. */
function annotations(caller: DirectIdentity, role: string | undefined): Record<string, string> {
  if ((caller.kind !== 'irsa' && caller.kind !== 'role') || role === undefined) return {};
  return {
    'eks.amazonaws.com/role-arn': role,
    ...(caller.audience === undefined ? {} : { 'eks.amazonaws.com/audience': caller.audience }),
  };
}

function assumed(identity: AwsIdentity): string[] {
  if (identity.kind !== 'assumed-role') return [];
  const { roleArn, externalId } = identity;
  return [
    `--aws-assume-role=${roleArn}`,
    ...(externalId === undefined ? [] : [`--aws-assume-role-external-id=${externalId}`]),
  ];
}

function keys(identity: DirectIdentity): k8s.EnvVar[] {
  if (identity.kind !== 'static-keys') return [];
  const { accessKeyId, secretAccessKey } = identity;
  return [
    { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: accessKeyId.secretName, key: accessKeyId.key } } },
    {
      name: 'AWS_SECRET_ACCESS_KEY',
      valueFrom: { secretKeyRef: { name: secretAccessKey.secretName, key: secretAccessKey.key } },
    },
  ];
}

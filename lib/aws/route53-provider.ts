import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ServiceAccountRef } from '../model/iam';
import type { HostedZone } from '../model/zone';
import { grantIam, type IamEmission } from './grant';
import { AwsIdentity, partitionOf, regionOf } from './identity';
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
        namespace: account.namespace,
      });
      const annotations: Record<string, string> = grant.roleArn ? { 'eks.amazonaws.com/role-arn': grant.roleArn } : {};
      return {
        arguments: [
          '--provider=aws',
          ...zones.flatMap(({ id }) => (id === undefined ? [] : `--zone-id-filter=${id}`)).sort(),
          ...visibility(zones),
        ],
        env: [{ name: 'AWS_REGION', value: regionOf(identity) }, ...keys(identity)],
        accountAnnotations: annotations,
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

function keys(identity: AwsIdentity): k8s.EnvVar[] {
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

import type { Construct } from 'constructs';
import { addIamGrant } from '../iam-documents';
import {
  type IamGrant,
  MOST_POLICIES,
  managedPolicies,
  type PolicyDocument,
  type ServiceAccountRef,
  type TrustPolicy,
} from '../model/iam';
import type { Finding } from '../model/problem';
import { emitAck } from './ack';
import { partsOfRole } from './arn';
import { type AwsIdentity, callerOf, roleArn } from './identity';
import { identityFindings } from './identity-findings';
import { associationOf, assumedRoleTrust, takerOf, takingPolicy, trustPolicy } from './trust';

/**
 * Where IAM objects go beside `dist/iam/*.json`: nowhere (`files`), or also to the cluster as kinds of AWS Controllers
 * for Kubernetes (`ack`), in a chart of their own. What is of another account goes to files only.
 */
export type IamEmission = 'files' | 'ack';

/** What a workload is permitted at AWS, complete from the policy to the account that takes the role. */
export interface Grant {
  /** The role that the workload takes in its own account. */
  readonly roleArn: string | undefined;
  readonly trustPolicy: TrustPolicy | undefined;
  readonly findings: readonly Finding[];
}

interface Wanted {
  readonly name: string;
  readonly namespace: string;
  /** The construct's own name, for labels. */
  readonly instance: string;
  readonly identity: AwsIdentity;
  readonly account: ServiceAccountRef;
  readonly policyDocument: PolicyDocument;
  readonly emit: IamEmission;
}

/** Declares that `account` may do what `policyDocument` says, as `identity`, under `name`. */
export function grantIam(construct: Construct, wanted: Wanted): Grant {
  const { identity, account, policyDocument } = wanted;
  const caller = callerOf(identity);
  const trust = trustPolicy(caller, account);
  const own: IamGrant = {
    name: ('roleName' in caller && caller.roleName) || wanted.name,
    policyDocument: identity.kind === 'assumed-role' ? takingPolicy(identity) : policyDocument,
    trustPolicy: trust,
    association: associationOf(caller, account, wanted.name),
  };
  const noted = addIamGrant(construct, own);
  if (identity.kind === 'assumed-role') addIamGrant(construct, elsewhere(identity, wanted));
  if (wanted.emit === 'ack') emitAck(construct, noted, wanted);
  return {
    roleArn: roleArn(caller, wanted.name),
    trustPolicy: trust,
    findings: [...identityFindings(identity, wanted.name), ...sizeFindings(policyDocument)],
  };
}

/** What the account of the zones grants. */
function elsewhere(
  identity: Extract<AwsIdentity, { readonly kind: 'assumed-role' }>,
  { name, policyDocument }: Wanted,
): IamGrant {
  const taker = takerOf(identity, name);
  const { account, name: path } = partsOfRole(identity.roleArn) ?? { account: '000000000000', name };
  return {
    name: path.split('/').at(-1) ?? name,
    account,
    policyDocument,
    trustPolicy: taker === undefined ? undefined : assumedRoleTrust(identity, taker),
  };
}

/** AWS-14 where a role cannot have as many policies as the zones need. */
function sizeFindings(document: PolicyDocument): Finding[] {
  const { length } = managedPolicies('', document);
  if (length <= MOST_POLICIES) return [];
  return [
    {
      code: 'AWS-14',
      value: String(length),
      message: `so many zones need ${length} managed policies of 6,144 characters, and a role has ${MOST_POLICIES} at most`,
      fix: 'Divide the zones among several constructs, each with a role of its own',
    },
  ];
}

import type { Construct } from 'constructs';
import { addIamGrant } from '../iam-documents';
import type { IamGrant, PolicyDocument, ServiceAccountRef, TrustPolicy } from '../model/iam';
import type { Finding } from '../model/problem';
import { emitAck } from './ack';
import { type AwsIdentity, identityFindings, roleArn, trustPolicy } from './identity';

/**
 * Where IAM objects go beside `dist/iam/*.json`: nowhere (`files`), or also to the cluster as kinds of AWS Controllers
 * for Kubernetes (`ack`), in a chart of their own.
 */
export type IamEmission = 'files' | 'ack';

/** What a workload is permitted at AWS, complete from the policy to the account that takes the role. */
export interface Grant {
  readonly roleArn: string | undefined;
  readonly trustPolicy: TrustPolicy | undefined;
  readonly findings: readonly Finding[];
}

/** Declares that `account` may do what `policyDocument` says, as `identity`, under `name`. */
export function grantIam(
  construct: Construct,
  wanted: {
    readonly name: string;
    readonly namespace: string;
    readonly identity: AwsIdentity;
    readonly account: ServiceAccountRef;
    readonly policyDocument: PolicyDocument;
    readonly emit: IamEmission;
  },
): Grant {
  const { identity, account, policyDocument } = wanted;
  const name = (identity.kind === 'irsa' && identity.roleName) || wanted.name;
  const trust = trustPolicy(identity, account);
  const grant: IamGrant = { name, policyDocument, trustPolicy: trust };
  addIamGrant(construct, grant);
  if (wanted.emit === 'ack') {
    emitAck(construct, grant, { namespace: wanted.namespace, name: wanted.name, instance: account.name });
  }
  return {
    roleArn: roleArn(identity, wanted.name),
    trustPolicy: trust,
    findings: identityFindings(identity, wanted.name),
  };
}

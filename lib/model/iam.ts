/** An IAM policy document, as AWS reads it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** One permission. `Sid` says what it is for. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Who may take a role, as AWS reads it. */
export interface TrustPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Principal: Readonly<Record<string, string>>;
    readonly Action: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

/** What has EKS give the pods of a ServiceAccount a role, in the spelling of `aws eks create-pod-identity-association`. */
export interface PodIdentityAssociation {
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
}

/** What a workload may do at AWS, and how it shows who it is. */
export interface IamGrant {
  /** The name of policy and role. */
  readonly name: string;
  /** The number of the account that both belong to, where it is another one than that of the workload. */
  readonly account?: string;
  readonly policyDocument: PolicyDocument;
  /** Absent where the workload uses keys or what its node may do. */
  readonly trustPolicy?: TrustPolicy;
  /** Present with EKS Pod Identity. */
  readonly association?: PodIdentityAssociation;
}

/** A pod's account in the cluster. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** A managed policy: the whole of what a grant permits, or a part of it. */
export interface ManagedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/**
 * How many resources of a statement fit into one policy: IAM takes 6,144 characters, beside white space, and statements
 * about zones name each of them once, by an id of up to 32. By number and not by length, since ids may be known late.
 */
const RESOURCES_EACH = 36;

/** How many managed policies a role or a user can have, unless AWS raised it. */
export const MOST_POLICIES = 10;

/**
 * `document` as managed policies: `name` itself, and where it names more zones than fit into one, `name-2` and so on.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function managedPolicies(name: string, document: PolicyDocument): ManagedPolicy[] {
  const longest = Math.max(...document.Statement.map(({ Resource }) => Resource.length), 1);
  return Array.from({ length: Math.ceil(longest / RESOURCES_EACH) }, (_, part) => ({
    name: part === 0 ? name : `${name}-${part + 1}`,
    document: {
      ...document,
      Statement: document.Statement.flatMap((statement) => {
        const resources = statement.Resource.slice(part * RESOURCES_EACH, (part + 1) * RESOURCES_EACH);
        return resources.length === 0 ? [] : { ...statement, Resource: resources };
      }),
    },
  }));
}

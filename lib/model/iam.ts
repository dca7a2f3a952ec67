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
    readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

/** What a workload may do at AWS, and how it shows who it is. */
export interface IamGrant {
  /** The name of policy and role. */
  readonly name: string;
  readonly policyDocument: PolicyDocument;
  /** Absent where the workload uses keys or what its node may do. */
  readonly trustPolicy?: TrustPolicy;
}

/** A pod's account in the cluster. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

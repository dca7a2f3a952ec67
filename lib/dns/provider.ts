import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { PolicyDocument, ServiceAccountRef, TrustPolicy } from '../model/iam';
import type { Finding } from '../model/problem';
import type { HostedZone } from '../model/zone';

/** Where external-dns writes records, as a value: what it is called with and as whom it speaks. */
export interface DnsProvider {
  /** Its part of the Deployment, for `zones`, running as `account`. */
  configure(context: {
    readonly scope: Construct;
    /** The name of the external-dns, unique among those of the cluster. */
    readonly name: string;
    readonly zones: readonly HostedZone[];
    readonly account: ServiceAccountRef;
  }): ProviderConfiguration;
}

/** What a provider adds to external-dns. */
export interface ProviderConfiguration {
  readonly arguments: readonly string[];
  /** Credentials, by reference to Secrets. */
  readonly env: readonly k8s.EnvVar[];
  /** Annotations of the ServiceAccount, by which a cloud gives it a role. */
  readonly accountAnnotations: Readonly<Record<string, string>>;
  /** What it must be permitted, where that is a matter of IAM. */
  readonly policyDocument?: PolicyDocument;
  /** Who may take its role, where it has one. */
  readonly trustPolicy?: TrustPolicy;
  /**
   * Whether it reads the routing policies of Route 53 and makes ALIASes.
   * @default false
   */
  readonly steers?: boolean;
  readonly findings: readonly Finding[];
}

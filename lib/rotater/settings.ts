import type { Issuer } from '../model/issuer';
import type { NodeAddressType } from '../model/node-record';
import type { CertificateStrategy } from '../model/strategy';
import type { HostedZone } from '../model/zone';
import type { Selector } from './selector';

/** Which routes are looked at, and what is derived from them: the same for the filter and the controller. */
export interface RotaterSettings {
  /** Only routes of this class; undefined for those of every class, and of none. */
  readonly ingressClass?: string;
  /** Only routes of these namespaces; undefined for all. */
  readonly namespaces?: readonly string[];
  /** Only routes with these labels. */
  readonly selector: Selector;
  /** The zones that hosts may lie in; empty for any. */
  readonly zones: readonly HostedZone[];
  /** Undefined where no Certificates are derived. */
  readonly certificates?: CertificateSettings;
  /** Undefined where no DNSEndpoints are derived. */
  readonly dns?: DnsSettings;
  /** Undefined where no record of nodes is kept. */
  readonly nodes?: NodeSettings;
}

/** An object by its namespace and its name. */
export interface ObjectReference {
  readonly namespace: string;
  readonly name: string;
}

/** Which nodes are announced, and where. */
export interface NodeSettings {
  /** The DNSEndpoint. */
  readonly endpoint: ObjectReference;
  readonly hostName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The Service whose endpoints say where something answers. */
  readonly service?: ObjectReference;
  /** Undefined for external ones, else internal ones. */
  readonly addressType?: NodeAddressType;
  readonly ttlSeconds: number;
}

/** How the certificates of routes are made. */
export interface CertificateSettings {
  readonly issuer: Issuer;
  readonly strategy: CertificateStrategy;
  /** Where certificates of whole zones go: the namespace of the default TLSStore. */
  readonly wildcardNamespace?: string;
  readonly template: CertificateTemplate;
}

/** What every derived Certificate says beside its names, its Secret and its issuer. */
export interface CertificateTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Fields of the Certificate's `spec`, laid over the library's own. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Where the hosts of routes point. */
export interface DnsSettings {
  readonly targets: TargetSource;
  readonly ttlSeconds: number;
}

/** Where targets come from, unless a route says them itself. */
export type TargetSource =
  | { readonly kind: 'fixed'; readonly targets: readonly string[] }
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      /** Whether an address that only the cluster can reach will do where the Service has no other. */
      readonly clusterAddress: boolean;
    }
  /** Only routes that say their targets are announced. */
  | { readonly kind: 'annotation' };

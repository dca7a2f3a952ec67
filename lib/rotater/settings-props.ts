import type { NodeRecordProps } from '../model/node-record';

/**
 * Which routes that exist already are looked at, and what is derived from them: as a configuration file of
 * `traefik-ha derive` and `traefik-ha controller` says it, and as `CertRotater` is given it.
 */
export interface RotaterSettingsProps {
  /**
   * Only routes of this class, by `spec.ingressClassName` or the annotation `kubernetes.io/ingress.class`.
   * @default - those of every class, and of none
   */
  readonly ingressClass?: string;
  /**
   * Only routes of these namespaces.
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * Only routes with these labels, written as for `kubectl --selector`.
   * @default - whatever their labels
   */
  readonly selector?: string;
  /**
   * The zones that hosts may lie in, by name; one that is seen only inside a private network may hold private addresses.
   * @default - any
   */
  readonly zones?: readonly (string | { readonly name: string; readonly private?: boolean })[];
  /**
   * Whose certificates are derived.
   * @default - no Certificates
   */
  readonly certificates?: {
    /** Who signs: the name of a ClusterIssuer, or what it is in full. Let's Encrypt's rules are held where it signs. */
    readonly issuer:
      | string
      | { readonly kind: 'ClusterIssuer' | 'Issuer'; readonly name: string; readonly letsEncrypt?: boolean };
    /**
     * A certificate for each route, or one for each zone that serves routes with `tls: {}` from the default TLSStore.
     * @default 'per-route'
     */
    readonly strategy?: 'per-route' | 'wildcard-per-zone';
    /** Where certificates of whole zones go: the namespace of the default TLSStore. Needed for `wildcard-per-zone`. */
    readonly wildcardNamespace?: string;
    /** What every Certificate says beside its names, its Secret and its issuer. */
    readonly template?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
      /** Fields of its `spec`. */
      readonly spec?: Readonly<Record<string, unknown>>;
    };
  };
  /**
   * How hosts are announced; an empty section announces only routes that say where they point.
   * @default - no DNSEndpoints
   */
  readonly dns?: {
    /** Where hosts point: addresses (A, AAAA), or one host name (CNAME). */
    readonly targets?: readonly string[];
    /** The Service whose load balancer hosts point to, as `namespace/name`; the filter cannot ask for it. */
    readonly service?: string;
    /**
     * Whether addresses that only the cluster reaches will do where the Service has no others.
     * @default false
     */
    readonly clusterAddress?: boolean;
    /**
     * How long resolvers may keep the answer, in seconds, from 1.
     * @default 300
     */
    readonly ttlSeconds?: number;
  };
  /**
   * The record of an edge on nodes, which the controller keeps: `traefik.nodeRecord` of a `TraefikHA` on
   * `EdgeNodes.watched`. The filter passes it over.
   * @default - none is kept
   */
  readonly nodes?: NodeRecordProps;
}

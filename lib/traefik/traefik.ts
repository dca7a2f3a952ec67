import type { ApiObject } from 'cdk8s';
import { canonicalHost } from '../model/host';
import type { TlsStore } from './tls-store';

/** A Traefik, as far as routes must know it: one of the app (`TraefikHA`), or one that runs already. */
export interface Traefik {
  /** The class that makes a route its own. */
  readonly ingressClass: string;
  /** The entry points that routes can be attached to. */
  readonly entryPoints: readonly string[];
  /** The namespaces whose routes it serves; undefined for all. */
  readonly namespaces: readonly string[] | undefined;
  /** Where names of routes point, if it is known. */
  readonly dnsTargets: readonly string[] | undefined;
  /** The object that must be there before routes are. */
  readonly applyBefore: ApiObject | undefined;
  /** Lets HTTP-01 challenges through: a route needs them. */
  acceptHttp01(): void;
  /** The store that serves every namespace; undefined where it is not known whose it is. */
  defaultStore(): TlsStore | undefined;
}

/** What is known of a Traefik that runs already. */
export interface ExistingTraefikProps {
  /**
   * The class that makes a route its own.
   * @default 'traefik'
   */
  readonly ingressClass?: string;
  /**
   * The entry points that routes can be attached to; the first is the default.
   * @default ['websecure']
   */
  readonly entryPoints?: readonly string[];
  /**
   * The namespaces whose routes it serves (`providers.kubernetescrd.namespaces`).
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * Where names of routes point: its addresses, or one host name.
   * @default - not known: routes say it themselves
   */
  readonly dnsTargets?: readonly string[];
  /**
   * Its default TLSStore, declared in a chart of its namespace, to serve wildcard certificates from.
   * @default - not known, so that wildcards are refused (TLS-06)
   */
  readonly defaultStore?: TlsStore;
}

/** A Traefik that runs already. Its redirect must let HTTP-01 through by itself (`allowACMEByPass`). */
export class ExistingTraefik implements Traefik {
  public readonly ingressClass: string;
  public readonly entryPoints: readonly string[];
  public readonly namespaces: readonly string[] | undefined;
  public readonly dnsTargets: readonly string[] | undefined;
  public readonly applyBefore: ApiObject | undefined;
  private readonly store: TlsStore | undefined;

  public constructor(props: ExistingTraefikProps = {}) {
    this.ingressClass = props.ingressClass ?? 'traefik';
    this.entryPoints = props.entryPoints ?? ['websecure'];
    this.namespaces = props.namespaces;
    this.dnsTargets = props.dnsTargets?.map(canonicalHost);
    this.store = props.defaultStore;
    this.applyBefore = props.defaultStore?.resource;
  }

  public acceptHttp01(): void {
    // Nothing of its configuration is ours to change.
  }

  public defaultStore(): TlsStore | undefined {
    return this.store;
  }
}

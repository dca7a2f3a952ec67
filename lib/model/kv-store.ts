import type { SecretKey } from './issuer';
import type { Finding } from './problem';

/** The kinds of stores that Traefik reads. */
export type KvStoreKind = 'consul' | 'etcd' | 'redis' | 'zookeeper';

/**
 * Where a credential lies. By name alone: on Kubernetes a Secret, whose key is called as the credential is
 * (`username`, `password`, `token`, `ca.crt`), on Swarm a secret.
 */
export type KvCredential = string | SecretKey;

/** How a store's certificate is checked, and who calls. */
export interface KvTls {
  /**
   * The authorities that the store's certificate is checked against.
   * @default - those of the image
   */
  readonly ca?: KvCredential;
  /**
   * The certificate that the caller shows, with its key: on Kubernetes a Secret with `tls.crt` and `tls.key`, on Swarm
   * two secrets. Scripts speak to etcd by its HTTP gateway, which refuses certificates with a common name.
   * @default - none
   */
  readonly client?: string | { readonly certificate: string; readonly key: string };
}

/** What all stores have in common. */
export interface KvStoreProps {
  /**
   * The key that everything lies below; neither empty nor with a slash at an end.
   * @default 'traefik'
   */
  readonly rootKey?: string;
  /**
   * TLS to the store; `{}` with the authorities of the image.
   * @default - none: what the store holds, keys of certificates too, then crosses the network in plain
   */
  readonly tls?: KvTls;
}

/** One Consul agent or its address before the cluster. Traefik takes exactly one. */
export interface ConsulProps extends KvStoreProps {
  /** Host and port, such as `consul:8500`. */
  readonly endpoint: string;
  /**
   * The ACL token, with which the root key may be read, and written by those who publish.
   * @default - none
   */
  readonly token?: KvCredential;
}

/** The members of an etcd cluster. */
export interface EtcdProps extends KvStoreProps {
  /** Host and port of one or more members, such as `etcd-0.etcd:2379`. */
  readonly endpoints: readonly string[];
  /**
   * The user that it is asked as. Traefik before 3.7 has to be started again when its token ends (traefik#11941).
   * @default - nobody
   */
  readonly credentials?: { readonly username: KvCredential; readonly password: KvCredential };
}

/** One Redis. It must say what changes: `notify-keyspace-events KEA`, which managed ones need set beforehand. */
export interface RedisProps extends KvStoreProps {
  /** Host and port, such as `redis:6379`. Traefik takes exactly one. */
  readonly endpoint: string;
  /**
   * The password, and the user where the store has access lists.
   * @default - none
   */
  readonly credentials?: { readonly username?: KvCredential; readonly password: KvCredential };
  /**
   * The number of the database, from 0.
   * @default 0
   */
  readonly database?: number;
}

/** The members of a ZooKeeper ensemble; Traefik speaks no TLS to it. */
export interface ZooKeeperProps extends Omit<KvStoreProps, 'tls'> {
  /** Host and port of one or more members, such as `zookeeper-0.zookeeper:2181`. */
  readonly endpoints: readonly string[];
  /**
   * The user that it is asked as.
   * @default - nobody
   */
  readonly credentials?: { readonly username: KvCredential; readonly password: KvCredential };
}

/** A credential of a store by the name of Traefik's option. */
export interface KvCredentials {
  readonly username?: KvCredential;
  readonly password?: KvCredential;
  readonly token?: KvCredential;
}

/**
 * A key-value store that holds dynamic configuration, run by somebody else or by the program.
 *
 * Whoever uses it reports KV-01 an endpoint that is no host and port, KV-02 a root key that Traefik refuses.
 *
 * @example
 * KvStore.etcd({ endpoints: ['etcd:2379'], tls: { ca: 'etcd-ca' } });
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/kv/etcd/
 */
export class KvStore {
  public static consul({ endpoint, token, ...props }: ConsulProps): KvStore {
    return new KvStore('consul', [endpoint], props, { token });
  }

  public static etcd({ endpoints, credentials, ...props }: EtcdProps): KvStore {
    return new KvStore('etcd', endpoints, props, { ...credentials });
  }

  public static redis({ endpoint, credentials, database, ...props }: RedisProps): KvStore {
    return new KvStore('redis', [endpoint], props, { ...credentials }, database);
  }

  public static zooKeeper({ endpoints, credentials, ...props }: ZooKeeperProps): KvStore {
    return new KvStore('zookeeper', endpoints, props, { ...credentials });
  }

  /** The key that everything lies below. */
  public readonly rootKey: string;
  /** TLS to the store; undefined for none. */
  public readonly tls: KvTls | undefined;
  /** What is wrong with it, for whoever uses it. */
  public readonly findings: readonly Finding[];

  private constructor(
    public readonly kind: KvStoreKind,
    public readonly endpoints: readonly string[],
    props: KvStoreProps,
    public readonly credentials: KvCredentials,
    /** The number of the database of a Redis. */
    public readonly database?: number,
  ) {
    this.rootKey = props.rootKey ?? 'traefik';
    this.tls = props.tls;
    this.findings = [
      ...(endpoints.length === 0 ? [noEndpoint('')] : endpoints.filter((text) => !isEndpoint(text)).map(noEndpoint)),
      ...rootKeyFindings(this.rootKey),
    ];
  }
}

/** Whether two say the same part of the same store. */
export function sameStore(one: KvStore, other: KvStore): boolean {
  const said = ({ kind, endpoints, rootKey, database = 0 }: KvStore) =>
    JSON.stringify([kind, [...endpoints].sort(), rootKey, database]);
  return said(one) === said(other);
}

/** Host and port; an IPv6 address in brackets. */
function isEndpoint(text: string): boolean {
  const [, port] =
    /^(?:[a-zA-Z0-9_]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.slice(1) ?? [];
  return port !== undefined && Number(port) > 0 && Number(port) < 65536;
}

function noEndpoint(value: string): Finding {
  return {
    code: 'KV-01',
    value,
    message: 'not the host and port of a store',
    fix: 'Write etcd:2379, without a scheme; whether it speaks TLS is said by tls',
  };
}

/** KV-02 where Traefik would refuse `rootKey`, or read nothing below it. */
export function rootKeyFindings(rootKey: string): Finding[] {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(rootKey) && !/(^|\/)\d+(\/|$)/.test(rootKey)) return [];
  return [
    {
      code: 'KV-02',
      value: rootKey,
      message: 'not a root key: levels divided by slashes, none of them empty or a number',
      fix: 'Leave rootKey out for traefik, or use letters, digits, hyphens, underscores and dots',
    },
  ];
}

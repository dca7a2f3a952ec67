import type { KvCredential, KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import type { KvFiles } from '../traefik/kv-provider';
import type { StackFileReference } from './stack-file';
import type { SwarmStack } from './swarm-stack';

/** Where secrets lie in a container. */
export const SECRETS_DIR = '/run/secrets';

/** How the services of a stack reach a store. */
export interface KvAccess {
  /** Where its credentials lie. */
  readonly files: KvFiles;
  /** The same as secrets. */
  readonly secrets: readonly string[];
}

/** The secrets of `store`, and where they lie. */
export function kvAccess({ credentials, tls }: KvStore): KvAccess {
  const client = typeof tls?.client === 'object' ? tls.client : undefined;
  const named = { ...credentials, ca: tls?.ca, certificate: client?.certificate, key: client?.key };
  const secrets = Object.entries(named).flatMap(([name, credential]) =>
    credential === undefined ? [] : [[name, secretName(credential)] as const],
  );
  return {
    files: Object.fromEntries(secrets.map(([name, secret]) => [name, `${SECRETS_DIR}/${secret}`])),
    secrets: [...new Set(secrets.map(([, secret]) => secret))].sort(),
  };
}

/** What the scripts of containers are told of `store`. */
export function kvEnvironment(store: KvStore): Record<string, string> {
  const { files } = kvAccess(store);
  const scheme = `${store.kind === 'redis' ? 'redis' : 'http'}${store.tls ? 's' : ''}`;
  return Object.fromEntries(
    Object.entries({
      KV_STORE: store.kind,
      KV_ENDPOINT: `${scheme}://${store.endpoints[0]}`,
      KV_ROOT: store.rootKey,
      KV_DATABASE: store.database === undefined ? undefined : String(store.database),
      KV_USERNAME_FILE: files.username,
      KV_PASSWORD_FILE: files.password,
      KV_TOKEN_FILE: files.token,
      KV_CA_FILE: files.ca,
      KV_CERT_FILE: files.certificate,
      KV_KEY_FILE: files.key,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What is wrong with a store that services of a swarm use: SWARM-15 a credential that is no secret of a swarm. */
export function storeFindings(store: KvStore): Finding[] {
  const { credentials, tls } = store;
  const isSecretKey = (credential: KvCredential | undefined) => typeof credential === 'object';
  const wrong = Object.entries({ ...credentials, 'tls.ca': tls?.ca }).filter(([, each]) => isSecretKey(each));
  return [
    ...store.findings,
    ...wrong.map(([name]) => ({
      code: 'SWARM-15',
      value: name,
      message: 'a secret of a swarm holds one value and has no keys',
      fix: 'Give the name of the secret alone',
    })),
    ...(typeof tls?.client === 'string'
      ? [
          {
            code: 'SWARM-15',
            value: 'tls.client',
            message: 'in a swarm, a certificate and its key are two secrets',
            fix: "Write client: { certificate: 'client-certificate', key: 'client-key' }",
          },
        ]
      : []),
  ];
}

/** SWARM-18 where the scripts that write to a store can't write to `store` from `image`. */
export function writerFindings(store: KvStore, hasCurl: boolean): Finding[] {
  if (store.kind === 'zookeeper') {
    return [
      {
        code: 'SWARM-18',
        value: store.kind,
        message: 'nothing here writes to it, it can only be read',
        fix: 'Use etcd, Consul or Redis',
      },
    ];
  }
  if (store.tls === undefined || hasCurl) return [];
  return [
    {
      code: 'SWARM-18',
      value: `${store.kind} with TLS`,
      message: 'the default image can speak TLS only without looking at certificates, and is not let to',
      fix: `Give an image that also holds ${store.kind === 'redis' ? 'openssl' : 'curl'}`,
    },
  ];
}

/** The networks by which a store is reached: where none of the stack's services is meant, one that leads out. */
export function storeNetworks(stack: SwarmStack, store: KvStore): ('control' | 'outbound')[] {
  const hosts = store.endpoints.map((endpoint) => endpoint.replace(/:\d+$/, ''));
  const isOwn = hosts.every((host) => stack.serviceNames.includes(host.replace(/^tasks\./, '')));
  return isOwn ? ['control'] : ['control', 'outbound'];
}

/** Secrets as files for a process of `user`: nobody else in the container reads them. */
export function secretFiles(
  stack: SwarmStack,
  names: readonly string[],
  user: string,
): { readonly secrets?: readonly StackFileReference[] } {
  const [uid = '0', gid = uid] = user.split(':');
  if (names.length === 0) return {};
  return { secrets: names.map((name) => ({ source: stack.secret(name), target: name, uid, gid, mode: 0o400 })) };
}

function secretName(credential: KvCredential): string {
  return typeof credential === 'string' ? credential : credential.secretName;
}

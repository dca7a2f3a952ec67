import { type ScriptFile, kvEnvironment as scriptEnvironment } from '../kv/script-environment';
import { writableFindings } from '../kv/writable';
import { kvProviderArguments } from '../model/kv-provider';
import type { KvCredential, KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import type { StackFileReference } from './stack-file';
import type { SwarmStack } from './swarm-stack';

/** Where secrets lie in a container. */
export const SECRETS_DIR = '/run/secrets';

/** The secrets that hold the credentials of `store`. */
export function kvSecrets(store: KvStore): string[] {
  return [...new Set(Object.values(credentialsOf(store)))].sort();
}

/**
 * The arguments that have Traefik read `store`. Where it takes a secret by its value only, `--name=@file` is put in its
 * place by the script that starts it.
 */
export function kvArguments(store: KvStore): { readonly plain: string[]; readonly secret: string[] } {
  const file = fileOf(store);
  const all = kvProviderArguments(store, { credential: (name) => `@${file(name)}`, file });
  const isSecret = (argument: string) => argument.includes('=@');
  return { plain: all.filter((argument) => !isSecret(argument)), secret: all.filter(isSecret) };
}

/** What the scripts of containers are told of `store`. */
export function kvEnvironment(store: KvStore): Record<string, string> {
  return scriptEnvironment(store, fileOf(store));
}

function fileOf(store: KvStore): (name: ScriptFile) => string {
  const credentials = credentialsOf(store);
  return (name) => `${SECRETS_DIR}/${credentials[name]}`;
}

/** The secret of each credential. */
function credentialsOf({ credentials, tls }: KvStore): Partial<Record<ScriptFile, string>> {
  const client = typeof tls?.client === 'object' ? tls.client : undefined;
  const named = { ...credentials, 'ca.crt': tls?.ca, 'tls.crt': client?.certificate, 'tls.key': client?.key };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, credential]) =>
      credential === undefined ? [] : [[name, secretName(credential)]],
    ),
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

/** What keeps a service from writing to `store`: KV-13 its kind, SWARM-18 an image that can't speak TLS to it. */
export function writerFindings(store: KvStore, isOwnImage: boolean): Finding[] {
  if (store.tls === undefined || isOwnImage) return writableFindings(store);
  return [
    ...writableFindings(store),
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
  return {
    secrets: [...new Set(names)].map((name) => ({ source: stack.secret(name), target: name, uid, gid, mode: 0o400 })),
  };
}

function secretName(credential: KvCredential): string {
  return typeof credential === 'string' ? credential : credential.secretName;
}

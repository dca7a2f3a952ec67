import type { k8s } from 'cdk8s-plus-27';
import { secretKeyFindings } from './model/kube-name';
import type { KvCredential, KvCredentials, KvStore } from './model/kv-store';
import type { Finding } from './model/problem';

/** Where a pod finds the credentials of its store, a file each. */
export const KV_CREDENTIALS = '/etc/traefik-ha/store';

/** The file of each credential. */
const FILES = { username: 'username', password: 'password', token: 'token' } as const;

/** What a pod mounts to reach a store; nothing where it needs no credentials. */
export interface KvAccess {
  readonly volumes: k8s.Volume[];
  readonly volumeMounts: k8s.VolumeMount[];
}

/** Mounts the credentials of `store`, as far as it has any. */
export function kvAccess(store: KvStore): KvAccess {
  const sources = secretKeys(store).map(({ secretName, key, path }) => ({
    secret: { name: secretName, items: [{ key, path }] },
  }));
  if (sources.length === 0) return { volumes: [], volumeMounts: [] };
  return {
    volumes: [{ name: 'store', projected: { defaultMode: 0o440, sources } }],
    volumeMounts: [{ name: 'store', mountPath: KV_CREDENTIALS, readOnly: true }],
  };
}

/** NAME-04 and NAME-05 where a credential is no Secret's. */
export function kvAccessFindings(store: KvStore): Finding[] {
  return secretKeys(store).flatMap(({ secretName, key, path }) =>
    secretKeyFindings(`kvStore ${path}`, { secretName, key }),
  );
}

interface MountedKey {
  readonly secretName: string;
  readonly key: string;
  readonly path: string;
}

function secretKeys({ credentials, tls }: KvStore): MountedKey[] {
  const mounted = (credential: KvCredential | undefined, path: string): MountedKey[] => {
    if (credential === undefined) return [];
    return [typeof credential === 'string' ? { secretName: credential, key: path, path } : { ...credential, path }];
  };
  const { client } = tls ?? {};
  const pair = typeof client === 'string' ? { certificate: client, key: client } : client;
  return [
    ...Object.values(FILES).flatMap((name) => mounted(credentials[name], name)),
    ...mounted(tls?.ca, 'ca.crt'),
    ...mounted(pair?.certificate, 'tls.crt'),
    ...mounted(pair?.key, 'tls.key'),
  ];
}

/** The environment variable of a credential, for programs that take no files. */
export function kvVariable(name: keyof KvCredentials): string {
  return `KV_${name.toUpperCase()}`;
}

/** The credentials of a store as environment variables. */
export function kvEnv({ credentials }: KvStore): k8s.EnvVar[] {
  return Object.values(FILES).flatMap((name) => {
    const credential = credentials[name];
    if (credential === undefined) return [];
    const secret = typeof credential === 'string' ? { secretName: credential, key: name } : credential;
    return [{ name: kvVariable(name), valueFrom: { secretKeyRef: { name: secret.secretName, key: secret.key } } }];
  });
}

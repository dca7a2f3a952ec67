import type { KvPlaces } from '../model/kv-provider';
import type { KvStore } from '../model/kv-store';

/** The environment by which the scripts in containers reach `store`; credentials go by files. */
export function kvEnvironment(store: KvStore, file: (name: ScriptFile) => string): Record<string, string> {
  const { kind, endpoints, rootKey, credentials, tls, database } = store;
  const scheme = kind === 'redis' ? 'redis' : 'http';
  const named = (variable: string, name: ScriptFile, given: unknown) =>
    given === undefined ? {} : { [variable]: file(name) };
  return {
    KV_STORE: kind,
    KV_ENDPOINT: `${scheme}${tls ? 's' : ''}://${endpoints[0] ?? ''}`,
    KV_ROOT: rootKey,
    ...(database === undefined ? {} : { KV_DATABASE: String(database) }),
    ...named('KV_USERNAME_FILE', 'username', credentials.username),
    ...named('KV_PASSWORD_FILE', 'password', credentials.password),
    ...named('KV_TOKEN_FILE', 'token', credentials.token),
    ...named('KV_CA_FILE', 'ca.crt', tls?.ca),
    ...named('KV_CERT_FILE', 'tls.crt', tls?.client),
    ...named('KV_KEY_FILE', 'tls.key', tls?.client),
  };
}

/** A file that holds a credential. */
export type ScriptFile = Parameters<KvPlaces['credential']>[0] | Parameters<KvPlaces['file']>[0];

import type { KvStore } from '../model/kv-store';

/** Where the credentials of a store lie as files, by what they are. */
export interface KvFiles {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * The arguments that have Traefik read `store`, but for those whose values are secrets.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/kv/etcd/
 */
export function kvArguments({ kind, endpoints, rootKey, tls, database }: KvStore, files: KvFiles): string[] {
  const provider = `--providers.${kind}`;
  return [
    `${provider}.endpoints=${endpoints.join(',')}`,
    `${provider}.rootKey=${rootKey}`,
    ...(database === undefined ? [] : [`${provider}.db=${database}`]),
    // Without any option of it, TLS would not be spoken at all.
    ...(tls ? [`${provider}.tls.insecureSkipVerify=false`] : []),
    ...(files.ca ? [`${provider}.tls.ca=${files.ca}`] : []),
    ...(files.certificate ? [`${provider}.tls.cert=${files.certificate}`, `${provider}.tls.key=${files.key}`] : []),
  ];
}

/** The arguments whose values are the contents of files: `--name=@file`. Traefik takes such values from no file itself. */
export function kvSecretArguments({ kind }: KvStore, { username, password, token }: KvFiles): string[] {
  return Object.entries({ username, password, token })
    .filter(([, file]) => file !== undefined)
    .map(([name, file]) => `--providers.${kind}.${name}=@${file}`);
}

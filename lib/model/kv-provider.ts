import type { KvCredentials, KvStore } from './kv-store';

/** Where whoever starts Traefik has put the credentials of its store. */
export interface KvPlaces {
  /** What stands for a credential in an argument: a reference, never the credential itself. */
  readonly credential: (name: keyof KvCredentials) => string;
  /** The paths of files. */
  readonly file: (name: 'ca.crt' | 'tls.crt' | 'tls.key') => string;
}

/**
 * The arguments by which Traefik reads `store`.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/configuration-options/
 */
export function kvProviderArguments(
  { kind, endpoints, rootKey, credentials, tls, database }: KvStore,
  { credential, file }: KvPlaces,
): string[] {
  const provider = `--providers.${kind}`;
  return [
    `${provider}.endpoints=${endpoints.join(',')}`,
    `${provider}.rootKey=${rootKey}`,
    ...(database === undefined ? [] : [`${provider}.db=${database}`]),
    ...(['username', 'password', 'token'] as const)
      .filter((name) => credentials[name] !== undefined)
      .map((name) => `${provider}.${name}=${credential(name)}`),
    ...(tls === undefined ? [] : tlsArguments(`${provider}.tls`, tls, file)),
  ];
}

function tlsArguments(option: string, { ca, client }: NonNullable<KvStore['tls']>, file: KvPlaces['file']): string[] {
  const files = [
    ...(ca === undefined ? [] : [`${option}.ca=${file('ca.crt')}`]),
    ...(client === undefined ? [] : [`${option}.cert=${file('tls.crt')}`, `${option}.key=${file('tls.key')}`]),
  ];
  // Any of its options switches TLS on.
  return files.length > 0 ? files : [`${option}.insecureSkipVerify=false`];
}

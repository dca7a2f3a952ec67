import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** Where systems keep the authorities that they trust. */
const SYSTEM_STORES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The authorities in `files`; else those of the system (`SSL_CERT_FILE`, or where systems keep them); else those that
 * come with Node. It is made once: to read a hundred authorities takes longer than to be shown a certificate.
 */
export function trustStore(files: readonly string[] | undefined): SecureContext {
  const own = files ?? systemStore();
  const ca = own ? own.map((file) => readFileSync(file, 'utf8')) : [...rootCertificates];
  return createSecureContext({ ca });
}

function systemStore(): string[] | undefined {
  const { SSL_CERT_FILE } = process.env;
  const file = [...(SSL_CERT_FILE ? [SSL_CERT_FILE] : []), ...SYSTEM_STORES].find((path) => existsSync(path));
  return file === undefined ? undefined : [file];
}

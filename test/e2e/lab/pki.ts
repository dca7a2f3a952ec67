import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNow } from './command';

/** A certificate with its key, as files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The authority that the lab's own servers have their certificates from, valid for a week. */
export class Authority {
  public readonly certificate: string;
  private readonly key: string;

  public constructor(private readonly folder: string) {
    this.certificate = join(folder, 'authority.crt');
    this.key = join(folder, 'authority.key');
    openssl(
      ...['req', '-x509', '-nodes', '-days', '7', '-subj', '/CN=lab', '-keyout', this.key, '-out', this.certificate],
      ...NEW_KEY,
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-addext', 'basicConstraints=critical,CA:TRUE'],
    );
  }

  /** A server's certificate for names (`DNS:…`) and addresses (`IP:…`). */
  public issue(name: string, alternatives: readonly string[]): KeyPair {
    const pair = { certificate: join(this.folder, `${name}.crt`), key: join(this.folder, `${name}.key`) };
    const request = join(this.folder, `${name}.csr`);
    const extensions = join(this.folder, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${alternatives.join(',')}\nextendedKeyUsage=serverAuth\n`);
    openssl('req', '-new', '-nodes', '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', request, ...NEW_KEY);
    openssl(
      ...['x509', '-req', '-days', '7', '-in', request, '-out', pair.certificate, '-extfile', extensions],
      ...['-CA', this.certificate, '-CAkey', this.key, '-CAcreateserial'],
    );
    return pair;
  }
}

/** The key that ServiceAccount tokens are signed with. */
export function signingKey(folder: string): string {
  const path = join(folder, 'service-accounts.key');
  openssl('genrsa', '-out', path, '2048');
  return path;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

function openssl(...args: string[]): void {
  runNow(['openssl', ...args]);
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';

/** A certificate with its key, in PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is to be. */
export interface CertificateWish {
  readonly names: readonly string[];
  /** When it begins and ends, in days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly subject?: string;
  /** Who signs: the authority itself unless an intermediate one is given, or nobody else. */
  readonly by?: Pair | 'itself';
  readonly extensions?: readonly string[];
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that makes certificates with openssl, in a folder of its own. */
export class TestAuthority {
  public readonly folder = mkdtempSync(join(tmpdir(), 'traefik-ha-pki-'));
  public readonly file = join(this.folder, 'authority.pem');
  public readonly pair: Pair;
  private count = 0;

  public constructor(name = 'Test Authority') {
    this.pair = this.issue({ names: [], subject: `/CN=${name}`, by: 'itself', to: 3650, extensions: AUTHORITY });
    writeFileSync(this.file, this.pair.certificate);
  }

  public issue(wish: CertificateWish): Pair {
    const { names, from = -30, to = 60, by = this.pair, extensions = [] } = wish;
    this.count += 1;
    const file = (end: string) => join(this.folder, `${this.count}.${end}`);
    const subject = wish.subject ?? `/CN=${names[0]?.slice(0, 60) ?? 'nobody'}`;
    const lines = [
      ...(names.length > 0 ? [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`] : []),
      ...extensions,
    ];
    writeFileSync(file('ext'), `${lines.join('\n')}\n`);
    openssl('req', '-new', '-subj', subject, '-keyout', file('key'), '-out', file('csr'), ...NEW_KEY);
    if (by !== 'itself') {
      writeFileSync(file('by.crt'), by.certificate);
      writeFileSync(file('by.key'), by.key);
    }
    // What `x509` of openssl 3.0 can't: the dates of what it signs. `ca` can, and wants its papers.
    const signer =
      by === 'itself' ? ['-selfsign', '-keyfile', file('key')] : ['-cert', file('by.crt'), '-keyfile', file('by.key')];
    writeFileSync(file('db'), '');
    writeFileSync(
      file('cnf'),
      `[ca]\ndefault_ca=a\n[a]\ndatabase=${file('db')}\nnew_certs_dir=${this.folder}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
    );
    openssl(
      ...['ca', '-batch', '-notext', '-config', file('cnf'), '-in', file('csr'), '-out', file('crt'), ...signer],
      ...['-startdate', stamp(from), '-enddate', stamp(to), '-extfile', file('ext'), '-preserveDN'],
    );
    return { certificate: readFileSync(file('crt'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

/** An authority below another one. */
export function intermediate(authority: TestAuthority, dates: Pick<CertificateWish, 'from' | 'to'> = {}): Pair {
  return authority.issue({ names: [], subject: '/CN=Test Intermediate', extensions: AUTHORITY, ...dates });
}

function stamp(days: number): string {
  const time = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${time.slice(0, 19).replace(/[-T:]/g, '')}Z`;
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Servers on the loopback network, which all end together. */
export class TestServers {
  private readonly servers: Server[] = [];

  /** One that serves `pair` over TLS, answers HTTP by `answer`, and takes another certificate by `setSecureContext`. */
  public async tls(
    pair: Pair & TlsOptions,
    answer: http.RequestListener = ok,
    host = '127.0.0.1',
    port = 0,
  ): Promise<https.Server & { port: number }> {
    const { certificate, ...options } = pair;
    const server = https.createServer({ cert: certificate, ...options }, answer);
    return Object.assign(server, { port: await this.listen(server, host, port) });
  }

  public async http(answer: http.RequestListener): Promise<number> {
    return this.listen(http.createServer(answer), '127.0.0.1');
  }

  /** One that takes connections and does with them what `take` says. */
  public async tcp(take: Parameters<typeof createServer>[1] = () => {}): Promise<number> {
    return this.listen(createServer(take), '127.0.0.1');
  }

  /** A port that nobody listens on. */
  public async free(): Promise<number> {
    const server = createServer();
    const port = await this.listen(server, '127.0.0.1');
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  public async close(): Promise<void> {
    for (const server of this.servers.splice(0)) {
      (server as http.Server).closeAllConnections?.();
      server.close();
    }
  }

  private async listen(server: Server, host: string, port = 0): Promise<number> {
    this.servers.push(server);
    // What a client does in the middle of a handshake is no matter of the test.
    server.on('tlsClientError', () => {}).on('connection', (socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return (server.address() as AddressInfo).port;
  }
}

const ok: http.RequestListener = (_, response) => void response.end('here');

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPair, type Pair } from '../../support/scripts';
import { run, runNow } from '../lab/command';
import { program } from '../lab/parts';
import type { Server } from '../lab/processes';
import { until } from '../lab/wait';
import type { Loopback } from './loopback';
import { freePorts } from './ports';

/** A real store, seen past the scripts. */
export interface Store {
  start(): Promise<void>;
  stop(): Promise<void>;
  wipe(): Promise<void>;
  set(key: string, value: string): Promise<void>;
  entries(): Promise<Record<string, string>>;
}

export const PASSWORD = 'pass"word\\ 1';
const b64 = (value: string) => Buffer.from(value).toString('base64');
const text = (value: string) => Buffer.from(value, 'base64').toString();

/** etcd over HTTP; if it is guarded, with authentication, and over HTTPS with a client's certificate as well. */
export class Etcd implements Store {
  private server: Server | undefined;
  private ports: number[] = [];

  public constructor(
    private readonly host: Loopback,
    private readonly name = 'etcd',
    private readonly guarded = true,
  ) {}

  public get endpoint(): string {
    return `127.0.0.1:${this.ports[0]}`;
  }

  public get http(): string {
    return `http://${this.endpoint}`;
  }

  public get https(): string {
    return `https://127.0.0.1:${this.ports[1]}`;
  }

  public async start(): Promise<void> {
    const isNew = this.ports.length === 0;
    if (isNew) this.ports = await freePorts(3);
    const { folder } = this.host.state;
    const urls = this.guarded ? `${this.http},${this.https}` : this.http;
    this.server = this.host.processes.start(this.name, [
      ...[program('etcd'), `--data-dir=${join(folder, this.name)}`, '--log-level=error', '--unsafe-no-fsync'],
      ...['--listen-client-urls', '--advertise-client-urls'].map((flag) => `${flag}=${urls}`),
      ...[`--listen-peer-urls=http://127.0.0.1:${this.ports[2]}`, ...(this.guarded ? this.guards() : [])],
    ]);
    await until(this.name, { seconds: 30 }, async () => (await fetch(`${this.http}/health`)).ok);
    if (!isNew || !this.guarded) return;
    await this.ask('auth/user/add', { name: 'root', password: PASSWORD });
    await this.ask('auth/user/grant', { user: 'root', role: 'root' });
    await this.ask('auth/enable', {});
  }

  private guards(): string[] {
    // Its gateway is a client of its own server.
    const serving = signedFor(this.host, 'etcd', this.host.state.folder);
    return [
      ...['--auth-token-ttl=2', '--client-cert-auth', `--trusted-ca-file=${this.host.authority.certificate}`],
      ...[`--cert-file=${serving.certificate}`, `--key-file=${serving.key}`],
    ];
  }

  public async stop(): Promise<void> {
    await this.server?.stop('SIGKILL');
  }

  public async wipe(): Promise<void> {
    await this.asRoot('kv/deleterange', { key: b64('\0'), range_end: b64('\0') });
  }

  public async set(key: string, value: string): Promise<void> {
    await this.asRoot('kv/put', { key: b64(key), value: b64(value) });
  }

  /** All of one moment. */
  public async entries(): Promise<Record<string, string>> {
    const found = await this.asRoot('kv/range', { key: b64('\0'), range_end: b64('\0') });
    const kvs = (found.kvs ?? []) as { key: string; value?: string }[];
    return Object.fromEntries(kvs.map(({ key, value = '' }) => [text(key), text(value)]));
  }

  private async asRoot(path: string, body: object): Promise<Record<string, unknown>> {
    if (!this.guarded) return this.ask(path, body);
    const { token } = await this.ask('auth/authenticate', { name: 'root', password: PASSWORD });
    return this.ask(path, body, token as string);
  }

  private async ask(path: string, body: object, token?: string): Promise<Record<string, unknown>> {
    const headers = token === undefined ? undefined : { authorization: token };
    const answer = await fetch(`${this.http}/v3/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
    if (!answer.ok) throw new Error(`etcd ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }
}

/** Redis with a password, over plain TCP and over TLS. */
export class Redis implements Store {
  private server: Server | undefined;
  private ports: number[] = [];

  public constructor(private readonly host: Loopback) {}

  public get plain(): string {
    return `redis://127.0.0.1:${this.ports[0]}`;
  }

  public get tls(): string {
    return `rediss://127.0.0.1:${this.ports[1]}`;
  }

  public async start(): Promise<void> {
    if (this.ports.length === 0) this.ports = await freePorts(2);
    const { authority, state, processes } = this.host;
    const serving = authority.issue('redis', ['IP:127.0.0.1', 'DNS:127.0.0.1']);
    const options = {
      ...{ port: this.ports[0], 'tls-port': this.ports[1], bind: '127.0.0.1', dir: state.folder },
      ...{ 'tls-cert-file': serving.certificate, 'tls-key-file': serving.key },
      ...{ 'tls-ca-cert-file': authority.certificate, save: '', appendonly: 'yes', requirepass: PASSWORD },
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.server = processes.start('redis', ['redis-server', ...flags]);
    await until('redis', { seconds: 30 }, async () => (await this.ask('PING')) === 'PONG');
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  public async wipe(): Promise<void> {
    await this.ask('FLUSHALL');
  }

  public async set(key: string, value: string): Promise<void> {
    await this.ask('-n', '3', 'SET', key, value);
  }

  public async entries(): Promise<Record<string, string>> {
    const keys = (await this.ask('-n', '3', 'KEYS', '*')).split('\n').filter(Boolean);
    const found: Record<string, string> = {};
    for (const key of keys) found[key] = await this.ask('-n', '3', 'GET', key);
    return found;
  }

  private async ask(...words: string[]): Promise<string> {
    const env = { REDISCLI_AUTH: PASSWORD };
    const { stdout } = await run(['redis-cli', '-p', String(this.ports[0]), ...words], { env });
    return stdout.replace(/\n$/, '');
  }
}

/** Files with a certificate for any use that the authority signed. etcd's gateway takes none with a common name. */
export function signedFor(host: Loopback, name: string, folder: string): Pair {
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(files.key, newPair().key);
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
  runNow(['openssl', 'req', '-new', '-key', files.key, '-subj', `/O=${name}`, '-out', request]);
  runNow([
    ...['openssl', 'x509', '-req', '-days', '1', '-in', request, '-out', files.certificate, '-extfile', extensions],
    ...['-CA', host.authority.certificate, '-CAkey', host.authority.certificate.replace(/crt$/, 'key')],
    '-CAcreateserial',
  ]);
  return files;
}

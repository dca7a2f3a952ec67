import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Environment, listOf, newPair, type Pair, TOOLS, Workshop } from '../support/scripts';
import { run, runNow } from './lab/command';
import { program } from './lab/parts';
import { Authority } from './lab/pki';
import { Processes, type Server } from './lab/processes';
import { claimState, type LabState, sweep } from './lab/state';
import { sleep, until } from './lab/wait';

/**
 * The scripts of containers, run by busybox against real servers on the loopback device: etcd, Redis, an ACME server,
 * lego, certbot and Traefik. They need no cluster.
 */
const SHELL = ['busybox', 'sh'];

let state: LabState;
let processes: Processes;
let authority: Authority;
let workshop: Workshop;
let etcd: Etcd;
let redis: Redis;
let acme: Acme;

beforeAll(async () => {
  state = claimState();
  processes = new Processes(state.folder);
  authority = new Authority(state.folder);
  [etcd, redis, acme] = [new Etcd(await ports(3)), new Redis(await ports(2)), new Acme(await ports(2))];
  await Promise.all([etcd.start(), redis.start(), acme.start()]);
});

afterAll(() => {
  processes?.forget();
  if (state !== undefined) sweep(state);
});

beforeEach(() => {
  workshop = new Workshop(SHELL, state.folder);
  workshop.file('state/.keep');
  workshop.file('shared/.keep');
});

afterEach(() => workshop.remove());

async function ports(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const free: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    free.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return free;
}

interface Store {
  start(): Promise<void>;
  stop(): Promise<void>;
  wipe(): Promise<void>;
  set(key: string, value: string): Promise<void>;
  entries(): Promise<Record<string, string>>;
}

/** etcd with authentication, over HTTP and, with a client's certificate, over HTTPS. */
class Etcd implements Store {
  private server: Server | undefined;

  public constructor(private readonly ports: readonly number[]) {}

  public get http(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  public get https(): string {
    return `https://127.0.0.1:${this.ports[1]}`;
  }

  public async start(): Promise<void> {
    const isNew = this.server === undefined;
    // Its gateway is a client of its own server.
    const serving = signedFor('etcd', newPair(), state.folder);
    this.server = processes.start('etcd', [
      ...[program('etcd'), `--data-dir=${join(state.folder, 'etcd')}`, '--log-level=error', '--unsafe-no-fsync'],
      ...['--listen-client-urls', '--advertise-client-urls'].map((flag) => `${flag}=${this.http},${this.https}`),
      ...[`--listen-peer-urls=http://127.0.0.1:${this.ports[2]}`, '--auth-token-ttl=2', '--client-cert-auth'],
      ...[`--cert-file=${serving.certificate}`, `--key-file=${serving.key}`],
      `--trusted-ca-file=${authority.certificate}`,
    ]);
    await until('etcd', { seconds: 20 }, async () => (await fetch(`${this.http}/health`)).ok);
    if (!isNew) return;
    await this.ask('auth/user/add', { name: 'root', password: PASSWORD });
    await this.ask('auth/user/grant', { user: 'root', role: 'root' });
    await this.ask('auth/enable', {});
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  public async wipe(): Promise<void> {
    await this.ask('kv/deleterange', { key: b64('\0'), range_end: b64('\0') }, await this.token());
  }

  public async set(key: string, value: string): Promise<void> {
    await this.ask('kv/put', { key: b64(key), value: b64(value) }, await this.token());
  }

  public async entries(): Promise<Record<string, string>> {
    const found = await this.ask('kv/range', { key: b64('\0'), range_end: b64('\0') }, await this.token());
    const kvs = (found.kvs ?? []) as { key: string; value?: string }[];
    return Object.fromEntries(kvs.map(({ key, value = '' }) => [text(key), text(value)]));
  }

  private async token(): Promise<string> {
    return (await this.ask('auth/authenticate', { name: 'root', password: PASSWORD })).token as string;
  }

  private async ask(path: string, body: object, token?: string): Promise<Record<string, unknown>> {
    const headers = token === undefined ? undefined : { authorization: token };
    const answer = await fetch(`${this.http}/v3/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
    if (!answer.ok) throw new Error(`etcd ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }
}

/** Redis with a password, over plain TCP and over TLS. */
class Redis implements Store {
  private server: Server | undefined;

  public constructor(private readonly ports: readonly number[]) {}

  public get plain(): string {
    return `redis://127.0.0.1:${this.ports[0]}`;
  }

  public get tls(): string {
    return `rediss://127.0.0.1:${this.ports[1]}`;
  }

  public async start(): Promise<void> {
    const serving = authority.issue('redis', ['IP:127.0.0.1', 'DNS:127.0.0.1']);
    const options = {
      ...{
        port: this.ports[0],
        'tls-port': this.ports[1],
        bind: '127.0.0.1',
        dir: state.folder,
        requirepass: PASSWORD,
      },
      ...{ 'tls-cert-file': serving.certificate, 'tls-key-file': serving.key },
      ...{ 'tls-ca-cert-file': authority.certificate, save: '', appendonly: 'yes' },
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.server = processes.start('redis', ['redis-server', ...flags]);
    await until('redis', { seconds: 20 }, async () => (await this.ask('PING')) === 'PONG');
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
    const found = await Promise.all(keys.map(async (key) => [key, await this.ask('-n', '3', 'GET', key)] as const));
    return Object.fromEntries(found);
  }

  private async ask(...words: string[]): Promise<string> {
    const env = { REDISCLI_AUTH: PASSWORD };
    const { stdout } = await run(['redis-cli', '-p', String(this.ports[0]), ...words], { env });
    return stdout.replace(/\n$/, '');
  }
}

/** Issues for every name that is asked for, with the real protocol. */
class Acme {
  private server: Server | undefined;

  public constructor(private readonly ports: readonly number[]) {}

  public get directory(): string {
    return `https://127.0.0.1:${this.ports[0]}/dir`;
  }

  public async start(): Promise<void> {
    const serving = authority.issue('acme', ['IP:127.0.0.1']);
    const file = join(state.folder, 'acme.json');
    const [listenAddress, managementListenAddress] = this.ports.map((port) => `127.0.0.1:${port}`);
    const profiles = { default: { description: '90 days', validityPeriod: 90 * DAY } };
    const pebble = {
      listenAddress,
      managementListenAddress,
      certificate: serving.certificate,
      privateKey: serving.key,
    };
    writeFileSync(file, JSON.stringify({ pebble: { ...pebble, httpPort: 80, tlsPort: 443, profiles } }));
    const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_VA_ALWAYS_VALID: '1', PEBBLE_WFE_NONCEREJECT: '0' };
    this.server = processes.start('acme', [program('pebble'), '-config', file], { env });
    const curl = ['curl', '--silent', '--fail', '--cacert', authority.certificate, this.directory];
    await until('the ACME server', { seconds: 20 }, async () => (await run(curl)).status === 0);
  }

  public async stop(): Promise<void> {
    await this.server?.stop('SIGKILL');
  }
}

const DAY = 86_400;
const PASSWORD = 'pass"word\\ 1';
const b64 = (value: string) => Buffer.from(value).toString('base64');
const text = (value: string) => Buffer.from(value, 'base64').toString();

/** A PATH without curl, as some images are. */
const withoutCurl = () => workshop.toolsOnly(['busybox', 'openssl', 'lego']);

const credentials = () => ({
  KV_PASSWORD_FILE: workshop.file('password', `${PASSWORD}\n`),
  KV_USERNAME_FILE: workshop.file('username', 'root'),
});

const STORES: readonly [name: string, store: () => Store, env: () => Environment][] = [
  ['etcd by curl', () => etcd, () => ({ KV_STORE: 'etcd', KV_ENDPOINT: etcd.http, ...credentials() })],
  [
    'etcd by curl over HTTPS with a certificate',
    () => etcd,
    () => ({
      ...{ KV_STORE: 'etcd', KV_ENDPOINT: etcd.https, ...credentials(), KV_CA_FILE: authority.certificate },
      ...certificateOfClient(),
    }),
  ],
  [
    'etcd by nc',
    () => etcd,
    () => ({ PATH: withoutCurl(), KV_STORE: 'etcd', KV_ENDPOINT: etcd.http, ...credentials() }),
  ],
  ['Redis by nc', () => redis, () => ({ PATH: withoutCurl(), ...onRedis(), KV_ENDPOINT: redis.plain })],
  ['Redis over TLS', () => redis, () => ({ ...onRedis(), KV_ENDPOINT: redis.tls, ...certificateOfClient() })],
];

function onRedis(): Environment {
  const KV_PASSWORD_FILE = credentials().KV_PASSWORD_FILE;
  return { KV_STORE: 'redis', KV_DATABASE: '3', KV_PASSWORD_FILE, KV_CA_FILE: authority.certificate };
}

function certificateOfClient(): Environment {
  const { certificate, key } = signedFor('client', newPair(), workshop.folder);
  return { KV_CERT_FILE: certificate, KV_KEY_FILE: key };
}

/** Files with a certificate for any use that the authority signed. etcd's gateway takes none with a common name. */
function signedFor(name: string, { key }: Pair, folder: string): Pair {
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(files.key, key);
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
  runNow(['openssl', 'req', '-new', '-key', files.key, '-subj', `/O=${name}`, '-out', request]);
  runNow([
    ...['openssl', 'x509', '-req', '-days', '1', '-in', request, '-out', files.certificate, '-extfile', extensions],
    ...['-CA', authority.certificate, '-CAkey', join(state.folder, 'authority.key'), '-CAcreateserial'],
  ]);
  return files;
}

describe('Scripts: the text', () => {
  test('shellcheck has nothing to say', async () => {
    const folder = join(__dirname, '../../lib/scripts');
    const { stdout } = await run(['shellcheck', '-x', '-s', 'sh', ...readdirSync(folder)], {
      cwd: folder,
      mayFail: true,
    });
    expect(stdout).toBe('');
  });
});

describe.each(STORES)('Scripts: %s', (_, storeOf, environment) => {
  let store: Store;
  let env: Environment;

  beforeEach(async () => {
    store = storeOf();
    await store.wipe();
    env = { ...environment(), SEED_NAME: 'edge', SEED_FILE: workshop.path('seed') };
  });

  const seed = (entries: Record<string, string>, more: Environment = {}) => {
    workshop.file('seed', listOf(entries));
    return workshop.run('seed.sh', { ...env, ...more });
  };

  test('seeded byte for byte, once, pruned, and what others wrote left alone', async () => {
    await store.set('traefik/foreign', 'x');
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`traefik/http/routers/r${at}/rule`, 'Host(`a`)']),
    );
    const pair = newPair('www.example.com', ['rsa:4096']);
    const entries = {
      ...{ 'traefik/tls/certificates/www/certFile': pair.certificate.repeat(3) },
      ...{ 'traefik/tls/certificates/www/keyFile': pair.key },
      ...{ 'traefik/"\\ü/': 'a\r\nb\tü"\\-ERR\n-ERR\n', 'traefik/empty': '', ...many },
    };
    const first = await seed(entries);
    expect(first.output).toMatch(/event=seeded seed=edge set=104 deleted=0\n$/);
    expect(await store.entries()).toEqual({
      ...entries,
      'traefik/foreign': 'x',
      'traefik-ha/seeds/edge': expect.anything(),
    });
    expect((await seed(entries)).output).toMatch(/set=0 deleted=0/);
    await store.wipe();
    expect((await seed(entries)).output).toMatch(/set=104 deleted=0/);
    await store.set('traefik/foreign', 'x');
    expect((await seed({})).output).toMatch(/set=0 deleted=104/);
    expect(await store.entries()).toEqual({ 'traefik/foreign': 'x' });
    expect(first.output).not.toContain(PASSWORD);
  });

  test('down, then up, and wiped: repaired without a restart', async () => {
    await store.stop();
    workshop.file('seed', listOf({ 'traefik/a': '1' }));
    const running = workshop.start('seed.sh', { ...env, SEED_INTERVAL_SECONDS: '3' });
    await running.until(/event=store-failed seed=edge retry=2 message="no answer from/);
    await store.start();
    await running.until(/event=seeded seed=edge set=1/);
    await store.wipe();
    // Meanwhile tokens of etcd run out.
    await running.until(/event=seeded[\s\S]+event=seeded seed=edge set=1/);
    expect(await store.entries()).toMatchObject({ 'traefik/a': '1' });
    expect(running.output).not.toMatch(/PERMISSION|token|WRONGPASS/);
    const began = Date.now();
    running.signal('SIGTERM');
    await running.ended;
    expect(Date.now() - began).toBeLessThan(1000);
  });

  test('a wrong password is told, without it', async () => {
    const wrong = workshop.file('wrong', 'not-the-password');
    const { status, output } = await seed({ a: 'b' }, { KV_PASSWORD_FILE: wrong, SEED_TIMEOUT_SECONDS: '1' });
    expect(status).toBe(1);
    expect(output).toMatch(/answered .*(authentication failed|WRONGPASS)/);
    expect(output).not.toContain('not-the-password');
  });
});

describe('Scripts: TLS', () => {
  test.each([
    ['etcd', () => etcd.https],
    ['redis', () => redis.tls],
  ])('%s whose certificate nobody vouches for gets nothing', async (store, endpoint) => {
    const env = { KV_STORE: store, KV_ENDPOINT: endpoint(), SEED_NAME: 'edge', SEED_FILE: workshop.file('seed', '') };
    const other = new Authority(workshop.folder).certificate;
    const { status, output } = await workshop.run('seed.sh', { ...env, KV_CA_FILE: other, SEED_TIMEOUT_SECONDS: '1' });
    expect([status, output]).toEqual([1, expect.stringMatching(/no answer from .*certificate/)]);
  });
});

/** What a renewer needs beside where it publishes. */
function renewing(): Environment {
  return {
    ...{ STATE_DIR: workshop.path('state'), CERTIFICATES_FILE: workshop.path('certificates') },
    ...{ ACME_SERVER: acme.directory, ACME_EMAIL: 'ops@example.com', ACME_CA_FILE: authority.certificate },
    ...{ ACME_CLIENT: 'lego', DNS_PROVIDER: 'exec', EXEC_PATH: '/bin/true', LEGO_DISABLE_CNAME_SUPPORT: 'true' },
    ...{ ACME_ARGUMENTS: '--dns.disable-cp', RECONCILE_INTERVAL_SECONDS: '0' },
  };
}

const toKv = (): Environment => ({
  ...{ PUBLISH_TO: 'kv', PUBLISHER_NAME: 'edge', KV_STORE: 'etcd', KV_ENDPOINT: etcd.http },
  ...credentials(),
});

const toFiles = (): Environment => ({ PUBLISH_TO: 'files', SHARED_DIR: workshop.path('shared') });

const isPair = ({ certificate, key }: Pair): boolean => {
  const { createPrivateKey } = require('node:crypto') as typeof import('node:crypto');
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
};

/** The pairs that Traefik would read from the store; a half of one throws. */
async function pairsInStore(): Promise<Record<string, Pair>> {
  const entries = await etcd.entries();
  const pairs: Record<string, Pair> = {};
  for (const key of Object.keys(entries)) {
    const [, name] = /^traefik\/tls\/certificates\/(.+)\/(?:certFile|keyFile)$/.exec(key) ?? [];
    if (name === undefined) continue;
    const [certificate = '', keyText = ''] = ['certFile', 'keyFile'].map(
      (entry) => entries[`traefik/tls/certificates/${name}/${entry}`],
    );
    pairs[name] = { certificate, key: keyText };
    if (!isPair(pairs[name])) throw new Error(`${name} is no pair`);
  }
  return pairs;
}

/** The pairs that Traefik would read from the folder, as it is seen below `root`; a half of one throws. */
function pairsInFiles(root = ''): Record<string, Pair> {
  const configuration = `${root}${workshop.path('shared/certificates.yml')}`;
  if (!existsSync(configuration)) return {};
  const named = readFileSync(configuration, 'utf8').matchAll(/certFile: "(.+\/(.+)\.crt)"\n\s+keyFile: "(.+)"/g);
  const pairs: Record<string, Pair> = {};
  for (const [, certificate, name = '', key] of named) {
    pairs[name] = { certificate: readFileSync(root + certificate, 'utf8'), key: readFileSync(root + key, 'utf8') };
    if (!isPair(pairs[name])) throw new Error(`${name} is no pair`);
  }
  return pairs;
}

const namesOf = ({ certificate }: Pair) => new X509Certificate(certificate).subjectAltName;

describe('Scripts: renewer', () => {
  beforeEach(async () => {
    await etcd.wipe();
    workshop.file('certificates', 'www www.example.com example.com\nall *.shop.example.com\n');
  });

  test.each([
    ['lego', {}],
    [
      'certbot',
      { DNS_PROVIDER: '', ACME_ARGUMENTS: '--manual --preferred-challenges dns --manual-auth-hook /bin/true' },
    ],
    [
      'certbot',
      {
        DNS_PROVIDER: '',
        ACME_EMAIL: '',
        ACME_ARGUMENTS: '--manual --preferred-challenges dns --manual-auth-hook /bin/true',
      },
    ],
  ])(
    '%s %j: ordered, published, kept while the server is down, ordered from one that forgot all',
    async (client, more) => {
      const env = { ...renewing(), ...toKv(), ...more, ACME_CLIENT: client };
      const first = await workshop.run('renew.sh', env);
      expect(first).toMatchObject({ status: 0 });
      const pairs = await pairsInStore();
      expect(Object.keys(pairs).sort()).toEqual(['all', 'www']);
      expect((namesOf(pairs.www as Pair) ?? '').split(', ').sort()).toEqual(['DNS:example.com', 'DNS:www.example.com']);
      expect((await workshop.run('renew.sh', env)).output).not.toContain('ordering');

      await acme.stop();
      workshop.file('certificates', 'www www.example.com\nall *.shop.example.com\n');
      await etcd.wipe();
      const down = await workshop.run('renew.sh', env);
      expect(down).toMatchObject({
        status: 1,
        output: expect.stringMatching(/order-failed certificate=www status=\d+ message=/),
      });
      expect(await pairsInStore()).toEqual(pairs);

      await acme.start();
      workshop.forget('state/retries');
      await workshop.run('renew.sh', env);
      workshop.forget('state/retries');
      expect(await workshop.run('renew.sh', env)).toMatchObject({ status: 0 });
      expect(namesOf((await pairsInStore()).www as Pair)).toBe('DNS:www.example.com');
    },
  );

  test('without curl: an image that has lego and busybox only', async () => {
    const ran = await workshop.run('renew.sh', { ...renewing(), ...toKv(), PATH: withoutCurl() });
    expect(ran).toMatchObject({ status: 0 });
    expect(Object.keys(await pairsInStore())).toHaveLength(2);
  });

  test('published while it runs: the store down and up, wiped, a change, and TERM', async () => {
    const running = workshop.start('renew.sh', { ...renewing(), ...toKv(), RECONCILE_INTERVAL_SECONDS: '1' });
    await running.until(/certificate=all[\s\S]+event=published/, 60);
    const pairs = await pairsInStore();
    await etcd.stop();
    await running.until(/event=store-failed/);
    await etcd.start();
    await etcd.wipe();
    await until('the pairs', { seconds: 20 }, async () => Object.keys(await pairsInStore()).length === 2);
    expect(await pairsInStore()).toEqual(pairs);
    workshop.file('certificates', 'www www.example.com example.com\n');
    await until('all withdrawn', { seconds: 20 }, async () => Object.keys(await pairsInStore()).length === 1);
    const began = Date.now();
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(143);
    expect(Date.now() - began).toBeLessThan(1000);
  });

  test('two at once: one orders, the other waits, and goes on when the first was killed', async () => {
    const env = { ...renewing(), ...toKv(), RECONCILE_INTERVAL_SECONDS: '60' };
    const both = [workshop.start('renew.sh', env), workshop.start('renew.sh', env)];
    await until('both at work', { seconds: 30 }, () => both.some(({ output }) => /event=waiting/.test(output)));
    await until('published', { seconds: 30 }, async () => Object.keys(await pairsInStore()).length === 2);
    const [first, second] = both[0]?.output.includes('waiting') ? [both[1], both[0]] : [both[0], both[1]];
    expect(second?.output).not.toContain('ordering');
    first?.kill();
    await second?.until(/event=started/);
    await sleep(500);
    expect(second?.output).not.toContain('ordering');
  });
});

describe('Scripts: killed', () => {
  /** What changes something outside of the shell. */
  const STEPS = ['cat', 'cp', 'curl', 'head', 'lego', 'mkdir', 'mkfifo', 'mv', 'rm', 'sync'];

  /** A PATH whose programs count themselves, and kill all that runs before the one with the number that is given. */
  function counting(): { PATH: string; count: () => number; at: (step: number) => Environment } {
    const counter = workshop.file('counter', '0');
    for (const tool of [...TOOLS, 'curl', 'lego']) {
      const real = runNow(['which', tool]).stdout.trim();
      const count = `read n <'${counter}'; n=$((n + 1)); echo $n >'${counter}'; [ $n != "\${KILL_AT:-0}" ] || kill -9 0\n`;
      workshop.program(`counting/${tool}`, `#!/bin/sh\n${STEPS.includes(tool) ? count : ''}exec ${real} "$@"\n`);
    }
    const PATH = workshop.path('counting');
    return {
      PATH,
      count: () => Number(readFileSync(counter, 'utf8')),
      at: (step) => {
        writeFileSync(counter, '0');
        return { PATH, KILL_AT: String(step) };
      },
    };
  }

  test.each([
    ['the store', toKv, async () => await pairsInStore()],
    ['files', toFiles, async () => pairsInFiles()],
  ])(
    'before each of its steps, a renewer that publishes to %s: the old or the new pair is served',
    async (_, where, served) => {
      const env = { ...renewing(), ...where() };
      const sh = (more: Environment) =>
        workshop.startCommand(['sh', workshop.path('scripts/renew.sh')], { ...env, ...more });
      await etcd.wipe();
      workshop.file('certificates', 'www www.example.com\n');
      expect((await sh({}).ended).status).toBe(0);
      const { www: old } = await served();
      for (const name of ['state', 'shared'])
        cpSync(workshop.path(name), workshop.path(`kept/${name}`), { recursive: true });
      const entries = await etcd.entries();
      // Another domain is an order, as a renewal is.
      workshop.file('certificates', 'www www.example.com example.com\n');
      const steps = counting();
      let step = 1;
      let [before, after] = [0, 0];
      for (; ; step++) {
        for (const name of ['state', 'shared']) {
          workshop.forget(name);
          cpSync(workshop.path(`kept/${name}`), workshop.path(name), { recursive: true });
        }
        await etcd.wipe();
        for (const [key, value] of Object.entries(entries)) await etcd.set(key, value);
        const killed = await sh(steps.at(step)).ended;
        const { www } = await served();
        if (killed.status === 0) break;
        const isOld = JSON.stringify(www) === JSON.stringify(old);
        if (!isOld) expect(namesOf(www as Pair)).toContain('DNS:example.com');
        if (isOld) before++;
        else after++;
        const next = await sh({}).ended;
        expect({ step, ...next }).toMatchObject({ step, status: 0 });
        expect(namesOf((await served()).www as Pair)).toContain('DNS:example.com');
        const left = ['state', 'shared', 'state/certificates'].flatMap((name) => readdirSync(workshop.path(name)));
        expect({ step, left: left.filter((name) => name.startsWith('.tmp')) }).toEqual({ step, left: [] });
      }
      process.stderr.write(`proof: killed at ${step - 1} steps: ${before} before the new pair came, ${after} after\n`);
      expect(before).toBeGreaterThan(20);
      expect(after).toBeGreaterThan(0);
    },
  );
});

describe('Scripts: a full disk', () => {
  test('keeps the old pair in service, blocks nothing later, and orders nothing that it could not keep', async () => {
    // A small file system that only the script sees, and that ends with who holds it.
    const [stateDir, sharedDir] = [workshop.path('state'), workshop.path('shared')];
    const mounts = [stateDir, sharedDir].map((folder) => `mount -t tmpfs -o size=1m tmpfs ${folder}`).join(' && ');
    const holder = workshop.startCommand(
      ['unshare', '-m', 'sh', '-c', `${mounts} && echo ready && exec sleep 600`],
      {},
    );
    await holder.until(/ready/);
    const root = `/proc/${holder.pid}/root`;
    const env = { ...renewing(), ...toFiles() };
    const inside = (...command: string[]) =>
      workshop.startCommand(['nsenter', '-m', '-t', String(holder.pid), ...command], env).ended;
    const renew = () => inside(...SHELL, workshop.path('scripts/renew.sh'));
    const fill = (folder: string) => inside('sh', '-c', `cat /dev/zero >${folder}/fill; true`);
    const empty = (folder: string) => inside('rm', '-f', `${folder}/fill`);
    const certificates = (more: string) => workshop.file('certificates', `www www.example.com${more}\n`);

    certificates('');
    // From the start: no account, no pair, no configuration.
    await fill(stateDir);
    expect(await renew()).toMatchObject({ status: 1, output: expect.stringContaining('event=disk') });
    await empty(stateDir);
    await inside('rm', '-rf', `${stateDir}/retries`);
    expect(await renew()).toMatchObject({ status: 0 });
    const old = pairsInFiles(root);
    expect(Object.keys(old)).toEqual(['www']);

    certificates(' a.example.com');
    await fill(stateDir);
    const full = await renew();
    expect(full).toMatchObject({
      status: 1,
      output: expect.stringMatching(/event=disk certificate=www message=".*space/),
    });
    expect(full.output).not.toMatch(/event=order/);
    expect(pairsInFiles(root)).toEqual(old);
    await empty(stateDir);

    await fill(sharedDir);
    await inside('rm', '-rf', `${stateDir}/retries`);
    const notPublished = await renew();
    expect(notPublished).toMatchObject({
      status: 1,
      output: expect.stringMatching(/event=ordered[\s\S]+event=disk message=/),
    });
    expect(pairsInFiles(root)).toEqual(old);
    const left = readdirSync(root + sharedDir).filter((name) => name !== 'fill' && name !== '.keep');
    expect(left.sort()).toEqual([expect.stringMatching(/^\d+-/), 'certificates.yml']);
    await empty(sharedDir);

    expect(await renew()).toMatchObject({ status: 0 });
    expect(namesOf(pairsInFiles(root).www as Pair)).toContain('DNS:a.example.com');
    holder.kill();
  });
});

describe('Scripts: Traefik', () => {
  test('serves a certificate of the shared folder, and its renewal, without a restart or a lost request', async () => {
    const [port = 0] = await ports(1);
    workshop.file('certificates', 'www www.example.com\n');
    const env = { ...renewing(), ...toFiles() };
    workshop.program('bin/traefik', `#!/bin/sh\nexec ${program('traefik')} "$@"\n`);
    const traefik = workshop.start(
      'traefik.sh',
      {
        PATH: `${workshop.path('bin')}:${process.env.PATH}`,
        RELOAD_DIR: workshop.path('shared'),
        RELOAD_INTERVAL_SECONDS: '0.05',
      },
      [
        ...[`--entryPoints.websecure.address=127.0.0.1:${port}`, '--entryPoints.websecure.http.tls=true'],
        ...[`--providers.file.directory=${workshop.path('shared')}`, '--providers.file.watch=false'],
        ...['--log.level=INFO', '--global.checkNewVersion=false', '--global.sendAnonymousUsage=false'],
      ],
    );
    // Changes from its first moment on, when it does not listen to signals yet, do not end it.
    for (let at = 0; at < 20; at++) {
      workshop.file('shared/other.yml', `# ${at}\n`);
      await sleep(50);
    }
    const served = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(
          { port, host: '127.0.0.1', servername: 'www.example.com', rejectUnauthorized: false },
          () => {
            resolve(socket.getPeerX509Certificate()?.subjectAltName ?? '');
            socket.destroy();
          },
        );
        socket.once('error', reject);
      });
    await until('Traefik', { seconds: 30 }, async () => (await served()) !== undefined);
    expect(await workshop.run('renew.sh', env)).toMatchObject({ status: 0 });
    await until('the certificate', { seconds: 10 }, async () => (await served()) === 'DNS:www.example.com');
    workshop.file('certificates', 'www www.example.com example.com\n');
    const seen = new Set<string>();
    const renewal = workshop.run('renew.sh', env);
    await until('the renewal', { seconds: 20, everyMs: 10 }, async () => {
      const names = await served();
      seen.add(names);
      return names.includes('DNS:example.com');
    });
    expect(await renewal).toMatchObject({ status: 0 });
    expect(seen.size).toBe(2);
    traefik.signal('SIGTERM');
    expect((await traefik.ended).status).toBe(0);
  });
});

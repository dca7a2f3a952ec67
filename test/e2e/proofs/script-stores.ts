import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodePlan } from '../../../lib';
import { scriptOf } from '../../../lib/cli/plan';
import { type Environment, listOf, newPair, type Workshop } from '../../support/scripts';
import { run } from '../lab/command';
import { Authority } from '../lab/pki';
import type { Loopback } from '../support/loopback';
import { type Etcd, PASSWORD, type Redis, type Store, signedFor } from '../support/stores';

/** What the proofs of scripts play on. */
export interface ScriptStage {
  readonly host: Loopback;
  readonly workshop: Workshop;
  readonly etcd: Etcd;
  readonly redis: Redis;
}

/** Their text. */
export function scriptText(): void {
  test('shellcheck has nothing to say', async () => {
    const folder = join(__dirname, '../../../lib/scripts');
    const command = ['shellcheck', '-x', '-s', 'sh', ...readdirSync(folder)];
    const { stdout } = await run(command, { cwd: folder, mayFail: true });
    expect(stdout).toBe('');
  });

  test('nor of the one that plan writes', async () => {
    const nodes = [{ name: 'node1' }, { name: 'node2', address: '2001:db8::2', port: 8443 }];
    for (const isWatched of [true, false]) {
      for (const some of [nodes, nodes.slice(1)]) {
        const steps = nodePlan({ nodes: some, hosts: ['*.example.com'], ttlSeconds: 60, isWatched });
        const { stdout } = await run(['shellcheck', '-'], { input: scriptOf(steps), mayFail: true });
        expect(stdout).toBe('');
      }
    }
  });
}

/** A PATH without curl, as some images are. */
export const withoutCurl = (workshop: Workshop) => workshop.toolsOnly(['busybox', 'openssl', 'lego']);

/** The user of a guarded etcd. */
export function credentials(workshop: Workshop) {
  return {
    KV_PASSWORD_FILE: workshop.file('password', `${PASSWORD}\n`),
    KV_USERNAME_FILE: workshop.file('username', 'root'),
  };
}

type Row = [name: string, store: (stage: ScriptStage) => Store, environment: (stage: ScriptStage) => Environment];

/** Each store, by each way to it. */
export const WAYS: readonly Row[] = [
  ['etcd by curl', ({ etcd }) => etcd, (stage) => onEtcd(stage)],
  [
    'etcd by curl over HTTPS with a certificate',
    ({ etcd }) => etcd,
    (stage) => ({ ...onEtcd(stage), KV_ENDPOINT: stage.etcd.https, ...verified(stage) }),
  ],
  ['etcd by nc', ({ etcd }) => etcd, (stage) => ({ ...onEtcd(stage), PATH: withoutCurl(stage.workshop) })],
  ['Redis by nc', ({ redis }) => redis, (stage) => ({ ...onRedis(stage), PATH: withoutCurl(stage.workshop) })],
  [
    'Redis over TLS',
    ({ redis }) => redis,
    (stage) => ({ ...onRedis(stage), KV_ENDPOINT: stage.redis.tls, ...verified(stage) }),
  ],
];

function onEtcd({ etcd, workshop }: ScriptStage): Environment {
  return { KV_STORE: 'etcd', KV_ENDPOINT: etcd.http, ...credentials(workshop) };
}

function onRedis({ redis, workshop }: ScriptStage): Environment {
  const { KV_PASSWORD_FILE } = credentials(workshop);
  return { KV_STORE: 'redis', KV_ENDPOINT: redis.plain, KV_DATABASE: '3', KV_PASSWORD_FILE };
}

function verified({ host, workshop }: ScriptStage): Environment {
  const { certificate, key } = signedFor(host, 'client', workshop.folder);
  return { KV_CA_FILE: host.authority.certificate, KV_CERT_FILE: certificate, KV_KEY_FILE: key };
}

/** The seed on one store, by one way. */
export function scriptStore(stage: () => ScriptStage, [, storeOf, environment]: Row): void {
  let store: Store;
  let env: Environment;

  beforeEach(async () => {
    store = storeOf(stage());
    await store.wipe();
    env = { ...environment(stage()), SEED_NAME: 'edge', SEED_FILE: stage().workshop.path('seed') };
  });

  const seed = (entries: Record<string, string>, more: Environment = {}) => {
    stage().workshop.file('seed', listOf(entries));
    return stage().workshop.run('seed.sh', { ...env, ...more });
  };

  test('seeded byte for byte, once, pruned, and what others wrote left alone', async () => {
    await store.set('traefik/foreign', 'x');
    const rules = Array.from({ length: 70 }, (_, at) => [`traefik/http/routers/r${at}/rule`, 'Host(`a`)']);
    const pair = newPair('www.example.com', ['rsa:4096']);
    const entries = {
      ...{ 'traefik/tls/certificates/www/certFile': pair.certificate.repeat(3) },
      ...{ 'traefik/tls/certificates/www/keyFile': pair.key },
      ...{ 'traefik/"\\ü/': 'a\r\nb\tü"\\-ERR\n-ERR\n', 'traefik/empty': '', ...Object.fromEntries(rules) },
    };
    const first = await seed(entries);
    expect(first.output).toMatch(/event=seeded seed=edge set=74 deleted=0\n$/);
    const record = { 'traefik/foreign': 'x', 'traefik-ha/seeds/edge': expect.anything() };
    expect(await store.entries()).toEqual({ ...entries, ...record });
    expect((await seed(entries)).output).toMatch(/set=0 deleted=0/);
    const { 'traefik/empty': _, ...others } = entries;
    expect((await seed({ ...others, 'traefik/"\\ü/': '' })).output).toMatch(/set=1 deleted=1/);
    expect(await store.entries()).toEqual({ ...others, 'traefik/"\\ü/': '', ...record });
    await store.wipe();
    expect((await seed(entries)).output).toMatch(/set=74 deleted=0/);
    await store.set('traefik/foreign', 'x');
    expect((await seed({})).output).toMatch(/set=0 deleted=74/);
    expect(await store.entries()).toEqual({ 'traefik/foreign': 'x' });
    expect(first.output).not.toContain(PASSWORD);
  });

  test('down, then up, and wiped: repaired without a restart', async () => {
    await store.stop();
    const { workshop } = stage();
    workshop.file('seed', listOf({ 'traefik/a': '1' }));
    const running = workshop.start('seed.sh', { ...env, SEED_INTERVAL_SECONDS: '3' });
    await running.until(/event=store-failed seed=edge retry=2 message="no answer from/);
    await store.start();
    await running.until(/event=seeded seed=edge set=1/, 60);
    await store.wipe();
    // Meanwhile tokens of etcd run out.
    await running.until(/event=seeded[\s\S]+event=seeded seed=edge set=1/, 60);
    expect(await store.entries()).toMatchObject({ 'traefik/a': '1' });
    expect(running.output).not.toMatch(/PERMISSION|token|WRONGPASS/);
    const began = Date.now();
    running.signal('SIGTERM');
    await running.ended;
    expect(Date.now() - began).toBeLessThan(2000);
  });

  test('a wrong password is told, without it', async () => {
    const wrong = stage().workshop.file('wrong', 'not-the-password');
    const { status, output } = await seed({ a: 'b' }, { KV_PASSWORD_FILE: wrong, SEED_TIMEOUT_SECONDS: '1' });
    expect(status).toBe(1);
    expect(output).toMatch(/answered .*(authentication failed|WRONGPASS)/);
    expect(output).not.toContain('not-the-password');
  });
}

/** Whom a script believes to be its store. */
export function scriptTls(stage: () => ScriptStage): void {
  test.each([
    ['etcd', ({ etcd }: ScriptStage) => etcd.https],
    ['redis', ({ redis }: ScriptStage) => redis.tls],
  ])('%s whose certificate nobody vouches for gets nothing', async (kind, endpointOf) => {
    const { workshop } = stage();
    const store = {
      KV_STORE: kind,
      KV_ENDPOINT: endpointOf(stage()),
      KV_CA_FILE: new Authority(workshop.folder).certificate,
    };
    const env = { ...store, SEED_NAME: 'edge', SEED_FILE: workshop.file('seed', ''), SEED_TIMEOUT_SECONDS: '1' };
    const { status, output } = await workshop.run('seed.sh', env);
    expect([status, output]).toEqual([1, expect.stringMatching(/no answer from .*certificate/)]);
  });
}

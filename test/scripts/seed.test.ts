import { type ConsulServer as Consul, ConsulServer } from '../support/consul-server';
import { type Environment, listOf, newPair, Workshop } from '../support/scripts';

let workshop: Workshop;
let consul: Consul;
let env: Environment;

beforeEach(async () => {
  workshop = new Workshop();
  consul = await new ConsulServer().listen();
  env = { KV_STORE: 'consul', KV_ENDPOINT: consul.address, SEED_NAME: 'edge', SEED_FILE: workshop.path('seed') };
});

afterEach(() => {
  consul.close();
  workshop.remove();
});

const RECORD = 'traefik-ha/seeds/edge';
const b64 = (text: string) => Buffer.from(text).toString('base64');

function seed(entries: Record<string, string>, more: Environment = {}) {
  workshop.file('seed', listOf(entries));
  return workshop.run('seed.sh', { ...env, ...more });
}

/** A program that speaks plain TCP as nc does, for machines that have none. */
const NC = `#!${process.execPath}
const socket = require('node:net').connect(Number(process.argv[3]), process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(1));
`;

test.each(['curl', 'nc'])('the transaction that Consul gets by %s', async (client) => {
  const path = client === 'curl' ? workshop.toolsOnly(['curl']) : workshop.toolsOnly();
  if (client === 'nc') workshop.program(`${path.slice(workshop.folder.length + 1)}/nc`, NC);
  const token = workshop.file('token', 's3cr"t\\\n');
  const rule = 'Host(`www.example.com`)\n';
  const result = await seed({ 'traefik/http/routers/a"b/rule': rule }, { PATH: path, KV_TOKEN_FILE: token });
  expect(result).toMatchObject({
    status: 0,
    output: expect.stringMatching(/event=seeded seed=edge set=1 deleted=0\n$/),
  });
  expect(consul.exchanges.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/kv/traefik-ha/seeds/edge?raw',
    'PUT /v1/txn',
  ]);
  expect(consul.exchanges.map(({ headers }) => headers['x-consul-token'])).toEqual(['s3cr"t\\', 's3cr"t\\']);
  expect(consul.transactions[0]?.body).toBe(
    `[{"KV":{"Verb":"set","Key":"traefik/http/routers/a\\"b/rule","Value":"${b64(rule)}"}},` +
      `{"KV":{"Verb":"set","Key":"${RECORD}","Value":"${b64('traefik/http/routers/a"b/rule\n')}"}}]`,
  );
  expect(result.output).not.toContain('s3cr');
});

test('a second run writes nothing, a lost entry is written again, and what is no longer listed is deleted', async () => {
  consul.entries.set('traefik/http/routers/foreign/rule', 'not ours');
  const entries = { 'traefik/a': '1', 'traefik/b': '2', 'traefik/c': '' };
  await seed(entries);
  expect(Object.fromEntries(consul.entries)).toMatchObject(entries);
  expect(consul.transactions).toHaveLength(1);
  expect((await seed(entries)).output).toContain('set=0 deleted=0');
  expect(consul.transactions).toHaveLength(1);
  consul.entries.delete('traefik/b');
  await seed(entries);
  expect(consul.entries.get('traefik/b')).toBe('2');
  expect((await seed({ 'traefik/c': '' })).output).toContain('set=0 deleted=2');
  expect([...consul.entries.keys()].sort()).toEqual([RECORD, 'traefik/c', 'traefik/http/routers/foreign/rule']);
  consul.entries.clear();
  await seed({ 'traefik/c': '3' });
  expect(consul.entries.get('traefik/c')).toBe('3');
  await seed({});
  expect(consul.entries.size).toBe(0);
});

test('a long list comes in its order, at most 64 operations at once, and never half of a certificate', async () => {
  const entries: Record<string, string> = {};
  for (let each = 0; each < 62; each++)
    entries[`traefik/http/services/s${each}/loadBalancer/servers/00/url`] = 'http://a';
  entries['traefik/tls/certificates/www/certFile'] = 'certificate';
  entries['traefik/http/routers/between/rule'] = 'rule';
  entries['traefik/tls/certificates/www/keyFile'] = 'key';
  entries['traefik/tls/certificates/www/stores/00'] = 'default';
  for (let each = 0; each < 70; each++) entries[`traefik/http/routers/r${each}/rule`] = 'Host(`a`)';
  await seed(entries);
  const chunks = consul.transactions.map(({ body }) =>
    (JSON.parse(body) as { KV: { Key: string } }[]).map(({ KV }) => KV.Key),
  );
  expect(chunks.map((chunk) => chunk.length)).toEqual([63, 64, 12]);
  const written = chunks.flat().filter((key) => key !== RECORD);
  const isPair = (key: string) => key.startsWith('traefik/tls/');
  expect(written.filter((key) => !isPair(key))).toEqual(Object.keys(entries).filter((key) => !isPair(key)));
  expect(chunks.map((chunk) => chunk.filter(isPair).length)).toEqual([0, 3, 0]);
  // The same holds for what is deleted.
  consul.exchanges.length = 0;
  await seed({});
  const deleted = consul.transactions.map(({ body }) => (body.match(/"traefik\/tls\/[^"]+"/g) ?? []).length);
  expect(deleted.filter((count) => count > 0)).toEqual([3]);
  expect(consul.entries.size).toBe(0);
});

test('values are kept byte for byte', async () => {
  const { certificate } = newPair();
  const entries = { 'traefik/pem': certificate, 'traefik/text': 'a\r\n\tü "\\\n\n', 'traefik/ü %3f': 'x' };
  await seed(entries);
  expect(Object.fromEntries(consul.entries)).toMatchObject(entries);
  expect((await seed(entries)).output).toContain('set=0');
});

test('a store that does not answer is asked again, until the time is over', async () => {
  const gone = { KV_ENDPOINT: 'http://127.0.0.1:1', SEED_TIMEOUT_SECONDS: '3' };
  const gaveUp = await seed({ 'traefik/a': '1' }, gone);
  expect(gaveUp.status).toBe(1);
  expect(gaveUp.output).toMatch(/level=warn event=store-failed seed=edge retry=1 message="no answer from http:/);
  expect(gaveUp.output).toMatch(/level=error event=gave-up seed=edge/);
  consul.refusals = 2;
  const { status, output } = await seed({ 'traefik/a': '1' });
  expect(output).toMatch(
    /retry=1 message="http:\S+ answered 500: No cluster leader"\n[^\n]+retry=2[^\n]+\n[^\n]+seeded/,
  );
  expect([status, consul.entries.get('traefik/a')]).toEqual([0, '1']);
}, 30_000);

test('with an interval it repairs a store that was wiped, and ends within a second of a TERM', async () => {
  workshop.file('seed', listOf({ 'traefik/a': '1' }));
  const running = workshop.start('seed.sh', { ...env, SEED_INTERVAL_SECONDS: '1' });
  await running.until(/event=seeded/);
  consul.entries.clear();
  await running.until(/event=seeded[\s\S]+event=seeded seed=edge set=1/);
  expect(consul.entries.get('traefik/a')).toBe('1');
  const began = Date.now();
  running.signal('SIGTERM');
  expect((await running.ended).status).toBe(143);
  expect(Date.now() - began).toBeLessThan(1000);
});

test.each([
  [{ KV_STORE: 'zookeeper' }, 'KV_STORE is etcd, consul or redis, not zookeeper'],
  [{ KV_ENDPOINT: 'redis://a:1' }, 'KV_ENDPOINT redis://a:1 is no address of consul'],
  [{ SEED_NAME: '' }, 'SEED_NAME is empty'],
  [{ SEED_FILE: '/nowhere' }, 'SEED_FILE /nowhere cannot be read'],
])('%j is refused', async (more, message) => {
  const { status, output } = await seed({}, more);
  expect([status, output]).toEqual([2, expect.stringContaining(`level=error event=settings message="${message}"`)]);
});

test('https without curl is refused', async () => {
  const path = workshop.toolsOnly();
  const { status, output } = await seed({}, { PATH: path, KV_ENDPOINT: 'https://127.0.0.1:1' });
  expect([status, output]).toEqual([2, expect.stringContaining('https needs curl in this image')]);
});

test('killed after any transaction, the next run ends right', async () => {
  const before = Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`traefik/old/${at}`, 'x']));
  const after = Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`traefik/new/${at}`, 'y']));
  for (const stopAfter of [1, 2, 3, 4, 5]) {
    consul.entries.clear();
    await seed(before);
    consul.exchanges.length = 0;
    workshop.file('seed', listOf(after));
    const running = workshop.start('seed.sh', env);
    while (consul.transactions.length < stopAfter) await new Promise((resolve) => setTimeout(resolve, 2));
    running.kill();
    await running.ended;
    // The record tells exactly what of ours is there.
    const ours = [...consul.entries.keys()].filter((key) => key !== RECORD).sort();
    expect((consul.entries.get(RECORD) ?? '').trimEnd().split('\n').sort()).toEqual(ours);
    await seed(after);
    expect([...consul.entries.keys()].sort()).toEqual([RECORD, ...Object.keys(after)].sort());
  }
}, 120_000);

import fc from 'fast-check';
import { inOrder } from '../../lib/kv/order';
import { type KvOperation, kvTransactions } from '../../lib/kv/transactions';
import { unitOf } from '../../lib/kv/unit';
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
/** The keys that the record in the store tells, in its order. */
const recorded = () => (consul.entries.get(RECORD) ?? '').trimEnd().replaceAll('\t', '').split('\n');
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
      `{"KV":{"Verb":"set","Key":"${RECORD}","Value":"${b64('traefik/http/routers/a"b\t/rule\n')}"}}]`,
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

test('a list of nothing, as a config that is never empty holds it, takes away what was there', async () => {
  await seed({ 'traefik/a': '1' });
  workshop.file('seed', '\n');
  expect((await workshop.run('seed.sh', env)).output).toContain('set=0 deleted=1');
  expect(consul.entries.size).toBe(0);
  expect((await workshop.run('seed.sh', env)).output).toContain('set=0 deleted=0');
});

/** The operations of each transaction, but for those on the record. */
function operations(): KvOperation[][] {
  return consul.transactions.map(({ body }) =>
    (JSON.parse(body) as { KV: { Verb: 'set' | 'delete'; Key: string; Value?: string } }[])
      .filter(({ KV }) => KV.Key !== RECORD)
      .map(({ KV: { Verb, Key, Value = '' } }) =>
        Verb === 'set'
          ? { verb: Verb, key: Key, value: Buffer.from(Value, 'base64').toString() }
          : { verb: Verb, key: Key },
      ),
  );
}

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
  const chunks = operations().map((all) => all.map(({ key }) => key));
  expect(chunks.map((chunk) => chunk.length)).toEqual([62, 63, 11]);
  const isPair = (key: string) => key.startsWith('traefik/tls/');
  expect(chunks.flat().filter((key) => !isPair(key))).toEqual(Object.keys(entries).filter((key) => !isPair(key)));
  expect(chunks.map((chunk) => chunk.filter(isPair).length)).toEqual([0, 3, 0]);
  expect(recorded()).toEqual(Object.keys(entries));
  // The same holds for what is deleted, in the opposite order.
  consul.exchanges.length = 0;
  await seed({});
  const deleted = operations().map((all) => all.map(({ key }) => key));
  expect(deleted.flat().filter((key) => !isPair(key))).toEqual(
    Object.keys(entries)
      .filter((key) => !isPair(key))
      .reverse(),
  );
  expect(deleted.map((keys) => keys.filter(isPair).length)).toEqual([0, 3, 0]);
  expect(consul.entries.size).toBe(0);
});

test('more than a store takes at once is parted within a unit, and nowhere else', async () => {
  const servers = (count: number, at: string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, each) => [
        `traefik/http/services/large/loadBalancer/servers/${each}/${at}`,
        'http://a',
      ]),
    );
  await seed({ 'traefik/http/middlewares/a/compress': 'true', ...servers(100, 'url') });
  expect(operations().map(({ length }) => length)).toEqual([1, 63, 37]);
  consul.exchanges.length = 0;
  await seed({ 'traefik/http/middlewares/a/compress': 'true', ...servers(20, 'url') });
  expect(operations().map((all) => all.filter(({ verb }) => verb === 'set').length)).toEqual([20, 0]);
  expect(operations().map(({ length }) => length)).toEqual([63, 37]);
});

test('a unit of which anything differs is written whole, and others are not', async () => {
  const pair = (name: string) => ({
    [`traefik/tls/certificates/${name}/certFile`]: 'c',
    [`traefik/tls/certificates/${name}/keyFile`]: 'k',
  });
  const entries = { ...pair('a'), ...pair('b'), ...pair('c') };
  await seed(entries);
  consul.entries.set('traefik/tls/certificates/b/keyFile', 'of another');
  consul.exchanges.length = 0;
  expect((await seed(entries)).output).toContain('set=2 deleted=0');
  expect(operations()).toEqual([
    ['certFile', 'keyFile'].map((entry) => ({
      verb: 'set',
      key: `traefik/tls/certificates/b/${entry}`,
      value: entry === 'certFile' ? 'c' : 'k',
    })),
  ]);
  // Nor is one known for its own by what the store says alone.
  consul.entries.delete(RECORD);
  expect((await seed(entries)).output).toContain('set=6 deleted=0');
});

test('no unit is ever there by half: what the program would send is what the script sends', async () => {
  const unit = (key: string) => unitOf(key, 'traefik');
  const byUnit = (all: readonly KvOperation[]) => {
    const units: Record<string, KvOperation[]> = {};
    for (const each of all) units[unit(each.key)] = [...(units[unit(each.key)] ?? []), each];
    return units;
  };
  const key = fc
    .tuple(
      fc.constantFrom('services', 'middlewares', 'routers'),
      fc.constantFrom('a', 'a-b'),
      fc.constantFrom('x', 'y', 'z'),
    )
    .map((path) => `traefik/http/${path.join('/')}`);
  const stored = fc.dictionary(key, fc.constantFrom('1', '2'), { maxKeys: 10 });
  await fc.assert(
    fc.asyncProperty(fc.array(stored, { minLength: 2, maxLength: 3 }), async (all) => {
      consul.entries.clear();
      let before: Record<string, string> = {};
      for (const one of all) {
        const keys = Object.keys(one).sort(inOrder('traefik'));
        const entries = keys.map((each) => ({ key: each, value: one[each] ?? '' }));
        const written = Object.keys(before);
        const after = Object.fromEntries(entries.map((each) => [each.key, each.value]));
        consul.exchanges.length = 0;
        expect((await seed(after)).status).toBe(0);
        const { [RECORD]: _, ...held } = Object.fromEntries(consul.entries);
        expect(held).toEqual(after);
        const planned = byUnit(kvTransactions(entries, { written }).flat());
        for (const [index, sent] of operations().entries()) {
          for (const [name, changes] of Object.entries(byUnit(sent))) {
            expect([index, changes]).toEqual([index, planned[name]]);
          }
        }
        const changed = new Set(
          [...new Set([...Object.keys(before), ...Object.keys(after)])]
            .filter((each) => before[each] !== after[each])
            .map(unit),
        );
        expect(new Set(Object.keys(byUnit(operations().flat())))).toEqual(changed);
        before = after;
      }
    }),
    { numRuns: 15 },
  );
}, 120_000);

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
    expect(recorded().sort()).toEqual(ours);
    await seed(after);
    expect([...consul.entries.keys()].sort()).toEqual([RECORD, ...Object.keys(after)].sort());
  }
}, 120_000);

import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { ConsulServer } from '../support/consul-server';
import { type Environment, newPair, type Pair, Workshop } from '../support/scripts';

let workshop: Workshop;
let consul: ConsulServer;
let env: Environment;

beforeEach(async () => {
  workshop = new Workshop();
  consul = await new ConsulServer().listen();
  env = {
    ...{ KV_STORE: 'consul', KV_ENDPOINT: consul.address, PUBLISHER_NAME: 'edge' },
    ...{ CERTIFICATES_DIR: workshop.path('secrets'), PUBLISH_INTERVAL_SECONDS: '0' },
  };
});

afterEach(() => {
  consul.close();
  workshop.remove();
});

const RECORD = 'traefik-ha/publishers/edge';
const keysOf = (name: string) =>
  ['certFile', 'keyFile'].map((entry) => `traefik/tls/certificates/${name}/${entry}`) as [string, string];

/** As the kubelet does: the files are links into a folder, and a link to that is swapped. */
function mount(name: string, { certificate, key }: Pair) {
  const version = `v${Math.random()}`;
  workshop.file(`secrets/${name}/${version}/tls.crt`, certificate);
  workshop.file(`secrets/${name}/${version}/tls.key`, key);
  const folder = workshop.path(`secrets/${name}`);
  symlinkSync(version, `${folder}/..next`);
  renameSync(`${folder}/..next`, `${folder}/..data`);
  for (const file of ['tls.crt', 'tls.key']) {
    rmSync(`${folder}/${file}`, { force: true });
    symlinkSync(`..data/${file}`, `${folder}/${file}`);
  }
}

function stored(name: string): Pair {
  const [certificate, key] = keysOf(name).map((entry) => consul.entries.get(entry) ?? '');
  return { certificate: certificate ?? '', key: key ?? '' };
}

test('pairs are published together, once, and again after a loss; a name that is gone is withdrawn', async () => {
  const [www, api] = [newPair('www.example.com'), newPair('api.example.com')];
  mount('www', www);
  mount('api', api);
  consul.entries.set(keysOf('foreign')[0], 'of another');
  expect((await workshop.run('publish.sh', env)).output).toMatch(/event=published publisher=edge set=4 deleted=0\n$/);
  expect([stored('www'), stored('api')]).toEqual([www, api]);
  expect(consul.transactions).toHaveLength(1);
  expect((await workshop.run('publish.sh', env)).output).toBe('');
  expect(consul.transactions).toHaveLength(1);
  consul.entries.delete(keysOf('www')[1]);
  await workshop.run('publish.sh', env);
  expect(stored('www')).toEqual(www);
  rmSync(workshop.path('secrets/www'), { recursive: true });
  expect((await workshop.run('publish.sh', env)).output).toMatch(/set=0 deleted=2/);
  expect([...consul.entries.keys()].sort()).toEqual([RECORD, ...keysOf('api'), keysOf('foreign')[0]].sort());
  const deletion = consul.transactions.at(-1)?.body ?? '';
  expect(deletion.match(/"Verb":"delete"/g)).toHaveLength(2);
});

test('what is half written, or not a pair, or gone from its Secret, leaves the store as it is', async () => {
  const [good, other] = [newPair(), newPair()];
  mount('www', good);
  await workshop.run('publish.sh', env);
  const bad = [
    { ...good, key: other.key },
    { ...good, key: '' },
    { ...good, certificate: good.certificate.slice(0, 200) },
  ];
  for (const pair of bad) {
    mount('www', pair);
    const { output } = await workshop.run('publish.sh', env);
    expect(output).toMatch(/level=warn event=pair-refused certificate=www message="the (key|certificate) is not/);
    expect(stored('www')).toEqual(good);
  }
  rmSync(workshop.path('secrets/www/tls.key'));
  rmSync(workshop.path('secrets/www/tls.crt'));
  await workshop.run('publish.sh', env);
  expect(stored('www')).toEqual(good);
  // Nor is a pair of which nothing was ever good published.
  mount('api', bad[0] as Pair);
  await workshop.run('publish.sh', env);
  expect(stored('api')).toEqual({ certificate: '', key: '' });
});

test('a change is published at once, a failed store is asked again, and TERM ends it', async () => {
  const [old, renewed] = [newPair(), newPair()];
  mount('www', old);
  consul.refusals = 1;
  const often = { PUBLISH_INTERVAL_SECONDS: '600', LOOK_INTERVAL_SECONDS: '0.2' };
  const running = workshop.start('publish.sh', { ...env, ...often });
  await running.until(/store-failed[^\n]+retry=2[\s\S]+event=published/);
  mount('www', renewed);
  await running.until(/(event=published[\s\S]+){2}/, 5);
  expect(stored('www')).toEqual(renewed);
  const began = Date.now();
  running.signal('SIGTERM');
  expect((await running.ended).status).toBe(143);
  expect(Date.now() - began).toBeLessThan(1000);
});

test.each([
  [{ PUBLISHER_NAME: '' }, 'PUBLISHER_NAME is empty'],
  [{ CERTIFICATES_DIR: '/nowhere' }, 'CERTIFICATES_DIR /nowhere is no folder'],
])('%j is refused', async (more, message) => {
  workshop.file('secrets/.keep');
  const { status, output } = await workshop.run('publish.sh', { ...env, ...more });
  expect([status, output]).toEqual([2, expect.stringContaining(`event=settings message="${message}"`)]);
});

import { ADDRESSES } from '../lab/network';
import { program } from '../lab/parts';
import type { Server } from '../lab/processes';
import { until } from '../lab/wait';
import { SwarmEdge } from '../support/swarm-edge';
import { addService, keyValueIn, type StoreKind } from '../support/swarm-environments';
import type { SwarmStage } from '../support/swarm-stage';
import { domainAdded, namesServed, renewedUnderLoad, rolledUnderLoad, taken } from './swarm-edge';

/** What does not run in the swarm: a server of the hub. */
const LEGACY = { host: 'legacy.example.com', address: `${ADDRESSES.controlPlane}:8080` } as const;

/** The wildcard's certificate, and the names in it. */
const SHARED = ['*.example.com', 'example.com'];

/** examples/swarm-consul with another store in Consul's place: routes and certificates as keys. */
export function swarmKeyValue(stage: () => SwarmStage): void {
  const edge = onManagers(stage, 'etcd');
  const legacy = `http://${LEGACY.address}`;

  test('docker takes what the program writes, and Traefik runs on every manager', async () => {
    await taken(edge, keyValueIn(stage(), 'etcd', { legacy }));
  });

  test('each host has a certificate, the same on every machine', async () => {
    await servedAsDeclared(edge);
  });

  test('a route that only the seed holds is served', async () => {
    expect(await namesServed(edge, LEGACY.host)).toEqual(SHARED);
    for (const { body } of await stage().seenOnAll(LEGACY.host)) expect(body).toMatch(/^legacy\n/);
  });

  test('a domain of another stack: its own certificate, and no Traefik restarted', async () => {
    await domainOfAnotherStack(edge, 'etcd', legacy);
  });

  test('20,000 requests while a certificate is renewed: none fails, and every machine changes', async () => {
    await renewedUnderLoad(edge, { host: 'shop.example.com', certificate: 'example.com', within: 5 });
  });

  test('what the seed no longer holds goes, and certificates stay', async () => {
    const before = await edge.traefiks();
    const certificates = (await keys(edge)).filter((key) => key.startsWith('traefik/tls/certificates/'));
    expect(certificates).toHaveLength(6);
    await edge.converge(keyValueIn(stage(), 'etcd'));
    await until('the route is gone', { seconds: 30 }, async () =>
      (await stage().seenOnAll(LEGACY.host)).every(({ status }) => status === 404),
    );
    const left = await keys(edge);
    expect(left.filter((key) => key.includes('legacy'))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining([...certificates, 'traefik/http/middlewares/compress/compress']));
    expect(await namesServed(edge, 'shop.example.com')).toEqual(SHARED);
    expect(await edge.traefiks()).toEqual(before);
  });

  test('Traefik is replaced: one machine at a time, and nobody who then asks the next sees a failure', async () => {
    await rolledUnderLoad(edge, 'shop.example.com', keyValueIn(stage(), 'etcd', { logLevel: 'DEBUG' }));
  });
}

/** The same with Redis, as far as the store matters. */
export function swarmRedis(stage: () => SwarmStage): void {
  const edge = onManagers(stage, 'redis');
  const legacy = `http://${LEGACY.address}`;

  test('routes and certificates from Redis, on every machine', async () => {
    await taken(edge, keyValueIn(stage(), 'redis', { legacy }));
    await servedAsDeclared(edge);
    expect(await namesServed(edge, LEGACY.host)).toEqual(SHARED);
  });

  test('a domain of another stack: its own certificate, and no Traefik restarted', async () => {
    await domainOfAnotherStack(edge, 'redis', legacy);
  });
}

/** The edge on three managers, beside a server that is not in the swarm. */
function onManagers(stage: () => SwarmStage, kind: StoreKind): SwarmEdge {
  const edge = new SwarmEdge(stage, `Swarm: key-value store (${kind})`);
  let legacy: Server | undefined;

  beforeAll(async () => {
    const { lab } = stage();
    await lab.docker(['node', 'promote', 'node2', 'node3']);
    const serve = [program('client'), 'serve', `--address=${LEGACY.address}`, '--name=legacy'];
    legacy = lab.processes.start('legacy', serve, { namespace: lab.network.hub });
    await edge.prepare();
  });

  afterAll(async () => {
    await edge.clear(['blog']);
    await legacy?.stop();
    // One after the other, and not while one of the others is hardly back: the swarm keeps its quorum.
    for (const node of ['node3', 'node2']) {
      await until(`${node} is a worker`, { seconds: 60, everyMs: 1000 }, async () => {
        await stage().lab.docker(['node', 'demote', node]);
        return true;
      });
    }
  });

  return edge;
}

async function servedAsDeclared(edge: SwarmEdge): Promise<void> {
  expect(await namesServed(edge, 'shop.example.com')).toEqual(SHARED);
  expect(await namesServed(edge, 'api.shop.example.com', '/v1/')).toEqual(['api.shop.example.com']);
}

async function domainOfAnotherStack(edge: SwarmEdge, kind: StoreKind, legacy: string): Promise<void> {
  const host = 'news.blog.example.com';
  await domainAdded(edge, host, (app) => {
    keyValueIn(edge.stage, kind, { legacy })(app);
    addService(app, host, 'blog');
  });
}

/** The keys that etcd holds for Traefik. */
async function keys({ stage }: SwarmEdge): Promise<string[]> {
  const etcd = await stage.containerOf('edge_etcd');
  const { stdout } = await stage.lab.exec(etcd, ['etcdctl', 'get', '--prefix', 'traefik/', '--keys-only']);
  return stdout.split('\n').filter(Boolean);
}

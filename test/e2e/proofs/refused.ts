import { sleep, until } from '../lab/wait';
import { NARROW, narrowEdge } from '../support/environments';
import { handwrittenRoute, SHOP } from '../support/routes';
import { HTTP, HTTPS, type Stage } from '../support/stage';

const HOST = SHOP.host;
const NAME = 'of-a-class';

/** What must not be served. */
export function refused(stage: () => Stage): void {
  test.each(['1.0', '1.1'])('TLS %s', async (maxVersion) => {
    const seen = await stage().client.tls({ name: HOST, address: HTTPS, maxVersion, insecure: true });
    expect(seen).toMatchObject({ ok: false, error: expect.stringContaining('protocol version') });
  });

  test.each(['unknown.example.com', 'example.net', ''])(
    'the name %p, which there is no certificate for',
    async (name) => {
      const seen = await stage().client.tls({ name, address: HTTPS, insecure: true });
      expect(seen).toMatchObject({ ok: false, error: 'remote error: tls: unrecognized name' });
      expect(seen.serial).toBeUndefined();
    },
  );

  test('plain HTTP gives nothing but the redirect', async () => {
    const { client } = stage();
    for (const path of ['/', '/api', '/ping', '/dashboard/', '/metrics', '/.well-known/acme-challenge/unknown']) {
      const seen = await client.tls({ name: HOST, address: HTTP, path, plain: true });
      expect(seen).toMatchObject({ status: 301, headers: { Location: [`https://${HOST}${path}`] } });
    }
  });

  test('a route of another ingress class', async () => {
    const { kubectl, client } = stage();
    const path = '/another-class';
    const server = async () => (await client.tls({ name: HOST, address: HTTPS, path })).body ?? '';
    await kubectl.apply([handwrittenRoute({ name: NAME, path })]);
    await until('the route is served, being ours', { seconds: 30 }, async () => (await server()).includes('shop/api'));
    await kubectl.apply([handwrittenRoute({ name: NAME, path, ingressClass: 'another' })]);
    await until('the route is let go', { seconds: 30 }, async () => (await server()).includes('shop/web'));
    await sleep(1000);
    expect(await server()).toContain('shop/web');
    await kubectl.delete([handwrittenRoute({ name: NAME, path, ingressClass: 'another' })]);
  });

  test('narrowed to given namespaces: a route elsewhere', async () => {
    const { kubectl, client } = stage();
    const { namespace, ingressClass, readable, other } = NARROW;
    const within = { name: 'within', path: '/narrow', ingressClass, namespace: readable, secretName: SHOP.secret };
    const beyond = { name: 'beyond', path: '/elsewhere', ingressClass, namespace: other, service: 'images' };
    const routes = [within, beyond].map(handwrittenRoute);
    try {
      await kubectl.apply(narrowEdge());
      await kubectl.run(['rollout', 'status', 'deployment/traefik', '-n', namespace, '--timeout=120s']);
      const [address] = await stage().instances(namespace);
      if (address === undefined) throw new Error('no instance');
      const status = async (path: string) => (await client.tls({ name: HOST, address, path })).status;
      await kubectl.apply(routes);
      await until('the route of the given namespace is served', { seconds: 60 }, async () => {
        return (await status('/narrow')) === 200;
      });
      await sleep(2000);
      expect(await status('/elsewhere')).toBe(404);
      // Not for want of trying: it may read nothing there.
      for (const kind of ['secrets', 'ingressroutes.traefik.io', 'services']) {
        expect([kind, await mayWatch(stage(), kind, other)]).toEqual([kind, 'no']);
        expect([kind, await mayWatch(stage(), kind, readable)]).toEqual([kind, 'yes']);
      }
      // The same route is taken once it is where the instance may read.
      await kubectl.apply([
        handwrittenRoute({ ...beyond, namespace: readable, service: 'api', secretName: SHOP.secret }),
      ]);
      await until('it is served from there', { seconds: 60 }, async () => (await status('/elsewhere')) === 200);
    } finally {
      await kubectl.delete([...routes, handwrittenRoute({ ...beyond, namespace: readable })]);
      await stage().remove(narrowEdge());
    }
  });
}

/** What the API server says to the account of the narrowed Traefik. */
async function mayWatch({ kubectl }: Stage, kind: string, namespace: string): Promise<string> {
  const account = `--as=system:serviceaccount:${NARROW.namespace}:traefik`;
  const { stdout } = await kubectl.run(['auth', 'can-i', 'watch', kind, '-n', namespace, account], { mayFail: true });
  return stdout.trim();
}

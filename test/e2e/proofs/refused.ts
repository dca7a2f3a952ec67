import { sleep, until } from '../lab/wait';
import { NARROW, narrowEdge } from '../support/environments';
import { HTTP, HTTPS, type Stage } from '../support/stage';

const HOST = 'shop.example.com';

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
      expect(seen.ok).toBe(false);
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
    await kubectl.apply([route('traefik', path)]);
    await until('the route is served, being ours', { seconds: 30 }, async () => (await server()).includes('shop/api'));
    await kubectl.apply([route('another', path)]);
    await until('the route is let go', { seconds: 30 }, async () => (await server()).includes('shop/web'));
    await sleep(1000);
    expect(await server()).toContain('shop/web');
    await kubectl.delete([route('another', path)]);
  });

  test('narrowed to given namespaces: a route elsewhere', async () => {
    const { kubectl, client } = stage();
    await kubectl.apply(narrowEdge());
    await kubectl.run(['rollout', 'status', 'deployment/traefik', '-n', NARROW.namespace, '--timeout=120s']);
    const [address] = await stage().instances(NARROW.namespace);
    if (address === undefined) throw new Error('no instance');
    const status = async (path: string) => (await client.tls({ name: HOST, address, path })).status;
    const { ingressClass, readable, other } = NARROW;
    await kubectl.apply([
      route(ingressClass, '/narrow', { namespace: readable, secretName: 'shop-tls' }),
      route(ingressClass, '/elsewhere', { namespace: other, service: 'images' }),
    ]);
    await until('the route of the given namespace is served', { seconds: 60 }, async () => {
      return (await status('/narrow')) === 200;
    });
    await sleep(2000);
    expect(await status('/elsewhere')).toBe(404);
    // The same route is taken once it is where the instance may read.
    await kubectl.apply([route(ingressClass, '/elsewhere', { namespace: readable, secretName: 'shop-tls' })]);
    await until('it is served from there', { seconds: 60 }, async () => (await status('/elsewhere')) === 200);
    await kubectl.delete([
      route(ingressClass, '/narrow', { namespace: readable, secretName: 'shop-tls' }),
      route(ingressClass, '/elsewhere', { namespace: other, service: 'images' }),
    ]);
    await stage().remove(narrowEdge());
  });
}

interface RouteOptions {
  readonly namespace?: string;
  readonly service?: string;
  readonly secretName?: string;
}

function route(
  ingressClassName: string,
  path: string,
  { namespace = 'shop', service = 'api', secretName }: RouteOptions = {},
): object {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: 'of-a-class', namespace },
    spec: {
      ingressClassName,
      entryPoints: ['websecure'],
      routes: [
        {
          kind: 'Rule',
          match: `Host(\`${HOST}\`) && PathPrefix(\`${path}\`)`,
          services: [{ name: service, port: 80 }],
        },
      ],
      tls: { secretName },
    },
  };
}

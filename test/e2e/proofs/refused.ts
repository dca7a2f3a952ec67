import { sleep, until } from '../lab/wait';
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
}

function route(ingressClassName: string, path: string): object {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: 'of-a-class', namespace: 'shop' },
    spec: {
      ingressClassName,
      entryPoints: ['websecure'],
      routes: [
        {
          kind: 'Rule',
          match: `Host(\`${HOST}\`) && PathPrefix(\`${path}\`)`,
          services: [{ name: 'api', port: 80 }],
        },
      ],
      tls: {},
    },
  };
}

import { ADDRESSES } from '../lab/network';
import { until } from '../lab/wait';
import { backendObjects } from '../support/backends';
import type { Example } from '../support/environments';
import { HOSTS, SHOP } from '../support/routes';
import { HTTP, HTTPS, type Stage } from '../support/stage';
import { deploy } from './accepted';

async function start(stage: Stage, example: Example): Promise<void> {
  await deploy(stage, example, example.backends.flatMap(backendObjects));
}

/** minimal: the challenge comes in on port 80, which leads everybody else to HTTPS. */
export function http01(stage: () => Stage): void {
  const zone = 'example.com';
  const host = `shop.${zone}`;

  test('the certificate is issued, and served by three instances', async () => {
    const { lab, examples } = stage();
    lab.dns.setAddress(zone, host, ADDRESSES.loadBalancer);
    await start(stage(), examples.minimal);
    const { client } = stage();
    await until('the certificate is served', { seconds: 180 }, async () => {
      const seen = await client.tls({ name: host, address: HTTPS, path: '/' });
      if (seen.status !== 200) throw new Error(JSON.stringify(seen));
      return true;
    });
    await stage().servedByAll(host);
    expect(await stage().instances()).toHaveLength(3);
  });

  test('plain HTTP leads to HTTPS for ever', async () => {
    const seen = await stage().client.tls({ name: host, address: HTTP, path: '/cart?item=1', plain: true });
    expect(seen).toMatchObject({ status: 301, headers: { Location: [`https://${host}/cart?item=1`] } });
  });

  test('it is taken away', async () => {
    stage().lab.dns.unsetAddress(zone, host);
    await stage().remove(stage().examples.minimal.lab);
    expect(await stage().kubectl.list('pods', 'edge', 'app.kubernetes.io/component=traefik')).toEqual([]);
  });
}

/** wildcard: one certificate for the routes of several namespaces, and of their own where it does not reach. */
export function wildcard(stage: () => Stage): void {
  test('every host of every namespace is served, by the certificate that covers it', async () => {
    await start(stage(), stage().examples.wildcard);
    const names: string[][] = [];
    for (const team of ['red', 'blue']) {
      for (const host of [`${team}.example.com`, `preview.${team}.example.com`]) {
        await stage().servedByAll(host, '/', 180);
        const { dnsNames = [], body } = await stage().client.tls({ name: host, address: HTTPS, path: '/' });
        names.push([host, ...dnsNames, body?.includes(`${team}/`) ? team : 'another team']);
      }
    }
    expect(names).toEqual([
      ['red.example.com', '*.example.com', 'example.com', 'red'],
      ['preview.red.example.com', 'preview.red.example.com', 'red'],
      ['blue.example.com', '*.example.com', 'example.com', 'blue'],
      ['preview.blue.example.com', 'preview.blue.example.com', 'blue'],
    ]);
  });

  test('it is taken away', async () => {
    await stage().remove(stage().examples.wildcard.lab);
    expect(await stage().kubectl.list('pods', 'edge', 'app.kubernetes.io/component=traefik')).toEqual([]);
  });
}

/** full-stack: certificates by DNS-01, records by external-dns, three instances. */
export function served(stage: () => Stage): void {
  test('external-dns writes a record for every host', async () => {
    await start(stage(), stage().examples.fullStack);
    for (const host of Object.keys(HOSTS)) {
      await until(`the record of ${host}`, { seconds: 180 }, async () => {
        const { answers } = await stage().client.dns(host, 'A');
        return answers.includes(ADDRESSES.loadBalancer);
      });
    }
    expect((await stage().client.dns('nobody.example.com', 'A')).rcode).toBe('NXDOMAIN');
  });

  test.each(Object.entries(HOSTS))('%s: each of three instances serves it as it must', async (host, path) => {
    const { client } = stage();
    await stage().servedByAll(host, path, 180);
    const { answers } = await client.dns(host, 'A');
    expect(answers).toEqual([ADDRESSES.loadBalancer]);
    const instances = await stage().instances();
    expect(instances).toHaveLength(3);
    for (const address of [...instances, `${answers[0]}:443`]) {
      const seen = await client.tls({ name: host, address, path });
      expect(seen).toMatchObject({
        ok: true,
        verified: true,
        status: 200,
        version: 'TLS 1.3',
        headers: { 'Strict-Transport-Security': ['max-age=31536000'] },
      });
      expect(seen.chainLength).toBeGreaterThanOrEqual(2);
      expect(await client.tls({ name: host, address, maxVersion: '1.2' })).toMatchObject({ version: 'TLS 1.2' });
      expect(await client.tls({ name: host, address, maxVersion: '1.1' })).toMatchObject({
        ok: false,
        error: 'remote error: tls: protocol version not supported',
      });
    }
    for (const address of [...instances.map((instance) => instance.replace(/:8443$/, ':8000')), HTTP]) {
      const plain = await client.tls({ name: host, address, path, plain: true });
      expect(plain).toMatchObject({ status: 301, headers: { Location: [`https://${host}${path}`] } });
    }
  });

  test('by its name, a host is served by all three', async () => {
    const { client, kubectl } = stage();
    const answered = async () => {
      const pods = await kubectl.list('pods', 'edge', 'app.kubernetes.io/component=traefik');
      const pages = await Promise.all(
        pods.map(({ status }) =>
          client.tls({ name: '', address: `${status.podIP}:9100`, path: '/metrics', plain: true }),
        ),
      );
      return pages.map(({ body = '' }) => requestsCounted(body));
    };
    const before = await answered();
    await client.ask({ url: SHOP.url, requests: 300, connections: 'new', rate: 100 });
    const after = await answered();
    expect(after.map((count, index) => count > (before[index] ?? 0))).toEqual([true, true, true]);
  });
}

/** How many requests came in by HTTPS, as an instance counts them for Prometheus. */
function requestsCounted(metrics: string): number {
  const lines = metrics
    .split('\n')
    .filter((line) => /^traefik_entrypoint_requests_total\{.*entrypoint="websecure"/.test(line));
  return lines.map((line) => Number(line.split(' ').at(-1))).reduce((sum, count) => sum + count, 0);
}

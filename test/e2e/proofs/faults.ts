import type { Manifest } from '../../support/synthesize';
import { sleep, until } from '../lab/wait';
import type { LoadResult } from '../support/client';
import { tsigSecret } from '../support/environments';
import { HTTPS, type Stage } from '../support/stage';
import { renew, renewedAfter } from './renewed';

const HOST = 'shop.example.com';
/** Of the first of two routes that share their Secret. */
const CERTIFICATE = ['shop', 'api-tls'] as const;

/** What happens to an edge when what it stands on breaks: what is served meanwhile, and how long until all is well. */
export function faults(stage: () => Stage): void {
  test('the API server is gone for 60 s', async () => {
    const { controlPlane } = stage().lab;
    const { load, seconds } = await under(stage(), async (recovering) => {
      await controlPlane.stopApiServer();
      await sleep(60_000);
      recovering();
      controlPlane.startApiServer();
      await controlPlane.ready();
      await stage().lab.nodesReady();
      await routeIsTaken(stage(), 'after-the-api-server');
    });
    record(stage(), 'the API server gone for 60 s', load, `${seconds} s until a new route is served`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('etcd is restarted', async () => {
    const { controlPlane } = stage().lab;
    const { load, seconds } = await under(stage(), async (recovering) => {
      recovering();
      await controlPlane.stopEtcd();
      controlPlane.startEtcd();
      await controlPlane.ready();
      await routeIsTaken(stage(), 'after-etcd');
    });
    record(stage(), 'etcd restarted', load, `${seconds} s until a new route is served`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('a Traefik pod is killed', async () => {
    const { kubectl, lab } = stage();
    const [pod] = await kubectl.list('pods', 'edge', 'app.kubernetes.io/component=traefik');
    if (pod === undefined) throw new Error('no instance');
    const restarts = async () => {
      const { status } = await kubectl.get('pod', pod.metadata.name, 'edge');
      return status.containerStatuses[0].restartCount as number;
    };
    const { load, seconds } = await under(
      stage(),
      async (recovering) => {
        recovering();
        lab.killInPod(pod.metadata.uid, '/traefik');
        await until('it is started again', { seconds: 60 }, async () => (await restarts()) > 0);
        await stage().traefikReady();
      },
      { repeatRefused: true },
    );
    const refused = `${load.refusals} connections refused, their requests repeated`;
    record(stage(), 'a Traefik instance killed', load, `${seconds} s until three instances are ready; ${refused}`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('cert-manager is killed in the middle of an order', async () => {
    const { kubectl } = stage();
    const before = await revision(stage());
    const { load, seconds } = await under(stage(), async (recovering) => {
      await renew(stage(), ...CERTIFICATE);
      await until('an order is under way', { seconds: 30, everyMs: 50 }, async () => {
        const orders = await kubectl.list('orders.acme.cert-manager.io', 'shop');
        return orders.some(({ status }) => status?.state === 'pending');
      });
      recovering();
      await kubectl.run(['delete', 'pods', '--all', '-n', 'cert-manager', '--grace-period=0', '--force']);
      await renewedAfter(stage(), ...CERTIFICATE, before, 180);
    });
    record(
      stage(),
      'cert-manager killed in the middle of an order',
      load,
      `${seconds} s until the renewed certificate`,
    );
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('the ACME server is down, and comes back', async () => {
    const { acme } = stage().lab;
    const before = await revision(stage());
    const { load, seconds } = await under(stage(), async (recovering) => {
      acme.suspend();
      try {
        await renew(stage(), ...CERTIFICATE);
        await sleep(20_000);
        expect(await revision(stage())).toBe(before);
      } finally {
        acme.resume();
      }
      recovering();
      await renewedAfter(stage(), ...CERTIFICATE, before, 240);
    });
    record(stage(), 'the ACME server down for 20 s while renewing', load, `${seconds} s until the renewed certificate`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('the ACME server refuses half of all nonces', async () => {
    const { lab, kubectl } = stage();
    const name = 'refusing';
    const acme = await lab.startAcme({ name, port: 14100, refusedNonces: 50 });
    const issuer = await kubectl.get('clusterissuer', 'letsencrypt');
    const certificate = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name, namespace: 'shop' },
      spec: { secretName: name, dnsNames: [`${name}.example.com`], issuerRef: { kind: 'ClusterIssuer', name } },
    };
    const ofIt = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name },
      spec: { acme: { ...issuer.spec.acme, server: acme.directory, privateKeySecretRef: { name } } },
    };
    const { load, seconds } = await under(stage(), async (recovering) => {
      recovering();
      await kubectl.apply([ofIt, certificate]);
      await stage().certificateReady(name, 'shop', 300);
    });
    await kubectl.delete([certificate, ofIt]);
    await acme.stop();
    record(stage(), 'an ACME server that refuses half of all nonces', load, `${seconds} s until the certificate`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('DNS is down during the challenge', async () => {
    const { dns } = stage().lab;
    const before = await revision(stage());
    const { load, seconds } = await under(stage(), async (recovering) => {
      await dns.stop();
      await renew(stage(), ...CERTIFICATE);
      await sleep(20_000);
      expect(await revision(stage())).toBe(before);
      dns.resume();
      recovering();
      await renewedAfter(stage(), ...CERTIFICATE, before, 300);
    });
    record(stage(), 'DNS down for 20 s during a challenge', load, `${seconds} s until the renewed certificate`);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('a TLS Secret is deleted', async () => {
    const { kubectl, client } = stage();
    const other = 'blog.example.org';
    const load = stage().client.load({ url: `https://${other}/`, requests: 500, connections: 'new', rate: 100 });
    const began = Date.now();
    await kubectl.run(['delete', 'secret', 'shop-tls', '-n', 'shop']);
    await until('it is issued again', { seconds: 240, everyMs: 100 }, () => kubectl.find('secret', 'shop-tls', 'shop'));
    await stage().servedByAll(HOST, '/', 60);
    const seconds = rounded(Date.now() - began);
    const result = await load.finish();
    expect((await client.tls({ name: HOST, address: HTTPS, path: '/' })).status).toBe(200);
    record(
      stage(),
      'a TLS Secret deleted (load on another host)',
      result,
      `${seconds} s until its host is served again`,
    );
    expect(result).toMatchObject({ failed: 0, failures: [] });
  });

  test('a Secret has a broken key', async () => {
    const { kubectl } = stage();
    const other = 'blog.example.org';
    const load = stage().client.load({ url: `https://${other}/`, requests: 500, connections: 'new', rate: 100 });
    const before = await stage().client.tls({ name: HOST, address: HTTPS, path: '/' });
    const began = Date.now();
    const broken = Buffer.from('-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n').toString('base64');
    await kubectl.patch('secret', 'shop-tls', 'shop', { data: { 'tls.key': broken } });
    await until('another certificate is served', { seconds: 240 }, async () => {
      const seen = await stage().client.tls({ name: HOST, address: HTTPS, path: '/' });
      return seen.status === 200 && seen.serial !== before.serial;
    });
    await stage().servedByAll(HOST, '/', 60);
    const seconds = rounded(Date.now() - began);
    const result = await load.finish();
    record(
      stage(),
      'a Secret with a broken key (load on another host)',
      result,
      `${seconds} s until a new certificate`,
    );
    expect(result).toMatchObject({ failed: 0, failures: [] });
  });

  test("another owner's external-dns beside ours", async () => {
    const { kubectl, client, examples, lab } = stage();
    const ours = examples.fullStack.lab.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'external-dns',
    );
    const theirs = JSON.parse(JSON.stringify(ours)) as Manifest;
    const labels = { app: 'their-external-dns' };
    theirs.metadata = { name: 'their-external-dns', namespace: 'edge', labels };
    theirs.spec.selector = { matchLabels: labels };
    theirs.spec.template.metadata = { labels };
    const [container] = theirs.spec.template.spec.containers;
    container.args = container.args
      .filter((arg: string) => !/^--(?:txt-owner-id|label-filter|source|service-type-filter|interval)/.test(arg))
      .concat('--txt-owner-id=theirs', '--source=crd', '--label-filter=owner=theirs', '--interval=5s');
    const { load } = await under(stage(), async () => {
      await kubectl.apply([tsigSecret(lab, 'edge'), theirs, endpoint('theirs.example.com'), endpoint(HOST)]);
      await until('their record is written', { seconds: 90 }, async () => {
        const { answers } = await client.dns('theirs.example.com', 'A');
        return answers.includes('203.0.113.99');
      });
      await sleep(12_000);
    });
    expect((await client.dns(HOST, 'A')).answers).toEqual(['203.0.113.10']);
    record(stage(), "another owner's external-dns that wants one of our names", load, 'the record stays ours');
    await kubectl.delete([endpoint('theirs.example.com'), endpoint(HOST)]);
    await until('their record is gone', { seconds: 60 }, async () => {
      return (await client.dns('theirs.example.com', 'A')).rcode === 'NXDOMAIN';
    });
    expect((await client.dns(HOST, 'A')).answers).toEqual(['203.0.113.10']);
    await kubectl.delete([theirs]);
    expect(load).toMatchObject({ failed: 0, failures: [] });
  });

  test('a node is lost', async () => {
    const { lab } = stage();
    const [node] = lab.nodes.slice(-1);
    if (node === undefined) throw new Error('no node');
    const others = lab.nodes.filter(({ index }) => index !== node.index).map(({ index }) => index);
    try {
      const { load } = await under(stage(), async () => {
        lab.network.cable(node.index, false);
        // The load balancer's own checks find that out at once here.
        lab.network.balance(others);
        await until(
          'its endpoints are withdrawn',
          { seconds: 120 },
          async () => (await stage().instances()).length === 2,
        );
        await sleep(10_000);
      });
      const outage = outageSeconds(load);
      const seen = `requests fail for ${outage.toFixed(1)} s, until its endpoints are withdrawn`;
      record(stage(), 'a node lost', load, seen);
      expect(outage).toBeLessThan(90);
      const after = await stage().client.ask({ url: URL, requests: 1000, connections: 'new', rate: 200 });
      expect(after).toMatchObject({ failed: 0, failures: [] });
    } finally {
      lab.network.cable(node.index, true);
      lab.network.balance(lab.nodes.map(({ index }) => index));
      await lab.nodesReady();
      await stage().traefikReady(300);
    }
  });
}

const URL = `https://${HOST}/`;

/** Acts while clients ask on new connections; `seconds` counts from when the act calls `recovering`. */
async function under(
  stage: Stage,
  act: (recovering: () => void) => Promise<void>,
  { repeatRefused = false }: { readonly repeatRefused?: boolean } = {},
) {
  const load = stage.client.load({ url: URL, requests: 1000, connections: 'new', rate: 100, repeatRefused });
  await sleep(1000);
  let began = Date.now();
  await act(() => {
    began = Date.now();
  });
  const seconds = rounded(Date.now() - began);
  return { load: await load.finish(), seconds };
}

/** Between the first and the last request that failed. */
function outageSeconds({ outages }: LoadResult): number {
  const [from, to] = [Math.min(...outages.map(({ fromMs }) => fromMs)), Math.max(...outages.map(({ toMs }) => toMs))];
  return outages.length === 0 ? 0 : (to - from) / 1000;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

function record({ figures }: Stage, what: string, { failed, requests, serials }: LoadResult, time: string): void {
  const count = Object.keys(serials).length;
  figures.add({
    proof: 'Faults',
    what,
    failed: `${failed} of ${requests}`,
    time,
    served: count > 1 ? 'the old certificate, then the new one' : 'every route, with its certificate',
  });
}

async function revision({ kubectl }: Stage): Promise<number> {
  const [namespace, name] = CERTIFICATE;
  return (await kubectl.get('certificate', name, namespace)).status.revision;
}

/** Declares a route and waits until every instance serves it: whoever does that has caught up. */
async function routeIsTaken({ kubectl, client }: Stage, name: string): Promise<void> {
  const path = `/${name}`;
  const route = {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name, namespace: 'shop' },
    spec: {
      ingressClassName: 'traefik',
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
  await until('the route is accepted', { seconds: 60 }, async () => (await kubectl.apply([route])).status === 0);
  await until(`${path} is served`, { seconds: 120, everyMs: 100 }, async () => {
    const { body } = await client.tls({ name: HOST, address: HTTPS, path });
    return body?.includes('shop/api');
  });
  await kubectl.delete([route]);
}

function endpoint(dnsName: string): object {
  return {
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: { name: `theirs-${dnsName.split('.')[0]}`, namespace: 'shop', labels: { owner: 'theirs' } },
    spec: { endpoints: [{ dnsName, recordType: 'A', targets: ['203.0.113.99'], recordTTL: 60 }] },
  };
}

import type { Manifest } from '../../support/synthesize';
import { ADDRESSES } from '../lab/network';
import { sleep, until } from '../lab/wait';
import type { LoadOptions, LoadResult } from '../support/client';
import { theirExternalDns, theirService } from '../support/other-owner';
import { HOSTS, handwrittenRoute, SHOP } from '../support/routes';
import { HTTPS, type Stage } from '../support/stage';
import { renew, renewedAfter } from './renewed';

/** What happens to an edge when what it stands on breaks: what is served meanwhile, and how long until all is well. */
export function faults(stage: () => Stage): void {
  test('etcd is restarted', async () => {
    const { controlPlane } = stage().lab;
    const seen = await under(stage(), async (recovering) => {
      recovering();
      await controlPlane.restartEtcd();
      await routeIsTaken(stage(), 'after-etcd');
    });
    record(stage(), 'etcd killed and restarted', seen, 'until every instance serves a new route');
    expectNoFailure(seen);
  });

  test('the API server is gone for 60 s', async () => {
    const { controlPlane } = stage().lab;
    const seen = await under(stage(), async (recovering) => {
      await controlPlane.stopApiServer();
      await sleep(60_000);
      recovering();
      await controlPlane.startApiServer();
      await stage().lab.nodesReady();
      await routeIsTaken(stage(), 'after-the-api-server');
    });
    record(stage(), 'the API server gone for 60 s', seen, 'until every instance serves a new route');
    expectNoFailure(seen);
  });

  test('a Traefik instance is killed', async () => {
    const { lab } = stage();
    const pod = await onePod(stage(), 'edge', 'app.kubernetes.io/component=traefik');
    const before = restarts(pod);
    const seen = await under(
      stage(),
      async (recovering) => {
        recovering();
        lab.killIn(pod.metadata.uid, '/traefik');
        await until('it was started again, and three instances are ready', { seconds: 90 }, async () => {
          const now = await stage().kubectl.get('pod', pod.metadata.name, 'edge');
          return restarts(now) > before && (await stage().instances()).length === 3;
        });
      },
      // What it was just answering is lost with it, and until its endpoint is withdrawn it is sent more.
      { repeat: true },
    );
    const repeated = `${seen.repeats} requests repeated within ${(seen.repeatedMs / 1000).toFixed(1)} s`;
    record(stage(), 'a Traefik instance killed', seen, `until three instances are ready; ${repeated}`);
    expectNoFailure(seen);
    expect(seen.repeatedMs).toBeLessThan(5000);
  });

  test('cert-manager is killed in the middle of an order', async () => {
    const { lab } = stage();
    const before = await revision(stage());
    const pod = await onePod(stage(), 'cert-manager', 'app=cert-manager');
    const seen = await under(stage(), async (recovering) => {
      await renew(stage(), SHOP.namespace, SHOP.certificate);
      await challengeIsUnderWay(stage());
      lab.killIn(pod.metadata.uid, '/cert-manager-controller');
      recovering();
      expect(await orderStates(stage())).toContain('pending');
      await renewedAfter(stage(), SHOP.namespace, SHOP.certificate, before, 180);
    });
    record(stage(), 'cert-manager killed in the middle of an order', seen, 'until the renewed certificate');
    expectNoFailure(seen);
    expect(restarts(await stage().kubectl.get('pod', pod.metadata.name, 'cert-manager'))).toBeGreaterThan(
      restarts(pod),
    );
  });

  test('the ACME server is down, and comes back', async () => {
    const { acme } = stage().lab;
    const before = await revision(stage());
    const seen = await under(stage(), async (recovering) => {
      acme.suspend();
      try {
        await renew(stage(), SHOP.namespace, SHOP.certificate);
        await sleep(20_000);
        expect(await revision(stage())).toBe(before);
      } finally {
        acme.resume();
      }
      recovering();
      await renewedAfter(stage(), SHOP.namespace, SHOP.certificate, before, 240);
    });
    record(stage(), 'the ACME server down for 20 s while renewing', seen, 'until the renewed certificate');
    expectNoFailure(seen);
  });

  test('the ACME server refuses half of all nonces', async () => {
    const { lab, kubectl } = stage();
    const name = 'refusing';
    const acme = await lab.startAcme({ name, port: 14100, refusedNonces: 50 });
    const issuer = await kubectl.get('clusterissuer', 'letsencrypt');
    const certificate = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name, namespace: SHOP.namespace },
      spec: { secretName: name, dnsNames: [`${name}.example.com`], issuerRef: { kind: 'ClusterIssuer', name } },
    };
    const ofIt = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name },
      spec: { acme: { ...issuer.spec.acme, server: acme.directory, privateKeySecretRef: { name } } },
    };
    try {
      const seen = await under(stage(), async (recovering) => {
        recovering();
        await kubectl.apply([ofIt, certificate]);
        await stage().certificateReady(name, SHOP.namespace, 300);
      });
      record(stage(), 'an ACME server that refuses half of all nonces', seen, 'until a new certificate');
      expectNoFailure(seen);
    } finally {
      await kubectl.delete([certificate, ofIt]);
      await acme.stop();
    }
  });

  test('DNS is down during the challenge', async () => {
    const { dns } = stage().lab;
    const before = await revision(stage());
    const seen = await under(stage(), async (recovering) => {
      await renew(stage(), SHOP.namespace, SHOP.certificate);
      await challengeIsUnderWay(stage());
      dns.suspend();
      try {
        await sleep(20_000);
        expect(await revision(stage())).toBe(before);
      } finally {
        dns.resume();
      }
      recovering();
      await renewedAfter(stage(), SHOP.namespace, SHOP.certificate, before, 300);
    });
    record(stage(), 'DNS down for 20 s during a challenge', seen, 'until the renewed certificate');
    expectNoFailure(seen);
  });

  test('a TLS Secret is deleted', async () => {
    const { kubectl } = stage();
    const serial = await serialOfShop(stage());
    const seen = await under(
      stage(),
      async (recovering) => {
        recovering();
        await kubectl.run(['delete', 'secret', SHOP.secret, '-n', SHOP.namespace]);
        await shopHasAnother(stage(), serial);
      },
      { apart: SHARING_THE_SECRET },
    );
    record(stage(), 'a TLS Secret deleted', seen, 'until its hosts are served by a new one');
    expectNoFailure(seen);
  });

  test('a Secret is to have a broken key: refused, and all is served', async () => {
    const seen = await under(stage(), async (recovering) => {
      recovering();
      expect(await breakKey(stage())).toContain(
        'only cert-manager changes the certificates of ClusterIssuer letsencrypt',
      );
      await sleep(5000);
    });
    record(stage(), 'a key broken by hand, which the guard refuses', seen, 'in which nothing changed');
    expectNoFailure(seen);
  });

  test('a Secret has a broken key, the guard being taken away', async () => {
    const { kubectl, examples } = stage();
    const isGuard = ({ kind }: Manifest) => kind === 'ValidatingAdmissionPolicyBinding';
    const guards = examples.fullStack.lab.filter(isGuard);
    const serial = await serialOfShop(stage());
    try {
      await kubectl.delete(guards);
      await until('the guard is gone', { seconds: 60 }, async () => {
        const refusal = await breakKey(stage(), ['--dry-run=server']);
        if (refusal !== '') throw new Error(refusal);
        return true;
      });
      const seen = await under(
        stage(),
        async (recovering) => {
          recovering();
          expect(await breakKey(stage())).toBe('');
          await shopHasAnother(stage(), serial);
        },
        { apart: SHARING_THE_SECRET },
      );
      record(stage(), 'the same without the guard', seen, 'until its hosts are served by a new one');
      expectNoFailure(seen);
    } finally {
      await kubectl.apply(guards);
    }
  });

  test("another owner's external-dns beside ours", async () => {
    const { kubectl, client, lab } = stage();
    const objects = theirExternalDns(lab);
    const addresses: string[][] = [];
    const answers = async (name: string) => [...(await client.dns(name, 'A')).answers];
    try {
      const seen = await under(stage(), async () => {
        await kubectl.apply(objects);
        await kubectl.patch('service', 'theirs', 'edge', theirService.status, 'status');
        await until('their record is written', { seconds: 90 }, async () => {
          return (await answers(theirService.host)).includes(theirService.address);
        });
        // They were at it for several rounds, and wanted our name as well.
        for (let round = 0; round < 60; round++) {
          addresses.push(await answers(SHOP.host));
          await sleep(200);
        }
      });
      record(stage(), "another owner's external-dns that wants one of our names", seen, 'in which our record stayed');
      expect([...new Set(addresses.flat())]).toEqual([ADDRESSES.loadBalancer]);
      expectNoFailure(seen);
    } finally {
      await kubectl.delete([...objects].reverse());
    }
  });

  test('a node is lost', async () => {
    const { lab } = stage();
    const [node] = lab.nodes.slice(-1);
    if (node === undefined) throw new Error('no node');
    const others = lab.nodes.filter(({ index }) => index !== node.index).map(({ index }) => index);
    try {
      const seen = await under(stage(), async (recovering) => {
        recovering();
        lab.network.cable(node.index, false);
        // The load balancer's own checks find that out at once here.
        lab.network.balance(others);
        await until('its endpoints are withdrawn', { seconds: 120 }, async () => {
          return (await stage().instances()).length === 2;
        });
      });
      record(stage(), 'a node lost', seen, 'until its endpoints are withdrawn, and while requests fail');
      expect(seen.seconds).toBeLessThan(90);
      await sleep(10_000);
      const after = await stage().client.ask({ url: SHOP.url, requests: 1000, connections: 'new', rate: 200 });
      expect(after).toMatchObject({ failed: 0, failures: [] });
    } finally {
      lab.network.cable(node.index, true);
      lab.network.balance(lab.nodes.map(({ index }) => index));
      await lab.nodesReady();
      await until('three instances are ready', { seconds: 300 }, async () => {
        return (await stage().instances()).length === 3;
      });
    }
  });
}

/** The hosts that stop being served when the Secret goes. */
const SHARING_THE_SECRET: readonly string[] = ['shop.example.com', 'api.example.com'];

/** How the hosts of the edge were served while something was done. */
interface Seen {
  readonly seconds: number;
  /** Requests, and those that failed, of the hosts that nothing was done to. */
  readonly requests: number;
  readonly failed: number;
  readonly failures: LoadResult['failures'];
  readonly repeats: number;
  readonly repeatedMs: number;
  /** What was seen of each host, in words. */
  readonly served: string;
}

interface UnderOptions extends Pick<LoadOptions, 'repeat'> {
  /** Hosts that what is done is done to: what fails of them is told apart. */
  readonly apart?: readonly string[];
}

/** Acts while clients ask for every host on new connections; `seconds` counts from when the act calls `recovering`. */
async function under(
  stage: Stage,
  act: (recovering: () => void) => Promise<void>,
  { repeat, apart = [] }: UnderOptions = {},
): Promise<Seen> {
  // Where DNS says, but without asking it each time: it may be what is down.
  const common = { connections: 'new', requests: 250, rate: 25, dial: [HTTPS], repeat } as const;
  const loads = Object.entries(HOSTS).map(([host, path]) => ({
    host,
    load: stage.client.load({ ...common, url: `https://${host}${path}` }),
  }));
  await sleep(1000);
  let began = Date.now();
  await act(() => {
    began = Date.now();
  });
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const results = await Promise.all(loads.map(async ({ host, load }) => ({ host, result: await load.finish() })));
  const others = results.filter(({ host }) => !apart.includes(host)).map(({ result }) => result);
  const sum = (count: (result: LoadResult) => number) => others.map(count).reduce((total, one) => total + one, 0);
  return {
    seconds,
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    failures: others.flatMap(({ failures }) => failures),
    repeats: sum(({ repeats }) => repeats),
    repeatedMs: Math.max(...others.map(({ repeatedMs }) => repeatedMs)),
    served: described(results, apart),
  };
}

function described(results: readonly { host: string; result: LoadResult }[], apart: readonly string[]): string {
  const broken = results.filter(({ result }) => result.failed > 0);
  const whole = results.length - broken.length;
  const hosts = broken.map(({ host, result }) => {
    const from = Math.min(...result.outages.map(({ fromMs }) => fromMs));
    const to = Math.max(...result.outages.map(({ toMs }) => toMs));
    const which = apart.includes(host) ? host : `${host}, in part,`;
    return `${which} not for ${((to - from) / 1000).toFixed(1)} s`;
  });
  const renewed = results.some(({ result }) => Object.keys(result.serials).length > 1);
  const all = `${whole} of ${results.length} hosts all the time${renewed ? ', by the old certificate and then the new' : ''}`;
  return [all, ...hosts].join('; ');
}

function record({ figures }: Stage, what: string, { failed, requests, seconds, served }: Seen, time: string): void {
  figures.add({ proof: 'Faults', what, failed: `${failed} of ${requests}`, time: `${seconds} s ${time}`, served });
}

function expectNoFailure({ failed, failures, requests }: Seen): void {
  expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
  expect(requests).toBeGreaterThanOrEqual(500);
}

async function revision({ kubectl }: Stage): Promise<number> {
  return (await kubectl.get('certificate', SHOP.certificate, SHOP.namespace)).status.revision;
}

function challengeIsUnderWay({ kubectl }: Stage): Promise<unknown> {
  // It lasts for two seconds at least, in which cert-manager waits before it asks the CA.
  return until('a challenge is under way', { seconds: 120, everyMs: 50 }, async () => {
    return (await kubectl.list('challenges.acme.cert-manager.io', SHOP.namespace)).length > 0;
  });
}

async function orderStates({ kubectl }: Stage): Promise<string[]> {
  const orders = await kubectl.list('orders.acme.cert-manager.io', SHOP.namespace);
  return orders.map(({ status }) => status?.state ?? 'unknown');
}

async function onePod({ kubectl }: Stage, namespace: string, selector: string) {
  const [pod] = await kubectl.list('pods', namespace, selector);
  if (pod === undefined) throw new Error(`no pod in ${namespace}`);
  return pod;
}

function restarts({ status }: Manifest): number {
  return status.containerStatuses[0].restartCount;
}

/** Writes a key that is none into the Secret of the shop, and returns why that was refused, if it was. */
async function breakKey({ kubectl }: Stage, args: readonly string[] = []): Promise<string> {
  const broken = Buffer.from('-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n').toString('base64');
  const patch = JSON.stringify({ data: { 'tls.key': broken } });
  const command = ['patch', 'secret', SHOP.secret, '-n', SHOP.namespace, '--type=merge', '-p', patch, ...args];
  const { status, stderr } = await kubectl.run(command, { mayFail: true });
  // That it is no key is but a warning.
  return status === 0 ? '' : stderr;
}

async function serialOfShop({ client }: Stage): Promise<string | undefined> {
  return (await client.tls({ name: SHOP.host, address: HTTPS, path: '/' })).serial;
}

/** Waits until every instance serves the shop by another certificate than that with `serial`. */
async function shopHasAnother({ client, instances }: Stage, serial: string | undefined): Promise<void> {
  await until('another certificate is served by all', { seconds: 240, everyMs: 100 }, async () => {
    const addresses = await instances();
    const all = await Promise.all(addresses.map((address) => client.tls({ name: SHOP.host, address, path: '/' })));
    return all.length === 3 && all.every((seen) => seen.status === 200 && seen.serial !== serial);
  });
}

/** Declares a route and waits until three instances serve it: whoever does that has caught up. */
async function routeIsTaken({ kubectl, client, instances }: Stage, name: string): Promise<void> {
  const path = `/${name}`;
  const route = handwrittenRoute({ name, path });
  await until('the route is accepted', { seconds: 60 }, async () => (await kubectl.apply([route])).status === 0);
  await until(`${path} is served by all`, { seconds: 300, everyMs: 100 }, async () => {
    const addresses = await instances();
    const all = await Promise.all(addresses.map((address) => client.tls({ name: SHOP.host, address, path })));
    return all.length === 3 && all.every(({ body }) => body?.includes('shop/api'));
  });
  await kubectl.delete([route]);
}

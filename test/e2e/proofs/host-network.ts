import { EDGE, LABEL } from '../../../examples/host-network/main';
import { nodePlan, type PlanStep } from '../../../lib';
import { ADDRESSES } from '../lab/network';
import { sleep, until } from '../lab/wait';
import { backendObjects, labNamespace } from '../support/backends';
import type { LoadResult } from '../support/client';
import { NODES, tsigSecret } from '../support/environments';
import { OWN_ACME, ownAcmeObjects } from '../support/own-acme';
import { isReady, type Stage } from '../support/stage';
import { verify } from '../support/verify';
import { renew } from './renewed';

const NAMES = [1, 2, 3].map((index) => `node${index}`);
const HOST = 'shop.example.com';
const ZONE = 'example.com';
/** Of `traefik.nodeRecord`. */
const RECORD = 'traefik-nodes';
/** A little more than the time to live, as clocks are read at both ends. */
const FORGOTTEN_MS = NODES.ttlSeconds * 1000 + 500;

/** Traefik on the network of three nodes, with nothing in front but a name. */
export function hostNetwork(stage: () => Stage): void {
  test('the runbook: where each node has an ACME of its own, the challenge reaches the wrong node', async () => {
    const { lab, kubectl, client, figures } = stage();
    const objects = ownAcmeObjects(lab.acme, NODES.oldHost);
    for (const index of [1, 2, 3]) lab.dns.setAddress(ZONE, NODES.oldHost, ADDRESSES.node(index));
    try {
      await kubectl.apply(objects);
      await rolledOut(stage(), OWN_ACME.namespace);
      const certified = async () => {
        const seen = await Promise.all(
          nodeAddresses().map((address) => client.tls({ name: NODES.oldHost, address: `${address}:443` })),
        );
        return seen.filter(({ verified }) => verified).length;
      };
      // Refused, or issued: each node has had its answer.
      await until('every node has had its answer', { seconds: 60, everyMs: 1000 }, async () => {
        const logs = await Promise.all(
          (await instances(stage(), OWN_ACME.namespace)).map((pod) => logOf(stage(), pod)),
        );
        const refused = logs.filter((log) => /unable to obtain ACME certificate/i.test(log)).length;
        return refused + (await certified()) >= NAMES.length;
      });
      const count = await certified();
      figures.add({
        proof: 'Host network',
        what: 'the runbook: HTTP-01 by one ACME on each node, behind one name',
        served: `a certificate on ${count} of 3 nodes; the challenges of the others reached the wrong node`,
      });
      expect(count).toBeLessThan(NAMES.length);
    } finally {
      lab.dns.unsetAddress(ZONE, NODES.oldHost);
      await kubectl.delete(objects, ['--wait=true', '--timeout=60s']);
    }
  });

  test('three nodes, one name: its record holds them all, and each of them serves', async () => {
    const { kubectl, client } = stage();
    await deploy(stage());
    await recordIs(stage(), NAMES, 120);
    for (const host of [HOST, NODES.oldHost]) await servedByNodes(stage(), host, 180);
    // A route's own name leads to that of the nodes.
    expect((await client.dns(HOST, 'CNAME')).answers).toEqual([`${EDGE}.`]);
    expect(await kubectl.list('services', 'edge')).toMatchObject([{ spec: { type: 'ClusterIP', clusterIP: 'None' } }]);
    expect(await kubectl.list('deployments', 'edge')).toEqual([]);
  });

  test('what HTTP-01 certifies is on every node, whichever the challenge came to', async () => {
    const seen = await Promise.all(nodeAddresses().map((address) => serve(stage(), address, NODES.oldHost)));
    expect(new Set(seen.map(({ serial }) => serial)).size).toBe(1);
    expect(seen.map(({ dnsNames }) => dnsNames)).toEqual(NAMES.map(() => [NODES.oldHost]));
  });

  test('nobody but the node itself reaches ping and metrics', async () => {
    const { client } = stage();
    for (const port of [18080, 19100, 8080, 9100]) {
      const address = `${ADDRESSES.node(1)}:${port}`;
      expect(await client.tls({ name: '', address, path: '/ping', plain: true })).toMatchObject({ ok: false });
    }
  });

  test('20,000 requests while a certificate is renewed: none fails, no instance is restarted', async () => {
    const { client } = stage();
    const before = await instances(stage());
    const load = client.load({ url: `https://${HOST}/`, requests: 20_000, connections: 'new', rate: 400 });
    const watch = client.watch(HOST, nodeAddresses().map(https), 120);
    await sleep(1000);
    await renew(stage(), 'shop', 'web-tls');
    const { instances: watched } = await watch;
    const result = await load.finish();
    const changed = Object.values(watched).filter(({ changedAtMs }) => changedAtMs !== undefined);
    record(stage(), 'a certificate renewed on three nodes, under load on new connections', result, {
      served: `${changed.length} of 3 nodes serve the new one, none restarted`,
    });
    expectNoFailure(result, 20_000);
    expect(changed).toHaveLength(3);
    expect(await instances(stage())).toEqual(before);
  });

  test('a node is held back on the old certificate: verify names it, and waits until it has caught up', async () => {
    const { client, kubectl, lab, figures } = stage();
    const [manager] = await kubectl.list('pods', 'cert-manager', 'app=cert-manager');
    // Who renews must not be held back with it.
    const held = [3, 2].find((index) => manager?.spec.nodeName !== `node${index}`) as number;
    const others = [1, 2, 3].filter((index) => index !== held);
    const nodes = ['--nodes', nodeAddresses().join()];
    expect(await verify(lab, ...nodes, HOST)).toMatchObject({ status: 0 });
    const before = await serve(stage(), ADDRESSES.node(held), HOST);
    let watching: ReturnType<typeof verify> | undefined;
    let began = 0;
    lab.network.estrange(held, true);
    try {
      const watch = client.watch(HOST, others.map(ADDRESSES.node).map(https), 150);
      await renew(stage(), 'shop', 'web-tls');
      const { instances: watched } = await watch;
      expect(Object.values(watched).filter(({ changedAtMs }) => changedAtMs !== undefined)).toHaveLength(2);
      expect(await serve(stage(), ADDRESSES.node(held), HOST)).toMatchObject({ serial: before.serial });
      const { status, stdout } = await verify(lab, ...nodes, HOST);
      expect(status).toBe(2);
      const lines = stdout.split('\n').filter((line) => line.includes(' critical: '));
      expect(lines).toEqual([expect.stringContaining(ADDRESSES.node(held))]);
      watching = verify(lab, ...nodes, HOST, '--watch', '--interval', '1s', '--give-up', '2m');
      await sleep(3000);
      began = Date.now();
    } finally {
      lab.network.estrange(held, false);
    }
    expect(await watching).toMatchObject({ status: 0 });
    figures.add({
      proof: 'Host network',
      what: 'a node held back on the old certificate, and let go',
      time: `${((Date.now() - began) / 1000).toFixed(1)} s until verify --watch ended`,
      served: 'verify named the node, and ended with 2',
    });
    expect(await verify(lab, ...nodes, HOST)).toMatchObject({ status: 0 });
    // cert-manager's own check of a record takes a minute: until then the node was missed.
    await lab.nodesReady();
    await recordIs(stage(), NAMES, 120);
  });

  test('instances are replaced one after the other: each leaves DNS before it stops, and no request fails', async () => {
    const { client, kubectl } = stage();
    const before = await instances(stage());
    const began = Date.now();
    const load = client.load({ url: `https://${HOST}/`, requests: 1, connections: 'new', rate: 150, cache: true });
    await kubectl.run(['rollout', 'restart', 'daemonset/traefik', '-n', 'edge']);
    await rolledOut(stage(), 'edge', 400);
    await recordIs(stage(), NAMES, 60);
    const result = await load.finish();
    record(stage(), 'a rolling update of the DaemonSet', result, { time: `${seconds(began)} s in all` });
    expectNoFailure(result, 1000);
    const after = await instances(stage());
    expect(after.filter((pod) => before.includes(pod))).toEqual([]);
  });

  test('a node is replaced by the plan: no request of a client that honours the time to live fails', async () => {
    const { client, kubectl, lab } = stage();
    const steps = nodePlan({
      nodes: [2, 1, 3].map((index) => ({ name: `node${index}`, address: ADDRESSES.node(index) })),
      ...{ hosts: [HOST], ttlSeconds: NODES.ttlSeconds, isWatched: true },
    });
    const step = (kind: PlanStep['kind']) => steps.find((each) => each.kind === kind) as PlanStep;
    const run = async ({ commands }: PlanStep) => {
      for (const command of commands) {
        if (command.startsWith('kubectl ')) await kubectl.run(command.split(' ').slice(1));
        else {
          const [program, args] = command.split('traefik-ha verify ');
          expect([program, await verify(lab, ...(args ?? '').split(' '))]).toMatchObject(['npx ', { status: 0 }]);
        }
      }
    };
    expect(steps.filter(({ who }) => who === 'node2').map(({ kind }) => kind)).toEqual([
      'withdraw',
      'wait',
      'drain',
      'replace',
      'verify',
      'restore',
      'wait',
    ]);
    const load = client.load({ url: `https://${HOST}/`, requests: 1, connections: 'new', rate: 150, cache: true });
    const began = Date.now();
    let withdrawn = 0;
    try {
      await sleep(2000);
      await run(step('withdraw'));
      await recordIs(stage(), ['node1', 'node3'], 120);
      withdrawn = Date.now() - began - 2000;
      // The plan waits for as long as the servers of a zone may take, and here they are done.
      expect(withdrawn / 1000 + NODES.ttlSeconds).toBeLessThan(step('wait').waitSeconds as number);
      await sleep(FORGOTTEN_MS);
      await run(step('drain'));
      // Whoever still came to the node would notice.
      lab.network.cable(2, false);
      await sleep(10_000);
    } finally {
      lab.network.cable(2, true);
      await run(step('replace'));
      await servedByNodes(stage(), HOST, 60);
      await run(step('verify'));
      await run(step('restore'));
    }
    await recordIs(stage(), NAMES, 120);
    const result = await load.finish();
    record(stage(), 'a node withdrawn, drained, off for 10 s, and restored, by the plan', result, {
      time: `${(withdrawn / 1000).toFixed(1)} s from cordon until DNS was without it`,
    });
    expectNoFailure(result, 1000);
  });

  test('a node is lost, with external-dns on it: DNS is without it, and then no request fails', async () => {
    const { client, kubectl, lab } = stage();
    const [pod] = await kubectl.list('pods', 'records', 'app.kubernetes.io/component=external-dns');
    const name: string = pod?.spec.nodeName;
    const index = NAMES.indexOf(name) + 1;
    const began = Date.now();
    lab.network.cable(index, false);
    try {
      await until(
        `${name} is not Ready`,
        { seconds: 120 },
        async () => !isReady((await kubectl.get('node', name)).status),
      );
      const notReady = seconds(began);
      const { status, stdout } = await verify(lab, '--nodes', nodeAddresses().join(), HOST);
      expect([status, stdout]).toEqual([2, expect.stringMatching(new RegExp(`${ADDRESSES.node(index)} .*critical`))]);
      const others = NAMES.filter((each) => each !== name);
      await recordIs(stage(), others, 120);
      const gone = seconds(began);
      await sleep(FORGOTTEN_MS);
      const result = await client.ask({
        url: `https://${HOST}/`,
        requests: 2000,
        connections: 'new',
        rate: 200,
        cache: true,
      });
      record(stage(), `${name}, where external-dns ran, cut off`, result, {
        time: `${notReady} s until it was not Ready, ${gone} s until DNS was without it`,
      });
      expectNoFailure(result, 2000);
    } finally {
      lab.network.cable(index, true);
    }
    await lab.nodesReady();
    await recordIs(stage(), NAMES, 180);
  });

  test('where no node is left, the record stays as it was', async () => {
    const { kubectl } = stage();
    const saysSo = async () => {
      const pods = await kubectl.list('pods', 'records', 'app.kubernetes.io/component=rotater');
      const logs = await Promise.all(pods.map(({ metadata }) => logOf(stage(), metadata.name, 'records')));
      return logs.flatMap((log) => log.split('\n')).filter((line) => line.includes('NODE-01')).length;
    };
    const before = await saysSo();
    try {
      for (const name of NAMES) await kubectl.run(['cordon', name]);
      await until('the controller says so', { seconds: 60, everyMs: 500 }, async () => (await saysSo()) > before);
      expect((await announced(stage())).length).toBeGreaterThan(0);
    } finally {
      for (const name of NAMES) await kubectl.run(['uncordon', name]);
    }
    await recordIs(stage(), NAMES, 120);
  });

  test('a record of a former name goes', async () => {
    const { kubectl } = stage();
    const { metadata, spec, ...record } = await kubectl.get('dnsendpoint', RECORD, 'edge');
    const { labels, annotations } = metadata;
    const former = { ...record, metadata: { name: 'former', namespace: 'edge', labels, annotations }, spec };
    delete (former as { status?: unknown }).status;
    await kubectl.apply([former]);
    await until(
      'it is gone',
      { seconds: 30 },
      async () => (await kubectl.find('dnsendpoint', 'former', 'edge')) === undefined,
    );
  });

  test('it is taken away, and its records with it', async () => {
    const { client, kubectl, examples } = stage();
    await kubectl.run(['scale', 'deployment/nodes', '-n', 'records', '--replicas=0']);
    await kubectl.run(['delete', 'dnsendpoints', '--all', '--all-namespaces']);
    await until('DNS knows neither name', { seconds: 60 }, async () => {
      const asked = await Promise.all([HOST, EDGE].map((name) => client.dns(name, 'A')));
      return asked.every(({ answers }) => answers.length === 0);
    });
    await stage().remove(examples.hostNetwork.lab);
    for (const name of NAMES) await kubectl.run(['label', 'node', name, `${Object.keys(LABEL)[0]}-`]);
    expect(await kubectl.list('pods', 'edge')).toEqual([]);
  });
}

async function deploy(stage: Stage): Promise<void> {
  const { kubectl, lab, examples } = stage;
  const { lab: objects, backends } = examples.hostNetwork;
  for (const name of NAMES) {
    await kubectl.run(['label', 'node', name, ...Object.entries(LABEL).map(([key, value]) => `${key}=${value}`)]);
  }
  await kubectl.apply([labNamespace('cert-manager'), ...objects.filter(({ kind }) => kind === 'Namespace')]);
  await kubectl.apply(['cert-manager', 'records'].map((namespace) => tsigSecret(lab, namespace)));
  await kubectl.apply(objects);
  await kubectl.apply(backends.flatMap(backendObjects));
  await rolledOut(stage, 'edge');
}

async function rolledOut({ kubectl }: Stage, namespace: string, within = 180): Promise<void> {
  await kubectl.run(['rollout', 'status', 'daemonset/traefik', '-n', namespace, `--timeout=${within}s`]);
}

/** The instances by name, and how often each was restarted. */
async function instances({ kubectl }: Stage, namespace = 'edge'): Promise<string[]> {
  const pods = await kubectl.list('pods', namespace, namespace === 'edge' ? 'app.kubernetes.io/component=traefik' : '');
  const restarts = (status: { containerStatuses?: { restartCount: number }[] }) =>
    status.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
  return pods.map(({ metadata, status }) => `${metadata.name} ${restarts(status)}`).sort();
}

async function logOf({ kubectl }: Stage, pod: string, namespace: string = OWN_ACME.namespace): Promise<string> {
  const { stdout } = await kubectl.run(['logs', pod.split(' ')[0] ?? '', '-n', namespace], { mayFail: true });
  return stdout;
}

function nodeAddresses(): string[] {
  return [1, 2, 3].map(ADDRESSES.node);
}

function https(address: string): string {
  return `${address}:443`;
}

function serve({ client }: Stage, address: string, host: string) {
  return client.tls({ name: host, address: https(address), path: '/' });
}

/** Waits until every node serves a certificate that clients trust under `host`, and answers. */
async function servedByNodes(stage: Stage, host: string, within: number): Promise<void> {
  await until(`${host} is served by every node`, { seconds: within, everyMs: 1000 }, async () => {
    const seen = await Promise.all(nodeAddresses().map((address) => serve(stage, address, host)));
    const bad = seen.find(({ status, verified }) => status !== 200 || !verified);
    if (bad !== undefined) throw new Error(JSON.stringify(bad));
    return true;
  });
}

/** The addresses that DNS has for the name of all nodes. */
async function announced({ client }: Stage): Promise<readonly string[]> {
  return [...(await client.dns(EDGE, 'A')).answers].sort();
}

/** Waits until DNS leads to these nodes, and to no other. */
async function recordIs(stage: Stage, names: readonly string[], within: number): Promise<void> {
  const wanted = names.map((name) => ADDRESSES.node(NAMES.indexOf(name) + 1)).sort();
  await until(`DNS leads to ${names.join(', ')}`, { seconds: within, everyMs: 200 }, async () => {
    const seen = await announced(stage);
    if (seen.join() !== wanted.join()) throw new Error(seen.join(', '));
    return true;
  });
}

function seconds(sinceMs: number): number {
  return Math.round((Date.now() - sinceMs) / 1000);
}

function record(
  { figures }: Stage,
  what: string,
  { failed, requests }: LoadResult,
  seen: { readonly time?: string; readonly served?: string },
): void {
  figures.add({ proof: 'Host network', what, failed: `${failed} of ${requests}`, ...seen });
}

function expectNoFailure(result: LoadResult, atLeast: number): void {
  expect(result).toMatchObject({ failed: 0, failures: [] });
  expect(result.requests).toBeGreaterThanOrEqual(atLeast);
}

import type { App } from 'cdk8s';
import { sleep } from '../lab/wait';
import type { LoadResult } from '../support/client';
import type { SwarmEdge } from '../support/swarm-edge';

/*
 * What holds for both examples of the swarm: what they write is taken, a domain is added, a certificate is renewed, and
 * Traefik is replaced.
 */

type Program = (app: App) => void;

/** Docker reads what the program writes and has nothing to say to it; then all of it runs. */
export async function taken(edge: SwarmEdge, program: Program): Promise<void> {
  for (const file of edge.write(program).values()) {
    expect(await edge.stage.lab.config(file)).toMatchObject({ status: 0, stderr: '' });
  }
  await edge.converge(program);
  expect((await edge.traefiks()).map((each) => each.split(' ')[0])).toEqual(['node1', 'node2', 'node3']);
}

/** The names in the one certificate that all machines serve under `host`, to clients that trust it and get an answer. */
export async function namesServed(edge: SwarmEdge, host: string, path = '/'): Promise<readonly string[]> {
  await edge.stage.servedByAll(host, path);
  const seen = await edge.stage.seenOnAll(host, path);
  expect(seen).toHaveLength(3);
  for (const each of seen)
    expect(each).toMatchObject({ ok: true, verified: true, status: 200, serial: seen[0]?.serial });
  return [...(seen[0]?.dnsNames ?? [])].sort();
}

/** A domain is added by deploying `program`; nothing is served under its name before. */
export async function domainAdded(edge: SwarmEdge, host: string, program: Program): Promise<void> {
  const { stage } = edge;
  const before = await edge.traefiks();
  expect(before).toHaveLength(3);
  for (const { status } of await stage.seenOnAll(host)) expect(status).not.toBe(200);
  const began = Date.now();
  await edge.deploy(program);
  expect(await namesServed(edge, host)).toEqual([host]);
  const took = Date.now() - began;
  expect(await edge.traefiks()).toEqual(before);
  stage.figures.add({
    proof: edge.proof,
    what: 'a domain added',
    time: `${seconds(took)} from docker stack deploy until three machines serve it`,
    served: 'a certificate of its own; no task of Traefik replaced or restarted',
  });
}

/** The renewer renews a certificate, because a third of its lifetime is left, while clients connect to all machines. */
export async function renewedUnderLoad(
  edge: SwarmEdge,
  { host, certificate, within }: { host: string; certificate: string; within: number },
): Promise<void> {
  const { client, figures } = edge.stage;
  const dial = edge.stage.ports(443);
  const before = await edge.traefiks();
  const load = client.load({ url: `https://${host}/`, requests: 20_000, connections: 'new', rate: 400, dial });
  const { instances } = await client.watch(host, dial, 150, '50ms');
  const result = await load.finish();
  const changed = Object.values(instances).map(({ changedAtMs }) => changedAtMs ?? Number.POSITIVE_INFINITY);
  const longest = Math.max(...changed) - (await edge.publishedAt(certificate, Math.max(...changed)));
  figures.add({
    proof: edge.proof,
    what: 'a certificate renewed, under load on new connections',
    failed: `${result.failed} of ${result.requests}`,
    time: `${seconds(longest)} from its publication to the last of ${changed.length} machines`,
    served: `${Object.keys(result.serials).length} certificates`,
  });
  expect(await edge.failures()).toEqual([]);
  expect(result).toMatchObject({ failed: 0, failures: [] });
  expect(result.requests).toBeGreaterThanOrEqual(20_000);
  expect(Object.keys(result.serials).length).toBeGreaterThanOrEqual(2);
  expect(changed).toHaveLength(3);
  expect(new Set(Object.values(instances).map(({ last }) => last)).size).toBe(1);
  expect(longest).toBeLessThan(within * 1000);
  expect(await edge.traefiks()).toEqual(before);
}

/** All machines are asked while `program`, which says something else to Traefik, is deployed. */
export async function rolledUnderLoad(edge: SwarmEdge, host: string, program: Program): Promise<void> {
  const { client, figures } = edge.stage;
  const before = await edge.traefiks();
  const dial = edge.stage.ports(443);
  const common = { url: `https://${host}/`, requests: 1, connections: 'new', timeout: '2s' } as const;
  const began = Date.now();
  const each = dial.map((address) => client.load({ ...common, rate: 50, dial: [address] }));
  const spread = [
    client.load({ ...common, rate: 100, dial, repeat: true }),
    client.load({ ...common, rate: 100, dial, repeat: true, connections: 'kept', workers: 32 }),
  ];
  await sleep(2000);
  await edge.deploy(program);
  await edge.replaced(before, 180);
  await sleep(2000);
  const took = Date.now() - began;
  const machines = await Promise.all(each.map((load) => load.finish()));
  const [fresh, kept] = (await Promise.all(spread.map((load) => load.finish()))) as [LoadResult, LoadResult];
  const outages = machines.map((machine) => machine.outages);
  const longest = Math.max(0, ...outages.flat().map(({ fromMs, toMs }) => toMs - fromMs));
  figures.add({
    proof: edge.proof,
    what: 'Traefik replaced on each machine, one after the other',
    failed: `${fresh.failed + kept.failed} of ${fresh.requests + kept.requests} of clients that try the next machine; ${sum(machines, 'failed')} of ${sum(machines, 'requests')} of those that don't`,
    time: `${seconds(took)} in all; ${seconds(longest)} at most without an answer from one machine`,
    served: `${fresh.repeats + kept.repeats} requests repeated, ${kept.resets} kept connections reset`,
  });
  expect(await edge.failures()).toEqual([]);
  expect(overlapping(outages)).toEqual([]);
  for (const load of [fresh, kept]) expect(load).toMatchObject({ failed: 0, failures: [] });
}

/** The times at which two machines gave no answer. */
function overlapping(outages: readonly LoadResult['outages'][]): object[] {
  const all = outages.flatMap((ofOne, machine) => ofOne.map(({ fromMs, toMs }) => ({ machine, fromMs, toMs })));
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter(({ machine, fromMs, toMs }) => machine !== one.machine && fromMs <= one.toMs && one.fromMs <= toMs)
      .map((other) => ({ one, other })),
  );
}

function sum(loads: readonly LoadResult[], what: 'failed' | 'requests'): number {
  return loads.reduce((total, load) => total + load[what], 0);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

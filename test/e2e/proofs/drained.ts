import { sleep } from '../lab/wait';
import type { LoadResult } from '../support/client';
import type { Stage } from '../support/stage';

const URL = 'https://shop.example.com/';
const REQUESTS = 20_000;

/** Instances are replaced, and a node is drained, while clients ask through the Service. */
export function drained(stage: () => Stage): void {
  test('a rolling update: no request fails', async () => {
    const { fresh, kept, fewest, seconds } = await underLoad(stage(), () => rollout(stage()));
    record(stage(), 'a rolling update', fresh, kept, seconds);
    expectNoFailure(fresh, kept);
    expect(fewest).toBeGreaterThanOrEqual(3);
  });

  test('a node is drained: no request fails, and the budget holds', async () => {
    const { kubectl } = stage();
    const { fresh, kept, fewest, seconds } = await underLoad(stage(), async () => {
      await kubectl.run(['drain', 'node2', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s']);
    });
    record(stage(), 'kubectl drain of a node', fresh, kept, seconds);
    await kubectl.run(['uncordon', 'node2']);
    expectNoFailure(fresh, kept);
    expect(fewest).toBeGreaterThanOrEqual(2);
    await stage().traefikReady();
  });

  test('with our settings taken away, requests do fail', async () => {
    const { kubectl, examples } = stage();
    const container = '/spec/template/spec/containers/0';
    const taken = ['lifecycle', 'readinessProbe', 'startupProbe'].map((field) => ({
      op: 'remove',
      path: `${container}/${field}`,
    }));
    const hurried = { op: 'replace', path: '/spec/minReadySeconds', value: 0 };
    const patch = JSON.stringify([...taken, hurried]);
    await kubectl.run(['patch', 'deployment', 'traefik', '-n', 'edge', '--type=json', '-p', patch]);
    await stage().traefikReady();
    await settled(stage());
    const { fresh, kept, seconds } = await underLoad(stage(), () => rollout(stage()));
    record(stage(), 'a rolling update without our preStop and probes', fresh, kept, seconds);
    await kubectl.apply(examples.fullStack.lab, ['--force-conflicts']);
    await stage().traefikReady();
    await settled(stage());
    expect(fresh.failed + kept.failed).toBeGreaterThan(0);
  });
}

async function rollout(stage: Stage): Promise<void> {
  await stage.kubectl.run(['rollout', 'restart', 'deployment/traefik', '-n', 'edge']);
  await stage.traefikReady(300);
  await settled(stage);
}

/** Waits until no instance that leaves is left. */
async function settled({ kubectl }: Stage): Promise<void> {
  const terminating = async () =>
    (await kubectl.list('pods', 'edge')).some(({ metadata }) => metadata.deletionTimestamp !== undefined);
  while (await terminating()) await sleep(500);
}

/** Acts while clients ask on new connections and on kept ones; counts the instances that are ready meanwhile. */
async function underLoad(stage: Stage, act: () => Promise<void>) {
  const began = Date.now();
  const common = { url: URL, requests: REQUESTS };
  const loads = [
    stage.client.load({ ...common, connections: 'new', rate: 300 }),
    stage.client.load({ ...common, connections: 'kept', rate: 300 }),
  ];
  let fewest = Number.POSITIVE_INFINITY;
  let acting = true;
  const counting = (async () => {
    while (acting) {
      const { status } = await stage.kubectl.get('poddisruptionbudget', 'traefik', 'edge');
      fewest = Math.min(fewest, status.currentHealthy);
      await sleep(300);
    }
  })();
  await sleep(2000);
  try {
    await act();
  } finally {
    acting = false;
    await counting;
  }
  const seconds = (Date.now() - began) / 1000;
  const [fresh, kept] = (await Promise.all(loads.map((load) => load.finish()))) as [LoadResult, LoadResult];
  return { fresh, kept, fewest, seconds };
}

function record({ figures }: Stage, what: string, fresh: LoadResult, kept: LoadResult, seconds: number): void {
  figures.add({
    proof: 'Rolled and drained',
    what,
    failed: `${fresh.failed} of ${fresh.requests} on new connections, ${kept.failed} of ${kept.requests} on kept ones`,
    time: `${Math.round(seconds)} s in all`,
    served: `${kept.resets} kept connections reset, their requests repeated`,
  });
}

function expectNoFailure(fresh: LoadResult, kept: LoadResult): void {
  for (const load of [fresh, kept]) {
    expect(load).toMatchObject({ failed: 0, failures: [] });
    expect(load.requests).toBeGreaterThanOrEqual(REQUESTS);
  }
}

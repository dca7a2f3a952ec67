import { sleep, until } from '../lab/wait';
import type { LoadResult } from '../support/client';
import { SHOP } from '../support/routes';
import type { Stage } from '../support/stage';

const REQUESTS = 20_000;

/** Instances are replaced, and a node is drained, while clients ask through the Service. */
export function drained(stage: () => Stage): void {
  test('a rolling update: no request fails', async () => {
    const { fresh, kept, fewest, seconds } = await underLoad(stage(), () => rollout(stage()));
    record(stage(), 'a rolling update', fresh, kept, seconds);
    expectNoFailure(fresh, kept);
    expect(fewest).toBeGreaterThanOrEqual(3);
  });

  test('a node is drained: no request fails', async () => {
    const { kubectl } = stage();
    try {
      const { fresh, kept, fewest, seconds } = await underLoad(stage(), async () => {
        await kubectl.run(['drain', 'node2', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s']);
      });
      record(stage(), 'kubectl drain of a node', fresh, kept, seconds);
      expectNoFailure(fresh, kept);
      expect(fewest).toBeGreaterThanOrEqual(2);
    } finally {
      await kubectl.run(['uncordon', 'node2']);
      await threeReady(stage());
    }
  });

  test('the budget: of two instances that are to be evicted at once, the second stays', async () => {
    const { kubectl } = stage();
    const [first, second] = await kubectl.list('pods', 'edge', 'app.kubernetes.io/component=traefik');
    expect(await evict(stage(), first?.metadata.name ?? '')).toBe('');
    expect(await evict(stage(), second?.metadata.name ?? '')).toContain("would violate the pod's disruption budget");
    await threeReady(stage());
  });

  test('with our settings taken away, requests do fail', async () => {
    const { kubectl, examples } = stage();
    const container = '/spec/template/spec/containers/0';
    // What the official chart has: no sleep before the end, and probes every ten seconds.
    const patch = JSON.stringify([
      { op: 'remove', path: `${container}/lifecycle` },
      { op: 'replace', path: `${container}/readinessProbe/periodSeconds`, value: 10 },
      { op: 'replace', path: '/spec/minReadySeconds', value: 0 },
    ]);
    try {
      await kubectl.run(['patch', 'deployment', 'traefik', '-n', 'edge', '--type=json', '-p', patch]);
      await stage().traefikReady();
      await settled(stage());
      const { fresh, kept, seconds } = await underLoad(stage(), () => rollout(stage()));
      record(stage(), 'a rolling update without our preStop and probes', fresh, kept, seconds);
      expect(fresh.failed + kept.failed).toBeGreaterThan(0);
    } finally {
      await kubectl.apply(examples.fullStack.lab, ['--force-conflicts']);
      await stage().traefikReady();
      await settled(stage());
    }
  });
}

/** Asks for the eviction of a pod, as a drain does, and returns why it was refused, if it was. */
async function evict({ kubectl }: Stage, name: string): Promise<string> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'edge' } };
  const path = `/api/v1/namespaces/edge/pods/${name}/eviction`;
  const input = JSON.stringify(eviction);
  return (await kubectl.run(['create', '--raw', path, '-f', '-'], { input, mayFail: true })).stderr;
}

async function threeReady(stage: Stage): Promise<void> {
  await until('three instances are ready', { seconds: 180 }, async () => (await stage.instances()).length === 3);
  await settled(stage);
}

async function rollout(stage: Stage): Promise<void> {
  await stage.kubectl.run(['rollout', 'restart', 'deployment/traefik', '-n', 'edge']);
  await stage.traefikReady(300);
  await settled(stage);
}

/** Waits until no instance that leaves is left. */
async function settled({ kubectl }: Stage): Promise<void> {
  await until('no pod is leaving', { seconds: 180, everyMs: 500 }, async () =>
    (await kubectl.list('pods', 'edge')).every(({ metadata }) => metadata.deletionTimestamp === undefined),
  );
}

/** Acts while clients ask on new connections and on kept ones; counts the instances that are ready meanwhile. */
async function underLoad(stage: Stage, act: () => Promise<void>) {
  const began = Date.now();
  const common = { url: SHOP.url, requests: REQUESTS };
  const loads = [
    stage.client.load({ ...common, connections: 'new', rate: 300 }),
    // So many that some are closed just when they are used.
    stage.client.load({ ...common, connections: 'kept', rate: 300, workers: 64 }),
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

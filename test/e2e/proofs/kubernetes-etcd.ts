import { until } from '../lab/wait';
import { backendObjects, labNamespace } from '../support/backends';
import { ETCD, etcdObjects } from '../support/etcd';
import { HTTPS, type Stage } from '../support/stage';
import { deploy } from './accepted';
import { renew, renewedAfter } from './renewed';

const HOST = 'shop.example.com';

/** kubernetes-etcd: routes by the seed, a certificate by the publisher, both from a real etcd. */
export function kubernetesEtcd(stage: () => Stage): void {
  const example = () => stage().examples.kubernetesEtcd;

  test('the seed waits for etcd, and three instances serve its route with the published certificate', async () => {
    const { kubectl, figures } = stage();
    await kubectl.apply([labNamespace(ETCD.namespace)]);
    const began = Date.now();
    await deploy(stage(), example(), shopObjects());
    await until('the seed has tried in vain', { seconds: 60 }, async () => {
      return (await logsOf(stage(), 'component=kv-seed')).includes('event=store-failed');
    });
    await kubectl.apply(etcdObjects());
    await until('the seed is done', { seconds: 120 }, async () => (await seedJob(stage())).status.succeeded === 1);
    await stage().servedByAll(HOST, '/', 240);
    const seen = await stage().client.tls({ name: HOST, address: HTTPS, path: '/' });
    expect(seen).toMatchObject({ verified: true, dnsNames: [HOST], status: 200 });
    figures.add({
      proof: 'kubernetes-etcd',
      what: 'deployed before its etcd',
      time: `${seconds(began)} s until three instances serve the route with its certificate`,
    });
  });

  test('a renewal reaches every instance by etcd, while clients connect', async () => {
    const { client, figures, kubectl } = stage();
    const before = (await kubectl.get('certificate', 'shop', 'edge')).status.revision as number;
    const load = client.load({
      ...{ url: `https://${HOST}/`, dial: [HTTPS] },
      ...{ requests: 20_000, connections: 'new', rate: 250 },
    });
    const began = Date.now();
    const watch = client.watch(HOST, await stage().instances(), 150);
    await renew(stage(), 'edge', 'shop');
    await renewedAfter(stage(), 'edge', 'shop', before, 90);
    const { instances } = await watch;
    const changed = Object.values(instances).map(({ changedAtMs }) => changedAtMs ?? Number.POSITIVE_INFINITY);
    const result = await load.finish();
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(result.requests).toBeGreaterThanOrEqual(20_000);
    expect(Object.keys(result.serials)).toHaveLength(2);
    expect(changed).toHaveLength(3);
    const last = Math.round((Math.max(...changed) - began) / 1000);
    expect(last).toBeLessThan(150);
    figures.add({
      proof: 'kubernetes-etcd',
      what: 'a certificate renewed, under load on new connections',
      failed: `${result.failed} of ${result.requests}`,
      time: `${last} s from the order to the last of three instances`,
    });
  });

  test('etcd away: what was read last is served; wiped: the next seed and the publisher fill it again', async () => {
    const { client, figures, kubectl } = stage();
    const answered = async () => (await client.tls({ name: HOST, address: HTTPS, path: '/' })).status;
    await kubectl.run(['scale', 'deployment/etcd', '-n', ETCD.namespace, '--replicas=0']);
    await until('etcd is gone', { seconds: 60 }, async () => (await kubectl.list('pods', ETCD.namespace)).length === 0);
    for (let times = 0; times < 20; times++) expect(await answered()).toBe(200);
    const began = Date.now();
    await kubectl.run(['scale', 'deployment/etcd', '-n', ETCD.namespace, '--replicas=1']);
    const { metadata } = await seedJob(stage());
    await kubectl.run(['delete', 'job', metadata.name, '-n', 'edge']);
    await kubectl.apply(example().lab.filter(({ kind }) => kind === 'Job'));
    await until('the seed is done', { seconds: 120 }, async () => (await seedJob(stage())).status.succeeded === 1);
    await stage().servedByAll(HOST, '/', 400);
    figures.add({
      proof: 'kubernetes-etcd',
      what: 'etcd away, then back with nothing in it',
      time: `${seconds(began)} s until every instance serves the route with its certificate`,
    });
  });

  test('an unchanged program runs nothing; what its pods say holds no key', async () => {
    const { kubectl } = stage();
    const before = (await seedJob(stage())).metadata.uid;
    await kubectl.apply(example().lab);
    expect((await seedJob(stage())).metadata.uid).toBe(before);
    const said = await logsOf(stage(), 'component in (kv-seed,kv-publisher)');
    expect(said).toMatch(/event=seeded/);
    expect(said).toMatch(/event=published/);
    expect(said).not.toContain('PRIVATE KEY');
  });

  test('it is taken away', async () => {
    const { kubectl } = stage();
    await stage().remove(example().lab);
    await kubectl.delete([labNamespace(ETCD.namespace), labNamespace('outside')]);
    expect(await kubectl.list('pods', 'edge')).toEqual([]);
  });
}

/** The shop is outside of what the example declares, at an address. */
function shopObjects(): object[] {
  const [address, port] = ETCD.shop.split(':');
  const objects = backendObjects({ namespace: 'outside', name: 'shop', port: Number(port) }) as {
    kind: string;
    spec: object;
  }[];
  return [
    labNamespace('outside'),
    ...objects.map((object) =>
      object.kind === 'Service' ? { ...object, spec: { ...object.spec, clusterIP: address } } : object,
    ),
  ];
}

async function seedJob({ kubectl }: Stage) {
  const [job] = await kubectl.list('jobs', 'edge', 'app.kubernetes.io/component=kv-seed');
  if (job === undefined) throw new Error('no seed');
  return job;
}

async function logsOf({ kubectl }: Stage, selector: string): Promise<string> {
  const label = `app.kubernetes.io/${selector}`;
  const { stdout } = await kubectl.run(['logs', '-n', 'edge', '-l', label, '--tail=-1', '--prefix']);
  return stdout;
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

import { ClusterApi } from '../../../lib/rotater/live/cluster-api';
import { Controller } from '../../../lib/rotater/live/controller';
import type { RouteProblem } from '../../../lib/rotater/live/reconcile';
import { settingsOf } from '../../support/derive';
import { BOTH, ingressRoute } from '../support';
import { expired, hangUp, refusing, TroubledServer } from './troubled-server';

const CERTIFICATES = '/apis/cert-manager.io/v1/certificates';
const ENDPOINTS = '/apis/externaldns.k8s.io/v1alpha1/dnsendpoints';
const EVENTS = '/apis/events.k8s.io/v1/events';
const routePath = (name: string) => `/apis/traefik.io/v1alpha1/namespaces/shop/ingressroutes/${name}`;

let server: TroubledServer;
let controller: Controller;
let running: Promise<void>;
const log: string[] = [];

beforeEach(async () => {
  log.length = 0;
  server = new TroubledServer();
  const url = await server.start();
  const api = new ClusterApi({ server: url, options: async () => ({}) });
  controller = new Controller(
    api,
    { name: 'test', settings: settingsOf(BOTH) },
    {
      reconciled: () => {},
      wrote: (action, identity) => void log.push(`${action} ${identity}`),
      failed: (action, identity) => void log.push(`failed ${action} ${identity}`),
      problem: ({ problem }) => void log.push(problem.code),
      broken: (error) => void log.push(`fault ${error}`),
      watchBroken: ({ kind }) => void log.push(`broken ${kind}`),
    },
    'here',
  );
});

afterEach(async () => {
  controller.stop();
  await running;
  server.stop();
});

const run = () => {
  running = controller.run();
};
const add = (...names: string[]) => {
  for (const name of names) {
    const route = ingressRoute({ name, match: `Host(\`${name}.example.com\`)`, tls: { secretName: name } });
    server.put(routePath(name), route);
  }
};
async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${log.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const derived = () => [...server.namesIn(CERTIFICATES), ...server.namesIn(ENDPOINTS)];

test('routes of several pages, new ones, and those that go', async () => {
  add('a', 'b', 'c', 'd', 'e');
  run();
  await until(() => derived().length === 10);
  expect(controller.isReady).toBe(true);
  add('f');
  await until(() => derived().length === 12);
  server.put(routePath('f'), ingressRoute({ name: 'f', match: 'PathPrefix(`/`)', tls: {} }));
  await until(() => derived().length === 10);
  expect(derived()).not.toContain('f');
});

test('nothing is written before everything was seen, and nothing when nothing changed', async () => {
  add('a');
  run();
  await until(() => derived().length === 2);
  const writes = server.seen.filter((each) => /^(PATCH|DELETE|POST)/.test(each)).length;
  server.put(
    routePath('a'),
    ingressRoute({ name: 'a', match: 'Host(`a.example.com`)', tls: { secretName: 'a' }, labels: { some: 'label' } }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.seen.filter((each) => /^(PATCH|DELETE|POST)/.test(each))).toHaveLength(writes);
  const lists = server.seen.indexOf(`GET ${ENDPOINTS}`);
  expect(server.seen.findIndex((each) => each.startsWith('PATCH'))).toBeGreaterThan(lists);
});

test.each([
  ['throttled', refusing(429)],
  ['in conflict', refusing(409)],
  ['failed', refusing(500)],
  ['cut', hangUp],
])('a write that is %s is done again', async (_, answer) => {
  add('a', 'b');
  server.troubles.push({ matching: /^PATCH .*certificates/, answer }, { matching: /^PATCH .*dnsendpoints/, answer });
  run();
  await until(() => derived().length === 4);
  expect(log.filter((line) => line.startsWith('failed apply'))).toHaveLength(2);
});

test('what is refused for good is said on the route, and does not make others wait', async () => {
  add('a');
  const refuse = () => server.troubles.push({ matching: /^PATCH .*certificates\/a-tls/, answer: refusing(422) });
  for (let time = 0; time < 50; time += 1) refuse();
  run();
  await until(() => log.includes('ROUTE-17'));
  expect(server.namesIn(EVENTS)).toHaveLength(1);
  for (let index = 0; index < 20; index += 1) add(`b${index}`);
  await until(() => derived().length === 41);
  // However much changes around it, it is tried at its own pace.
  expect(server.seen.filter((each) => /^PATCH .*certificates\/a-tls/.test(each)).length).toBeLessThan(6);
});

test('somebody else who makes an object at the same time keeps it', async () => {
  run();
  await until(() => controller.isReady);
  // The watch of Certificates is silent; in the meantime somebody made one of the name.
  server.silence(CERTIFICATES);
  const theirs = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'a-tls', namespace: 'shop' },
    spec: { secretName: 'theirs' },
  };
  server.put('/apis/cert-manager.io/v1/namespaces/shop/certificates/a-tls', theirs);
  add('a');
  await until(() => log.some((line) => line.startsWith('failed apply Certificate')));
  expect(server.get('/apis/cert-manager.io/v1/namespaces/shop/certificates/a-tls')?.spec).toEqual(theirs.spec);
});

test('an object that was deleted while nobody watched is made again', async () => {
  add('a');
  run();
  await until(() => derived().length === 2);
  server.silence(CERTIFICATES);
  server.delete('/apis/cert-manager.io/v1/namespaces/shop/certificates/a-tls');
  server.troubles.push({ matching: /^WATCH .*certificates$/, answer: refusing(410) });
  server.dropWatches();
  await until(() => derived().length === 2);
});

test('writes that hang do not keep it from ending, and hold up nobody', async () => {
  add('a');
  server.troubles.push({ matching: /^PATCH .*certificates/, answer: () => {} });
  run();
  await until(() => server.seen.some((each) => /^PATCH .*certificates/.test(each)));
  const began = Date.now();
  controller.stop();
  await running;
  expect(Date.now() - began).toBeLessThan(4500);
});

test('a watch that ends at once, again and again, is not taken up at once', async () => {
  add('a');
  for (let time = 0; time < 1000; time += 1) {
    server.troubles.push({ matching: /^WATCH .*ingressroutes$/, answer: (_, response) => void response.end() });
  }
  run();
  await until(() => derived().length === 2);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(server.seen.filter((each) => /^WATCH .*ingressroutes$/.test(each)).length).toBeLessThan(8);
  expect(log).toContain('broken IngressRoute');
});

test('two of different settings under one name do not write for ever', async () => {
  for (let index = 0; index < 5; index += 1) add(`r${index}`);
  run();
  const url = server.url;
  const raw = { ...BOTH, certificates: { issuer: 'another' } };
  const silent = { reconciled() {}, wrote() {}, failed() {}, problem() {}, watchBroken() {}, broken() {} };
  const api = new ClusterApi({ server: url, options: async () => ({}) });
  const other = new Controller(api, { name: 'test', settings: settingsOf(raw) }, silent, 'there');
  const both = other.run();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  other.stop();
  await both;
  expect(server.seen.filter((each) => each.startsWith('PATCH')).length).toBeLessThan(120);
});

test('an object of a namespace that is going is not asked for again', async () => {
  add('a');
  server.troubles.push({ matching: /^PATCH .*certificates/, answer: refusing(403, ['NamespaceTerminating']) });
  run();
  await until(() => derived().length === 1);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(log.filter((line) => line.startsWith('failed'))).toEqual([]);
});

test.each([
  ['expired within the stream', expired],
  ['expired', refusing(410)],
  ['refused', refusing(503)],
  ['cut', hangUp],
])('a watch that is %s is taken up again, and nothing is missed', async (_, answer) => {
  add('a');
  server.troubles.push({ matching: /^WATCH .*ingressroutes$/, answer });
  run();
  await until(() => derived().length === 2);
  add('b');
  await until(() => derived().length === 4);
});

test('a list that fails, and watches that end at once', async () => {
  add('a');
  server.troubles.push({ matching: /^GET .*certificates/, answer: refusing(500) });
  run();
  await until(() => derived().length === 2);
  expect(log).toContain('broken Certificate');
  server.dropWatches();
  // What went while nobody watched is found by the list.
  server.troubles.push(
    ...['ingressroutes', 'certificates', 'dnsendpoints'].map((plural) => ({
      matching: new RegExp(`^WATCH .*/${plural}$`),
      answer: refusing(410),
    })),
  );
  server.delete(routePath('a'));
  await until(() => derived().length === 0);
});

test('a problem is said once, as an Event on the route', async () => {
  server.put(routePath('wrong'), ingressRoute({ name: 'wrong', match: 'Hst(`x`)' }));
  run();
  await until(() => server.namesIn(EVENTS).length === 1);
  add('a');
  await until(() => derived().length === 2);
  expect(server.seen.filter((each) => each.startsWith('POST'))).toHaveLength(1);
  expect(log).toContain('RULE-02');
});

test('told to stop, it ends what is under way, and no more', async () => {
  run();
  await until(() => controller.isReady);
  const began = Date.now();
  controller.stop();
  await running;
  expect(Date.now() - began).toBeLessThan(1000);
});

describe('the record of nodes', () => {
  const NODES = '/api/v1/nodes';
  const SLICES = '/apis/discovery.k8s.io/v1/namespaces/edge/endpointslices';
  const RECORD = '/apis/externaldns.k8s.io/v1alpha1/namespaces/edge/dnsendpoints/traefik-nodes';
  const node = (index: number, { ready = 'True', heartbeat = '1', unschedulable = false } = {}) =>
    server.put(`${NODES}/node${index}`, {
      metadata: { name: `node${index}` },
      spec: { unschedulable },
      status: {
        addresses: [{ type: 'ExternalIP', address: `203.0.113.${index}` }],
        conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: heartbeat }],
        images: [{ names: ['of no interest'] }],
      },
    });
  const serving = (...names: string[]) =>
    server.put(`${SLICES}/traefik-1`, {
      metadata: { name: 'traefik-1', namespace: 'edge' },
      endpoints: names.map((nodeName) => ({ nodeName, conditions: { ready: true } })),
    });
  const targets = () => {
    const { endpoints = [] } = (server.get(RECORD)?.spec ?? {}) as { endpoints?: { targets: string[] }[] };
    return endpoints.flatMap((endpoint) => endpoint.targets).join();
  };
  const keep = () => {
    const api = new ClusterApi({ server: server.url, options: async () => ({}) });
    const settings = settingsOf({
      nodes: {
        endpoint: 'edge/traefik-nodes',
        hostName: 'edge.example.com',
        labels: { 'example.com/edge': 'true' },
        service: 'edge/traefik',
      },
    });
    const quiet = { reconciled: () => {}, wrote: () => {}, failed: () => {}, broken: () => {}, watchBroken: () => {} };
    const problem = ({ problem: { code } }: RouteProblem) => void log.push(code);
    controller = new Controller(api, { name: 'test', settings }, { ...quiet, problem }, 'here');
    run();
  };

  test('follows nodes and what answers on them; heartbeats are no news', async () => {
    node(1);
    node(2);
    serving('node1', 'node2');
    keep();
    await until(() => targets() === '203.0.113.1,203.0.113.2');
    // Nothing of routes is asked for.
    expect(server.seen.filter((each) => /ingressroute|certificates/.test(each))).toEqual([]);
    node(2, { unschedulable: true });
    await until(() => targets() === '203.0.113.1');
    node(2);
    await until(() => targets() === '203.0.113.1,203.0.113.2');
    serving('node2');
    await until(() => targets() === '203.0.113.2');
    const writes = () => server.seen.filter((each) => each.startsWith('PATCH')).length;
    const before = writes();
    node(2, { heartbeat: '2' });
    node(3);
    serving('node2', 'node3');
    await until(() => targets() === '203.0.113.2,203.0.113.3');
    expect(writes()).toBe(before + 1);
  });

  test('is never emptied', async () => {
    node(1);
    serving('node1');
    keep();
    await until(() => targets() === '203.0.113.1');
    node(1, { ready: 'Unknown' });
    await until(() => log.includes('NODE-01'));
    expect(targets()).toBe('203.0.113.1');
  });

  test('is asked for by labels and by Service', async () => {
    node(1);
    serving('node1');
    keep();
    await until(() => controller.isReady);
    expect(server.queries).toContain('example.com/edge=true');
    expect(server.queries).toContain('kubernetes.io/service-name=traefik');
  });
});

import { ClusterApi } from '../../../lib/rotater/live/cluster-api';
import { Controller } from '../../../lib/rotater/live/controller';
import { BOTH, ingressRoute, settingsOf } from '../support';
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
  const end = Date.now() + 8000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within 8 s: ${log.join(', ')}`);
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

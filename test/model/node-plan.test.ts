import { type NodePlanRequest, nodePlan, nodePlanFindings } from '../../lib/model/node-plan';

const PROPS: NodePlanRequest = {
  nodes: [{ name: 'node1', address: '203.0.113.11' }, { name: 'node2' }],
  hosts: ['Shop.Example.com', 'blog.example.com'],
  ttlSeconds: 60,
  isWatched: true,
};

test('one node after the other: withdraw, wait, drain, replace, verify, restore, wait', () => {
  const kinds = ['withdraw', 'wait', 'drain', 'replace', 'verify', 'restore', 'wait'];
  expect(nodePlan(PROPS).map(({ who, kind }) => [who, kind])).toEqual(
    ['node1', 'node2'].flatMap((who) => kinds.map((kind) => [who, kind])),
  );
});

test('nodes that are watched need no hand but for the machine itself', () => {
  const steps = nodePlan(PROPS).slice(0, 7);
  expect(steps.flatMap(({ commands }) => commands)).toEqual([
    'kubectl cordon node1',
    'kubectl drain node1 --ignore-daemonsets --delete-emptydir-data --timeout=600s',
    'kubectl wait --for=condition=Ready node/node1 --timeout=1800s',
    'traefik-ha verify --nodes 203.0.113.11 shop.example.com blog.example.com',
    'kubectl uncordon node1',
  ]);
  expect(steps.filter(({ byHand }) => byHand !== undefined).map(({ kind }) => kind)).toEqual(['replace']);
});

test('where the program tells addresses, the program is what takes one out', () => {
  const steps = nodePlan({ ...PROPS, isWatched: false }).slice(0, 7);
  const [withdraw, restore] = ['withdraw', 'restore'].map((kind) => steps.find((step) => step.kind === kind));
  expect(withdraw?.byHand).toBe('Take 203.0.113.11 out of EdgeNodes.fixed({ addresses }), and apply that.');
  expect(restore?.byHand).toBe('Put 203.0.113.11 back into EdgeNodes.fixed({ addresses }), and apply that.');
});

test('an address that is not said is asked of the cluster', () => {
  const verify = nodePlan(PROPS).filter(({ kind }) => kind === 'verify')[1];
  expect(verify?.commands).toEqual([
    `traefik-ha verify --nodes "$(kubectl get node node2 -o jsonpath='{.status.addresses[?(@.type=="ExternalIP")].address} {.status.addresses[?(@.type=="InternalIP")].address}' | awk '{ print $1 }')" shop.example.com blog.example.com`,
  ]);
});

test('nothing gets into a shell that is no name, address or time', () => {
  expect(nodePlanFindings(PROPS)).toEqual([]);
  const findings = nodePlanFindings({
    nodes: [{ name: 'node1; reboot' }, { name: 'node2', address: '$(reboot)' }],
    hosts: ['shop.example.com', '`reboot`.example.com'],
    ttlSeconds: 0.5,
    isWatched: true,
  });
  expect(findings.map(({ code }) => code)).toEqual(['NAME-04', 'LB-01', 'HOST-01', 'DNS-05']);
});

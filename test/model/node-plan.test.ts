import type { PlanStep } from '../../lib/model/leave-plan';
import { type NodePlanRequest, nodePlan, nodePlanFindings } from '../../lib/model/node-plan';

const PROPS: NodePlanRequest = {
  nodes: [{ name: 'node1', address: '203.0.113.11' }, { name: 'node2' }],
  hosts: ['Shop.Example.com', 'blog.example.com'],
  ttlSeconds: 60,
  isWatched: true,
};

const PATHS =
  '{.status.addresses[?(@.type=="ExternalIP")].address} {.status.addresses[?(@.type=="InternalIP")].address}';
/** The address of a single node, for a shell. */
const asked = (name: string) => `"$(kubectl get node ${name} -o jsonpath='${PATHS}' | awk '{ print $1 }')"`;

const verifies = (steps: readonly PlanStep[]) =>
  steps.filter(({ kind }) => kind === 'verify').flatMap(({ commands }) => commands);

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
    `npx traefik-ha verify --nodes 203.0.113.11,${asked('node2')} --watch --give-up 5m shop.example.com blog.example.com`,
    'kubectl uncordon node1',
  ]);
  expect(steps.filter(({ byHand }) => byHand !== undefined).map(({ kind }) => kind)).toEqual(['replace']);
});

test('where the program tells addresses, the program is what takes one out', () => {
  const steps = nodePlan({ ...PROPS, isWatched: false }).slice(0, 7);
  const [withdraw, restore] = ['withdraw', 'restore'].map((kind) => steps.find((step) => step.kind === kind));
  expect(withdraw?.byHand).toBe('Take 203.0.113.11 out of EdgeNodes.fixed({ addresses }), and apply that.');
  const unknown = nodePlan({ ...PROPS, isWatched: false })[7];
  expect(unknown?.byHand).toBe('Take the address of node2 out of EdgeNodes.fixed({ addresses }), and apply that.');
  expect(restore?.byHand).toBe('Put 203.0.113.11 back into EdgeNodes.fixed({ addresses }), and apply that.');
});

test('a port is that of the address, and is none of what the program declares', () => {
  const nodes = [{ name: 'node1', address: '2001:db8::11', port: 8443 }];
  const steps = nodePlan({ ...PROPS, nodes, isWatched: false });
  expect(verifies(steps)[0]).toContain("--nodes '[2001:db8::11]:8443',shop.example.com:8443 ");
  expect(steps[0]?.byHand).toBe('Take 2001:db8::11 out of EdgeNodes.fixed({ addresses }), and apply that.');
});

describe('who is compared', () => {
  test('all nodes of the plan, at the step of each', () => {
    const nodes = ['node1', 'node2', 'node3'].map((name, index) => ({ name, address: `203.0.113.${index}` }));
    const steps = nodePlan({ ...PROPS, nodes });
    expect(verifies(steps)).toEqual(
      nodes.map(() => expect.stringContaining('--nodes 203.0.113.0,203.0.113.1,203.0.113.2 --watch --give-up 5m ')),
    );
    expect(steps.find(({ kind }) => kind === 'verify')?.says).toBe(
      'Before anybody is sent there, it must serve what the other nodes of the plan serve.',
    );
  });

  test('a single node, with those that DNS has now', () => {
    const steps = nodePlan({ ...PROPS, nodes: [{ name: 'node2' }] });
    expect(verifies(steps)).toEqual([
      `npx traefik-ha verify --nodes ${asked('node2')},shop.example.com --watch --give-up 5m shop.example.com blog.example.com`,
    ]);
    expect(steps.find(({ kind }) => kind === 'verify')?.says).toBe(
      'Before anybody is sent there, it must serve what the nodes that DNS has now serve.',
    );
  });

  test('by a name that is none of a wildcard, where there is one', () => {
    const nodes = [{ name: 'node1', address: '203.0.113.11' }];
    const [both] = verifies(nodePlan({ ...PROPS, nodes, hosts: ['*.example.com', 'shop.example.com'] }));
    expect(both).toContain(
      "--nodes 203.0.113.11,shop.example.com --watch --give-up 5m '*.example.com' shop.example.com",
    );
    const [wildcard] = verifies(nodePlan({ ...PROPS, nodes, hosts: ['*.example.com'] }));
    expect(wildcard).toContain('--nodes 203.0.113.11,traefik-ha-verify.example.com ');
  });

  test('addresses that are not said are asked of the cluster', () => {
    const nodes = ['node1', 'node2'].map((name) => ({ name }));
    const [verify] = verifies(nodePlan({ ...PROPS, nodes }));
    expect(verify).toContain(
      `--nodes "$(kubectl get node node1 node2 -o jsonpath='{range .items[*]}${PATHS}{"\\n"}{end}' | awk '{ printf "%s%s", comma, $1; comma = "," }')" --watch`,
    );
  });
});

test('nothing gets into a shell that is no name, address or time', () => {
  expect(nodePlanFindings(PROPS)).toEqual({ nodes: [], hosts: [], ttlSeconds: [] });
  const findings = nodePlanFindings({
    nodes: [{ name: 'node1; reboot' }, { name: 'node2', address: '$(reboot)' }],
    hosts: ['shop.example.com', '`reboot`.example.com'],
    ttlSeconds: 0.5,
    isWatched: true,
  });
  const codes = (part: keyof typeof findings) => findings[part].map(({ code }) => code);
  expect([codes('nodes'), codes('hosts'), codes('ttlSeconds')]).toEqual([
    ['NAME-04', 'LB-01'],
    ['HOST-01'],
    ['DNS-05'],
  ]);
});

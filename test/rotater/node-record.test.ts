import { HostedZone } from '../../lib/model/zone';
import { nodeRecord } from '../../lib/rotater/node-record';
import type { NodeSettings } from '../../lib/rotater/settings';

const SETTINGS: NodeSettings = {
  endpoint: { namespace: 'edge', name: 'traefik-nodes' },
  hostName: 'edge.example.com',
  labels: { 'example.com/edge': 'true' },
  ttlSeconds: 60,
};

interface NodeOptions {
  readonly addresses?: readonly (readonly [type: string, address: string])[];
  readonly ready?: string;
  readonly spec?: object;
  readonly metadata?: object;
}

const nodeOf = (index: number, options: NodeOptions = {}) => ({
  kind: 'Node',
  metadata: { name: `node${index}`, ...options.metadata },
  spec: options.spec,
  status: {
    addresses: (options.addresses ?? [['ExternalIP', `203.0.113.${index}`]]).map(([type, address]) => ({
      type,
      address,
    })),
    conditions: [
      { type: 'MemoryPressure', status: 'False' },
      { type: 'Ready', status: options.ready ?? 'True' },
    ],
  },
});
const slice = (...ready: readonly (boolean | undefined)[]) => ({
  endpoints: ready.map((isReady, index) => ({ nodeName: `node${index + 1}`, conditions: { ready: isReady } })),
});
const look = (
  nodes: readonly ReturnType<typeof nodeOf>[],
  { settings = {}, slices = [], zones = [] }: Partial<Look> = {},
) => {
  const { endpoint, ...rest } = nodeRecord(nodes, slices, { ...SETTINGS, ...settings }, zones);
  const { endpoints = [] } = (endpoint?.spec ?? {}) as { endpoints?: { recordType: string; targets: string[] }[] };
  return { ...rest, endpoint, targets: endpoints.flatMap(({ targets }) => targets) };
};
interface Look {
  readonly settings: Partial<NodeSettings>;
  readonly slices: readonly ReturnType<typeof slice>[];
  readonly zones: readonly HostedZone[];
}

test('every node that is ready, under one name', () => {
  const { endpoint, problems, matching, announced } = look([nodeOf(2), nodeOf(1)]);
  expect(endpoint).toMatchObject({
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: {
      name: 'traefik-nodes',
      namespace: 'edge',
      labels: { 'app.kubernetes.io/managed-by': 'traefik-ha', 'app.kubernetes.io/instance': 'traefik-nodes' },
    },
    spec: {
      endpoints: [
        { dnsName: 'edge.example.com', recordType: 'A', recordTTL: 60, targets: ['203.0.113.1', '203.0.113.2'] },
      ],
    },
  });
  expect([problems, matching, announced]).toEqual([[], 2, 2]);
});

test.each<[string, NodeOptions]>([
  ['is not ready', { ready: 'False' }],
  ['has not been heard of', { ready: 'Unknown' }],
  ['is cordoned', { spec: { unschedulable: true } }],
  ['is being deleted', { metadata: { deletionTimestamp: '2026-11-28T00:00:00Z' } }],
  ['is excluded', { metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } } }],
  ['is about to be taken away', { spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler' }] } }],
])('a node that %s is left out', (_, options) => {
  const { metadata = {} } = options;
  const { targets, matching, announced } = look([
    nodeOf(1, { ...options, metadata: { name: 'node1', ...metadata } }),
    nodeOf(2),
  ]);
  expect([targets, matching, announced]).toEqual([['203.0.113.2'], 2, 1]);
});

test('a node without a condition at all is left out', () => {
  const { status: _, ...unheard } = nodeOf(1);
  expect(look([unheard as ReturnType<typeof nodeOf>, nodeOf(2)]).targets).toEqual(['203.0.113.2']);
});

describe('with a Service', () => {
  const settings = { service: { namespace: 'edge', name: 'traefik' } };
  const nodes = [nodeOf(1), nodeOf(2), nodeOf(3)];

  test('only nodes where an endpoint is ready; one that does not say is', () => {
    expect(look(nodes, { settings, slices: [slice(true, false, undefined)] }).targets).toEqual([
      '203.0.113.1',
      '203.0.113.3',
    ]);
  });

  test('endpoints may be spread over slices', () => {
    const slices = [slice(true, false), { endpoints: [{ nodeName: 'node3', conditions: { ready: true } }] }];
    expect(look(nodes, { settings, slices }).targets).toEqual(['203.0.113.1', '203.0.113.3']);
  });

  test('without slices nobody answers', () => {
    expect(look(nodes, { settings }).endpoint).toBeUndefined();
  });
});

describe('where nobody can be announced', () => {
  const problem = (value: string) => ({
    code: 'NODE-01',
    at: 'DNSEndpoint edge/traefik-nodes',
    value,
    message: 'no node is Ready, open to new pods and answering; the record stays as it was',
    fix: 'See kubectl get nodes, and the pods of the edge',
  });

  test.each([
    [[], '0 with the labels'],
    [[nodeOf(1, { ready: 'False' })], '1 with the labels'],
  ])('the record is left as it is: %#', (nodes, value) => {
    const { endpoint, problems } = look(nodes);
    expect(endpoint).toBeUndefined();
    expect(problems).toEqual([problem(value)]);
  });
});

describe('addresses', () => {
  const both = [
    ['InternalIP', '10.0.0.1'],
    ['ExternalIP', '203.0.113.1'],
    ['ExternalIP', '2001:db8::1'],
    ['Hostname', 'node1'],
  ] as const;
  const zones = [HostedZone.of('example.com', { private: true })];

  test('external ones, of both families', () => {
    expect(look([nodeOf(1, { addresses: both })], { zones }).targets).toEqual(['203.0.113.1', '2001:db8::1']);
  });

  test('internal ones where that is said', () => {
    const settings = { addressType: 'InternalIP' } as const;
    expect(look([nodeOf(1, { addresses: both })], { settings, zones }).targets).toEqual(['10.0.0.1']);
  });

  test('internal ones where there are no others, if they are public', () => {
    expect(look([nodeOf(1, { addresses: [['InternalIP', '198.51.100.1']] })]).targets).toEqual(['198.51.100.1']);
  });

  test('a node without one that may be announced is said, and does not hold up the rest', () => {
    const { targets, problems, announced } = look([nodeOf(1, { addresses: [['InternalIP', '10.0.0.1']] }), nodeOf(2)]);
    expect([targets, announced]).toEqual([['203.0.113.2'], 1]);
    expect(problems).toEqual([
      {
        code: 'NODE-02',
        at: 'Node node1',
        value: 'InternalIP 10.0.0.1',
        message: 'it has no address that the record may hold, so that nobody is sent to it',
        fix: 'Say addressType, or where the name lies in a private zone, zones: [{ name, private: true }]',
      },
    ]);
  });

  test('what is no address at all is left out', () => {
    const { targets } = look([nodeOf(1, { addresses: [['ExternalIP', 'node1.example.com']] }), nodeOf(2)]);
    expect(targets).toEqual(['203.0.113.2']);
  });
});

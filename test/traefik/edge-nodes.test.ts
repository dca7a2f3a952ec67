import { Testing } from 'cdk8s';
import { EdgeNamespace } from '../../lib/edge-namespace';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { EdgeNodes, type FixedNodesProps, type WatchedNodesProps } from '../../lib/traefik/edge-nodes';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { TraefikHA, type TraefikHAProps } from '../../lib/traefik/traefik-ha';
import { edgeChart, identities, objectsIn, only, traefikObjects } from '../support/edge';

const hostName = 'edge.example.com';
const addresses = ['203.0.113.11', '203.0.113.12', '2001:db8::11'];
const watched = EdgeNodes.watched({ hostName });
const templateOf = (props: TraefikHAProps) => only(traefikObjects(props), 'DaemonSet').spec.template.spec;

test('nodes that are watched: a DaemonSet, a list of its instances, and no record', () => {
  const objects = traefikObjects({ nodes: watched });
  expect(identities(objects)).toEqual([
    'Namespace edge',
    'ServiceAccount traefik',
    'ClusterRole edge-traefik',
    'ClusterRoleBinding edge-traefik',
    'IngressClass traefik',
    'TLSOption default',
    'Middleware traefik-hsts',
    'DaemonSet traefik',
    'Service traefik',
  ]);
  expect(only(objects, 'Service').spec).toMatchObject({ type: 'ClusterIP', clusterIP: 'None' });
});

test('nodes whose addresses are told: a round robin of them', () => {
  const zones = [HostedZone.of('example.com')];
  const objects = traefikObjects({ nodes: EdgeNodes.fixed({ hostName, addresses, zones }) });
  const { metadata, spec } = only(objects, 'DNSEndpoint');
  expect(metadata.name).toBe('traefik-nodes');
  expect(spec.endpoints).toEqual([
    { dnsName: hostName, recordType: 'A', recordTTL: 60, targets: ['203.0.113.11', '203.0.113.12'] },
    { dnsName: hostName, recordType: 'AAAA', recordTTL: 60, targets: ['2001:db8::11'] },
  ]);
});

test('everything of nodes that are watched', () => {
  const everything: Required<WatchedNodesProps> = {
    hostName: 'Edge.Example.com.',
    labels: { 'example.com/edge': 'true' },
    tolerations: [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' }, { key: 'example.com/any' }],
    ttlSeconds: 30,
    addressType: 'InternalIP',
  };
  const chart = edgeChart();
  const traefik = new TraefikHA(chart, 'traefik', { nodes: EdgeNodes.watched(everything) });
  expect(traefik).toMatchObject({ replicas: undefined, loadBalancer: undefined, dnsTargets: [hostName] });
  expect(traefik.nodeRecord).toEqual({
    endpoint: 'edge/traefik-nodes',
    hostName,
    labels: { 'example.com/edge': 'true' },
    service: 'edge/traefik',
    addressType: 'InternalIP',
    ttlSeconds: 30,
  });
  expect(only(objectsIn(chart), 'DaemonSet').spec.template.spec).toMatchObject({
    nodeSelector: { 'kubernetes.io/os': 'linux', 'example.com/edge': 'true' },
    tolerations: [
      { key: 'dedicated', operator: 'Equal', value: 'edge', effect: 'NoSchedule' },
      { key: 'example.com/any', operator: 'Exists' },
    ],
  });
});

test('everything of nodes whose addresses are told', () => {
  const everything: Required<FixedNodesProps> = {
    hostName: 'edge.inside.example.com',
    labels: { edge: '' },
    tolerations: [{ key: 'dedicated' }],
    ttlSeconds: 10,
    addresses: ['10.0.0.11'],
    zones: [HostedZone.of('inside.example.com', { private: true })],
  };
  const chart = edgeChart();
  const traefik = new TraefikHA(chart, 'traefik', { nodes: EdgeNodes.fixed(everything) });
  const objects = objectsIn(chart);
  expect(traefik.nodeRecord).toBeUndefined();
  expect(only(objects, 'DNSEndpoint').spec.endpoints).toEqual([
    { dnsName: 'edge.inside.example.com', recordType: 'A', recordTTL: 10, targets: ['10.0.0.11'] },
  ]);
  expect(only(objects, 'DaemonSet').spec.template.spec.nodeSelector).toMatchObject({ edge: '' });
});

test('one instance goes after the other, and each before its successor comes', () => {
  expect(only(traefikObjects({ nodes: watched }), 'DaemonSet').spec).toMatchObject({
    minReadySeconds: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  });
});

test('it is on the network of its node, and finds Services all the same', () => {
  const pod = templateOf({ nodes: watched });
  expect(pod).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', enableServiceLinks: false });
  expect(pod).not.toHaveProperty('topologySpreadConstraints');
});

test('clients reach 80 and 443 of every address; nobody but the node reaches the rest', () => {
  const [{ ports, args, readinessProbe, livenessProbe, startupProbe }] = templateOf({ nodes: watched }).containers;
  expect(ports).toEqual([
    { name: 'web', containerPort: 80, hostPort: 80, protocol: 'TCP' },
    { name: 'websecure', containerPort: 443, hostPort: 443, protocol: 'TCP' },
    { name: 'traefik', containerPort: 18080, hostPort: 18080, hostIP: '127.0.0.1', protocol: 'TCP' },
    { name: 'metrics', containerPort: 19100, hostPort: 19100, hostIP: '127.0.0.1', protocol: 'TCP' },
  ]);
  expect(args.filter((argument: string) => argument.includes('.address='))).toEqual([
    '--entryPoints.traefik.address=127.0.0.1:18080',
    '--entryPoints.metrics.address=127.0.0.1:19100',
    '--entryPoints.web.address=:80',
    '--entryPoints.websecure.address=:443',
  ]);
  for (const { httpGet } of [readinessProbe, livenessProbe, startupProbe]) {
    expect(httpGet).toEqual({ path: '/ping', port: 'traefik', host: '127.0.0.1' });
  }
});

test('root may do nothing but listen on low ports, in a namespace that says so', () => {
  const objects = traefikObjects({ nodes: watched });
  const { securityContext, containers } = only(objects, 'DaemonSet').spec.template.spec;
  expect(securityContext).toEqual({ runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  });
  expect(only(objects, 'Namespace').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'privileged',
  });
});

test.each([
  ['watched, as long as DNS needs', watched, 180, 230],
  ['watched, with a shorter record', EdgeNodes.watched({ hostName, ttlSeconds: 5 }), 125, 175],
  ['told, no longer than what is on its way needs', EdgeNodes.fixed({ hostName, addresses }), 5, 50],
])('an instance sleeps before it stops: %s', (_, nodes, sleep, termination) => {
  const { containers, terminationGracePeriodSeconds } = templateOf({ nodes });
  expect(containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: sleep } } });
  expect(terminationGracePeriodSeconds).toBe(termination);
});

test('the DaemonSet is its default child, and can be patched', () => {
  const chart = edgeChart();
  const { node, deployment } = new TraefikHA(chart, 'traefik', { nodes: watched });
  expect(node.defaultChild).toBe(deployment);
  deployment.metadata.addAnnotation('example.com/team', 'edge');
  expect(only(objectsIn(chart), 'DaemonSet').metadata.annotations).toEqual({ 'example.com/team': 'edge' });
});

describe('what cannot be is refused', () => {
  const problemsOf = (props: TraefikHAProps) => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', props);
    try {
      Testing.synth(chart);
    } catch (error) {
      return (error as TraefikHaError).problems;
    }
    return [];
  };

  test('a load balancer or replicas beside nodes', () => {
    const problem = (value: string) => ({
      code: 'TRAEFIK-11',
      at: 'edge/traefik',
      value,
      message: 'on nodes there is one instance on each, and nothing in front but DNS',
      fix: `Leave ${value} out, or nodes`,
    });
    expect(problemsOf({ nodes: watched, loadBalancer: LoadBalancer.none(), replicas: 3 })).toEqual([
      problem('loadBalancer'),
      problem('replicas'),
    ]);
  });

  test('a namespace that would keep its pods out', () => {
    const chart = edgeChart();
    new EdgeNamespace(chart, 'namespace', { name: 'edge' });
    new TraefikHA(chart, 'traefik', { nodes: watched });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'TRAEFIK-12',
          at: 'edge/traefik',
          value: 'edge',
          message: 'edge/namespace refuses pods on the network of nodes, so that no instance would ever start',
          fix: "Write new EdgeNamespace(chart, 'namespace', { hostNetwork: true }), or leave it to TraefikHA",
        },
      ]),
    );
  });

  test('a namespace of hostNetwork is one that is taken', () => {
    const chart = edgeChart();
    new EdgeNamespace(chart, 'namespace', { name: 'edge', hostNetwork: true });
    new TraefikHA(chart, 'traefik', { nodes: watched });
    expect(identities(objectsIn(chart)).filter((each) => each.startsWith('Namespace'))).toEqual(['Namespace edge']);
  });

  test('an address that is none', () => {
    expect(problemsOf({ nodes: EdgeNodes.fixed({ hostName, addresses: ['node1.example.com'] }) })).toEqual([
      {
        code: 'LB-01',
        at: 'edge/traefik',
        value: 'node1.example.com',
        message: 'a node is reached at an IPv4 or IPv6 address',
        fix: "Write addresses: ['203.0.113.11', '203.0.113.12'], one for each node",
      },
    ]);
  });

  test.each<[string, EdgeNodes, string[]]>([
    ['no address', EdgeNodes.fixed({ hostName, addresses: [] }), ['DNS-01']],
    ['a private one in public', EdgeNodes.fixed({ hostName, addresses: ['10.0.0.1'] }), ['DNS-04']],
    ['a name that is none, told', EdgeNodes.fixed({ hostName: 'edge', addresses }), ['HOST-01']],
    ['a name that is none, watched', EdgeNodes.watched({ hostName: 'edge' }), ['HOST-01']],
    ['no time to live', EdgeNodes.watched({ hostName, ttlSeconds: 0 }), ['DNS-05']],
    ['too long a time to live', EdgeNodes.watched({ hostName, ttlSeconds: 86_400 }), ['DRAIN-03']],
    ['a label', EdgeNodes.watched({ hostName, labels: { 'a b': 'c' } }), ['NAME-06']],
    ['a taint', EdgeNodes.watched({ hostName, tolerations: [{ key: 'a b' }] }), ['NAME-06']],
  ])('%s', (_, nodes, codes) => {
    expect(problemsOf({ nodes }).map(({ code }) => code)).toEqual(codes);
  });
});

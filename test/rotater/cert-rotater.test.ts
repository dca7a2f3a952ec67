import { TraefikHaError } from '../../lib/model/problem';
import { CertRotater, type CertRotaterProps } from '../../lib/rotater/cert-rotater';
import { Metrics } from '../../lib/rotater/live/metrics';
import { accepted, chartOf, identities } from '../support/charts';
import { edgeChart, only, podOf } from '../support/edge';

const PROPS: CertRotaterProps = {
  image: 'registry.example.com/traefik-ha:0.1.0',
  settings: { certificates: { issuer: 'letsencrypt' }, dns: { service: 'edge/traefik' } },
};

function objectsOf(props: Partial<CertRotaterProps> = {}) {
  const chart = chartOf('rotater');
  new CertRotater(chart, 'rotater', { ...PROPS, ...props });
  return accepted(chart);
}
const ruleTexts = (objects: ReturnType<typeof objectsOf>) =>
  objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .map(({ kind, metadata, rules }) => [
      `${kind} ${metadata.namespace ?? ''}`,
      ...rules.map(
        ({ resources, resourceNames = [], verbs }: Record<string, string[]>) =>
          `${[...(resources ?? []), ...resourceNames].join(' ')}: ${verbs?.join(' ')}`,
      ),
    ]);

test('defaults: two instances, restricted, reached by nobody', () => {
  const objects = objectsOf();
  expect(identities(objects)).toEqual([
    'ServiceAccount rotater/rotater',
    'ClusterRole rotater-rotater',
    'ClusterRoleBinding rotater-rotater',
    'Role edge/rotater-rotater',
    'RoleBinding edge/rotater-rotater',
    'ConfigMap rotater/rotater',
    'NetworkPolicy rotater/rotater',
    'PodDisruptionBudget rotater/rotater',
    'Deployment rotater/rotater',
  ]);
  expect(only(objects, 'Deployment').spec.replicas).toBe(2);
  expect(only(objects, 'NetworkPolicy').spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
  expect(only(objects, 'NetworkPolicy').spec.ingress).toBeUndefined();
  expect(JSON.parse(only(objects, 'ConfigMap').data['settings.json'])).toEqual(PROPS.settings);
  expect(podOf(objects).containers[0]).toMatchObject({
    image: PROPS.image,
    args: [
      ...['controller', '--config=/etc/traefik-ha/settings.json', '--name=rotater/rotater'],
      ...['--port=8080', '--log-level=info'],
    ],
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  });
});

test('everything', () => {
  const props: Required<CertRotaterProps> = {
    ...PROPS,
    image: 'registry.example.com/other:1',
    replicas: 3,
    monitoring: { namespace: 'monitoring', operator: { labels: { release: 'prometheus' } } },
    logLevel: 'debug',
    apiServerPorts: [16443],
    name: 'other',
  };
  const objects = objectsOf(props);
  const text = JSON.stringify(objects);
  for (const part of [props.image, '"replicas":3', '"monitoring"', '16443', '--log-level=debug', '"name":"other"']) {
    expect(text).toContain(part);
  }
});

test('the Deployment is its readable child', () => {
  const chart = edgeChart();
  const rotater = new CertRotater(chart, 'rotater', PROPS);
  expect(rotater.node.defaultChild).toBe(rotater.deployment);
});

test('pods are replaced when settings change', () => {
  const digest = (props: Partial<CertRotaterProps>) =>
    only(objectsOf(props), 'Deployment').spec.template.metadata.annotations['traefik-ha/settings'];
  expect(digest({})).toBe(digest({ replicas: 3 }));
  expect(digest({})).not.toBe(digest({ settings: { ...PROPS.settings, ingressClass: 'traefik' } }));
});

describe('permissions are those of the settings', () => {
  test('in all namespaces', () => {
    expect(ruleTexts(objectsOf())).toEqual([
      [
        'ClusterRole ',
        'ingressroutes ingressroutetcps: list watch',
        'certificates: list watch create patch delete',
        'dnsendpoints: list watch create patch delete',
        'events: create',
      ],
      ['Role edge', 'services traefik: list watch'],
    ]);
  });

  test('in given ones, and for one integration', () => {
    const settings = { namespaces: ['shop', 'edge'], dns: { service: 'edge/traefik' } };
    expect(ruleTexts(objectsOf({ settings }))).toEqual([
      [
        'Role shop',
        'ingressroutes ingressroutetcps: list watch',
        'dnsendpoints: list watch create patch delete',
        'events: create',
      ],
      [
        'Role edge',
        'ingressroutes ingressroutetcps: list watch',
        'dnsendpoints: list watch create patch delete',
        'events: create',
        'services traefik: list watch',
      ],
    ]);
  });

  test('where certificates of zones go', () => {
    const settings = {
      namespaces: ['shop'],
      zones: ['example.com'],
      certificates: { issuer: 'x', strategy: 'wildcard-per-zone' as const, wildcardNamespace: 'edge' },
    };
    expect(ruleTexts(objectsOf({ settings })).at(-1)).toEqual([
      'Role edge',
      'certificates: list watch create patch delete',
    ]);
  });
});

describe('permissions for nodes', () => {
  const nodes = { endpoint: 'edge/traefik-nodes', hostName: 'edge.example.com' };
  const OF_NODES = 'nodes: list watch';

  test('are for nobody who keeps no record of them', () => {
    expect(JSON.stringify(ruleTexts(objectsOf()))).not.toContain('nodes');
  });

  test('are all that there is where nothing is derived from routes', () => {
    expect(ruleTexts(objectsOf({ settings: { nodes: { ...nodes, service: 'edge/traefik' } } }))).toEqual([
      ['ClusterRole ', OF_NODES],
      ['Role edge', 'dnsendpoints: list watch create patch delete', 'endpointslices: list watch'],
    ]);
  });

  test('come on top of those for routes', () => {
    expect(ruleTexts(objectsOf({ settings: { namespaces: ['shop'], dns: {}, nodes } }))).toEqual([
      [
        'Role shop',
        'ingressroutes ingressroutetcps: list watch',
        'dnsendpoints: list watch create patch delete',
        'events: create',
      ],
      ['ClusterRole ', OF_NODES],
      ['Role edge', 'dnsendpoints: list watch create patch delete'],
    ]);
    expect(ruleTexts(objectsOf({ settings: { dns: {}, nodes } }))).toEqual([
      [
        'ClusterRole ',
        'ingressroutes ingressroutetcps: list watch',
        'dnsendpoints: list watch create patch delete',
        'events: create',
        OF_NODES,
      ],
    ]);
  });
});

test('Prometheus, and nobody else, may read the metrics; its operator is told where, and what to warn of', () => {
  expect(only(objectsOf({ monitoring: { namespace: 'monitoring' } }), 'NetworkPolicy').spec.ingress).toEqual([
    {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ protocol: 'TCP', port: 8080 }],
    },
  ]);
  const objects = objectsOf({
    monitoring: { namespace: 'monitoring', operator: { labels: { release: 'prometheus' } } },
  });
  const monitor = only(objects, 'PodMonitor');
  expect(monitor.metadata.labels).toMatchObject({ release: 'prometheus' });
  const pod = only(objects, 'Deployment').spec.template;
  expect(pod.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
  expect(pod.spec.containers[0].ports.map(({ name }: { name: string }) => name)).toContain(
    monitor.spec.podMetricsEndpoints[0].port,
  );
  const [group] = only(objects, 'PrometheusRule').spec.groups;
  // Every series that an alert asks for is one that the controller has.
  const names = new Metrics().registry.getMetricsAsArray().map(({ name }) => name);
  for (const { expr } of group.rules) {
    const [series = ''] = /traefik_ha_\w+/.exec(expr) ?? [];
    expect(names).toContain(series);
    expect(expr).toContain('{namespace="rotater", pod=~"rotater-.*"}');
  }
  expect(group.rules).toHaveLength(5);
});

test('what is wrong is said at once, with the place', () => {
  const problems = (props: Partial<CertRotaterProps>) => {
    try {
      objectsOf(props);
    } catch (error) {
      if (error instanceof TraefikHaError) return error.message.split('\n');
    }
    return [];
  };
  expect(problems({ image: 'x:latest', replicas: 0, settings: { dns: { ttlSeconds: 0 } } })).toEqual([
    'DNS-05 [rotater/rotater dns ttlSeconds] a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8) (0). Leave ttlSeconds out for 300',
    expect.stringMatching(/^IMAGE-01 /),
    'ROTATER-01 [rotater/rotater] without an instance nothing is derived (0). Leave replicas out for 2',
  ]);
  expect(problems({ apiServerPorts: [0] })).toEqual([
    'ROTATER-02 [rotater/rotater] not a port (0). Write apiServerPorts: [6443], or leave it out',
  ]);
  const monitoring = { namespace: 'Not', operator: { labels: { 'a b': 'c' } } };
  expect(problems({ monitoring }).map((line) => line.split(' ')[0])).toEqual(['NAME-04', 'NAME-06']);
  expect(problems({ settings: {} })[0]).toMatch(/^SETTINGS-02 /);
});

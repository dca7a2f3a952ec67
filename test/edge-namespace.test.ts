import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { Cluster } from '../lib/cluster';
import { DnsEndpoint } from '../lib/dns/dns-endpoint';
import { EdgeNamespace, type EdgeNamespaceProps } from '../lib/edge-namespace';
import { TraefikHaError } from '../lib/model/problem';
import { TraefikHA } from '../lib/traefik/traefik-ha';
import { edgeChart, identities, objectsIn, only } from './support/edge';

const endpointIn = (scope: Construct, id: string) =>
  new DnsEndpoint(scope, id, { dnsName: `${id}.example.com`, targets: ['203.0.113.10'] });

/** The files of `app`, in the order in which `kubectl apply -f` reads them. */
function written(app: App): Record<string, string> {
  app.synth();
  const files = readdirSync(app.outdir).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(app.outdir, file), 'utf8')]));
}

test('defaults', () => {
  const chart = new Chart(Testing.app(), 'shop');
  expect(new EdgeNamespace(chart, 'shop').name).toBe('shop');
  expect(objectsIn(chart)).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'shop',
        labels: {
          'app.kubernetes.io/name': 'traefik-ha',
          'app.kubernetes.io/instance': 'shop',
          'app.kubernetes.io/component': 'namespace',
          'app.kubernetes.io/managed-by': 'traefik-ha',
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
        },
      },
    },
  ]);
});

test('everything', () => {
  const everything: Required<EdgeNamespaceProps> = {
    name: 'blog',
    labels: { 'example.com/team': 'blog', 'pod-security.kubernetes.io/warn': 'baseline' },
    hostNetwork: true,
  };
  const chart = edgeChart();
  new EdgeNamespace(chart, 'namespace', everything);
  const { metadata } = only(objectsIn(chart), 'Namespace');
  expect(metadata.name).toBe('blog');
  expect(metadata.namespace).toBeUndefined();
  expect(metadata.labels).toMatchObject({
    ...everything.labels,
    'pod-security.kubernetes.io/enforce': 'privileged',
    'pod-security.kubernetes.io/audit': 'restricted',
  });
});

test('the default child is the Namespace', () => {
  const namespace = new EdgeNamespace(edgeChart(), 'edge');
  expect(namespace.node.defaultChild).toBe(namespace.resource);
  expect(namespace.resource.kind).toBe('Namespace');
});

test('one that is declared is found in its cluster, and in no other', () => {
  const app = Testing.app();
  const west = edgeChart(new Cluster(app, 'west'));
  const east = edgeChart(new Cluster(app, 'east'));
  const namespace = new EdgeNamespace(west, 'edge');
  expect(EdgeNamespace.find(new Chart(west, 'other'), 'edge')).toBe(namespace);
  expect(EdgeNamespace.isDeclared(west, 'edge')).toBe(true);
  expect(EdgeNamespace.isDeclared(west, 'other')).toBe(false);
  expect(EdgeNamespace.isDeclared(east, 'edge')).toBe(false);
});

describe('it is the first object of its file', () => {
  test.each<[string, (chart: Chart) => void]>([
    [
      'where others are declared before',
      (chart) => {
        endpointIn(chart, 'a');
        endpointIn(chart, 'b');
        new EdgeNamespace(chart, 'edge');
      },
    ],
    [
      'where a Traefik is declared after others',
      (chart) => {
        endpointIn(chart, 'a');
        new TraefikHA(chart, 'traefik').defaultStore();
      },
    ],
    [
      'where the first object depends on another',
      (chart) => {
        const first = endpointIn(chart, 'a');
        first.node.addDependency(endpointIn(chart, 'b'));
        new EdgeNamespace(chart, 'edge');
      },
    ],
    [
      'where another depends on the first object',
      (chart) => {
        const first = endpointIn(chart, 'a');
        endpointIn(chart, 'b');
        endpointIn(chart, 'c').node.addDependency(first);
        new EdgeNamespace(chart, 'edge');
      },
    ],
    [
      'where only some objects depend on it',
      (chart) => {
        const namespace = new EdgeNamespace(chart, 'edge');
        endpointIn(chart, 'a');
        endpointIn(chart, 'b').node.addDependency(namespace);
      },
    ],
  ])('%s', (_, declare) => {
    const chart = edgeChart();
    declare(chart);
    const [first, ...others] = identities(objectsIn(chart));
    expect(first).toBe('Namespace edge');
    expect(others).not.toEqual([]);
  });
});

describe('it is applied before what other charts put into it', () => {
  test('in files whose names are in order, and the same again', () => {
    const app = Testing.app();
    endpointIn(new Chart(app, 'a-shop', { namespace: 'shop' }), 'web');
    endpointIn(new Chart(app, 'b-unrelated', { namespace: 'unrelated' }), 'web');
    new EdgeNamespace(new Chart(app, 'z-namespaces'), 'shop');
    const first = written(app);
    const files = Object.keys(first);
    expect(files).toHaveLength(3);
    expect(files.findIndex((file) => file.endsWith('-z-namespaces.k8s.yaml'))).toBeLessThan(
      files.findIndex((file) => file.endsWith('-a-shop.k8s.yaml')),
    );
    expect(written(app)).toEqual(first);
  });

  test('in one text as well, and the same again', () => {
    const app = Testing.app();
    endpointIn(new Chart(app, 'shop', { namespace: 'shop' }), 'web');
    new EdgeNamespace(new Chart(app, 'namespaces'), 'shop');
    const text = app.synthYaml();
    expect(text.indexOf('kind: Namespace')).toBeLessThan(text.indexOf('kind: DNSEndpoint'));
    expect(app.synthYaml()).toBe(text);
  });

  test('but not before charts of another cluster', () => {
    const app = Testing.app();
    endpointIn(edgeChart(new Cluster(app, 'west')), 'web');
    new EdgeNamespace(edgeChart(app), 'edge');
    app.synth();
    expect(app.charts.map(({ node }) => node.path)).toEqual(['west/edge', 'edge']);
  });
});

describe('what cannot be is refused', () => {
  test('labels that Kubernetes does not take', () => {
    const chart = edgeChart();
    new EdgeNamespace(chart, 'edge', { labels: { 'example.com/team': 'shop & blog', 'a/b/c': '' } });
    const refusal = {
      code: 'NAME-06',
      at: 'edge/edge',
      message: 'not one of the labels that Kubernetes takes',
      fix: 'Write keys like example.com/name: letters, digits and -_. up to 63 characters, after a domain and a slash',
    };
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        { ...refusal, value: 'example.com/team: shop & blog' },
        { ...refusal, value: 'a/b/c: ' },
      ]),
    );
  });

  const tooLate = (at: string, home: string) =>
    new TraefikHaError([
      {
        code: 'NAME-07',
        at,
        value: 'edge',
        message: `the chart is applied before ${home}, which makes its namespace`,
        fix: "Declare the EdgeNamespace first, in a chart that neither of them is in: new Chart(app, 'namespaces')",
      },
    ]);

  test('a chart inside of the one that makes its namespace, since it is applied before that', () => {
    const app = Testing.app();
    const outer = edgeChart(app);
    new TraefikHA(outer, 'traefik');
    endpointIn(new Chart(outer, 'inner', { namespace: 'edge' }), 'web');
    expect(() => app.synth()).toThrow(tooLate('edge/inner', 'edge'));
  });

  test('a chart that the one that makes its namespace depends on, through others or not', () => {
    const app = Testing.app();
    const first = new Chart(app, 'first', { namespace: 'edge' });
    endpointIn(first, 'web');
    const second = new Chart(app, 'second', { namespace: 'other' });
    endpointIn(second, 'web').node.addDependency(first);
    const home = new Chart(app, 'home', { namespace: 'edge' });
    new EdgeNamespace(home, 'edge').node.addDependency(second);
    expect(() => app.synth()).toThrow(tooLate('first', 'home'));
  });

  test('not where the fix is followed', () => {
    const app = Testing.app();
    new EdgeNamespace(new Chart(app, 'namespaces'), 'edge');
    const outer = edgeChart(app);
    new TraefikHA(outer, 'traefik');
    endpointIn(new Chart(outer, 'inner', { namespace: 'edge' }), 'web');
    app.synth();
    expect(app.charts.map(({ node }) => node.path)).toEqual(['namespaces', 'edge/inner', 'edge']);
  });
});

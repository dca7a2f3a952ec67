import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { Cluster } from '../lib/cluster';
import { DnsEndpoint } from '../lib/dns/dns-endpoint';
import { MANAGED_BY, recommendedLabels } from '../lib/labels';
import { TraefikHaError } from '../lib/model/problem';
import { NO_NAMESPACE, nameOf, namespaceOf } from '../lib/naming';
import { settle } from '../lib/report';
import { edgeChart, identities, objectsIn } from './support/edge';

const endpointIn = (scope: Construct, id: string, name?: string) =>
  new DnsEndpoint(scope, id, { dnsName: 'shop.example.com', targets: ['203.0.113.10'], name });

describe('the name of an object', () => {
  test('is made of the ids below the chart, without a hash', () => {
    const chart = edgeChart();
    endpointIn(chart, 'shop');
    endpointIn(new Construct(new Construct(chart, 'team'), 'one'), 'shop');
    expect(identities(objectsIn(chart))).toEqual(['DNSEndpoint shop', 'DNSEndpoint team-one-shop']);
  });

  test('is counted from the nearest chart', () => {
    const nested = new Chart(new Chart(Testing.app(), 'outer', { namespace: 'outer' }), 'inner', {
      namespace: 'inner',
    });
    expect(nameOf(new Construct(nested, 'shop'))).toBe('shop');
  });

  test('is the given one, as it is', () => {
    expect(nameOf(new Construct(new Construct(edgeChart(), 'team'), 'Shop'), 'given')).toBe('given');
  });
});

describe('names that Kubernetes does not take', () => {
  const message = 'not a name that Kubernetes takes';

  test('are all said, and nothing beside them', () => {
    const chart = edgeChart();
    endpointIn(chart, 'Shop');
    endpointIn(new Construct(chart, 'a'.repeat(40)), 'b'.repeat(40));
    endpointIn(chart, 'good', 'a.b');
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'NAME-02',
          at: 'edge/Shop',
          value: 'Shop',
          message,
          fix: 'Use lower-case letters, digits and hyphens in the ids, 63 characters at most in all, or give name',
        },
        {
          code: 'NAME-02',
          at: `edge/${'a'.repeat(40)}/${'b'.repeat(40)}`,
          value: `${'a'.repeat(40)}-${'b'.repeat(40)}`,
          message,
          fix: 'Use lower-case letters, digits and hyphens in the ids, 63 characters at most in all, or give name',
        },
        {
          code: 'NAME-02',
          at: 'edge/good',
          value: 'a.b',
          message,
          fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
        },
      ]),
    );
  });
});

test('whatever the id, a name is one that Kubernetes takes, or is refused by NAME-02 alone', () => {
  // The constructs package keeps children in a plain object, and refuses ids like toString itself.
  const id = fc
    .oneof(fc.stringMatching(/^[a-z0-9-]{1,70}$/), fc.string({ minLength: 1 }))
    .filter((text) => !(text in {}));
  fc.assert(
    fc.property(id, (text) => {
      const chart = edgeChart(new App({ outdir: 'unused' }));
      const construct = endpointIn(chart, text);
      // It also writes slashes and line breaks as hyphens.
      const { id } = construct.node;
      if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) {
        expect(identities(objectsIn(chart))).toEqual([`DNSEndpoint ${id}`]);
      } else {
        expect(() => Testing.synth(chart)).toThrow(/^NAME-02 [^\n]*$/);
        expect(construct.name).toMatch(/^unnamed-\d+$/);
      }
    }),
  );
});

describe('the namespace', () => {
  test("is the chart's", () => {
    expect(namespaceOf(new Construct(edgeChart(), 'shop'))).toBe('edge');
  });

  test.each([
    [undefined, ''],
    ['Edge', 'Edge'],
    ['a.b', 'a.b'],
  ])('has to be one: %s', (namespace, value) => {
    const chart = new Chart(Testing.app(), 'edge', { namespace });
    endpointIn(chart, 'shop');
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'NAME-03',
          at: 'edge/shop',
          value,
          message: 'chart edge has no namespace that Kubernetes takes, and Secrets are found by it',
          fix: "Write new Chart(app, 'edge', { namespace: 'edge' })",
        },
      ]),
    );
  });

  test('is left out of objects that have none, in spite of their chart', () => {
    const chart = edgeChart();
    const metadata = { name: 'public', namespace: NO_NAMESPACE };
    new ApiObject(chart, 'class', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata,
      spec: { controller: 'example.com/controller' },
    });
    expect(objectsIn(chart).map((object) => object.metadata)).toEqual([{ name: 'public' }]);
  });
});

test('the recommended labels', () => {
  expect(recommendedLabels({ instance: 'shop', component: 'route' })).toEqual({
    'app.kubernetes.io/name': 'traefik-ha',
    'app.kubernetes.io/instance': 'shop',
    'app.kubernetes.io/component': 'route',
    'app.kubernetes.io/managed-by': MANAGED_BY,
  });
});

describe('two objects of one kind, namespace and name', () => {
  const duplicate = (at: string, value: string, first: string) => ({
    code: 'NAME-01',
    at,
    value,
    message: `${first} makes the same object, and the one applied last would win`,
    fix: 'Give one of them another id, name or namespace, or put them into two Cluster scopes',
  });

  test('are refused, whatever their charts, and whoever made them', () => {
    const app = Testing.app();
    const chart = edgeChart(app);
    endpointIn(chart, 'shop');
    endpointIn(new Chart(app, 'other', { namespace: 'edge' }), 'other', 'shop');
    new ApiObject(chart, 'own', {
      apiVersion: 'externaldns.k8s.io/v1beta1',
      kind: 'DNSEndpoint',
      metadata: { name: 'shop' },
    });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        duplicate('edge/own', 'DNSEndpoint edge/shop', 'edge/shop/Resource'),
        duplicate('other/other/Resource', 'DNSEndpoint edge/shop', 'edge/shop/Resource'),
      ]),
    );
  });

  test('are refused without a namespace as well', () => {
    const app = Testing.app();
    for (const namespace of ['edge', 'other']) {
      const chart = new Chart(app, namespace, { namespace });
      endpointIn(chart, 'shop');
      const metadata = { name: 'public', namespace: NO_NAMESPACE };
      new ApiObject(chart, 'class', { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata });
    }
    expect(() => app.synth()).toThrow(
      new TraefikHaError([duplicate('other/class', 'IngressClass public', 'edge/class')]),
    );
  });

  test('are two where anything differs', () => {
    const app = Testing.app();
    const chart = edgeChart(app);
    endpointIn(chart, 'shop');
    endpointIn(chart, 'blog');
    endpointIn(new Chart(app, 'other', { namespace: 'other' }), 'shop');
    for (const [id, apiVersion, kind] of [
      ['kind', 'externaldns.k8s.io/v1alpha1', 'Other'],
      ['group', 'example.com/v1', 'DNSEndpoint'],
    ] as const) {
      new ApiObject(chart, id, { apiVersion, kind, metadata: { name: 'shop' } });
    }
    expect(identities(Testing.synth(chart))).toEqual([
      'DNSEndpoint shop',
      'DNSEndpoint blog',
      'Other shop',
      'DNSEndpoint shop',
    ]);
  });

  test.each([
    ['first', 'second'],
    ['second', 'first'],
  ])('are one where the %s was left out when the app was settled', (left, kept) => {
    const chart = edgeChart();
    const endpoints = { first: endpointIn(chart, 'first', 'shop'), second: endpointIn(chart, 'second', 'shop') };
    settle(chart, (objectsOf) => {
      expect(objectsOf(chart.node.root).length).toBeGreaterThan(0);
      endpoints[left as keyof typeof endpoints].node.tryRemoveChild('Resource');
    });
    expect(identities(objectsIn(chart))).toEqual(['DNSEndpoint shop']);
    expect(endpoints[kept as keyof typeof endpoints].node.defaultChild).toBeDefined();
  });

  test('are two in two clusters, also where one of them is the app itself', () => {
    const app = Testing.app();
    const charts = [app, new Cluster(app, 'east'), new Cluster(app, 'west')].map((scope) => edgeChart(scope));
    for (const chart of charts) endpointIn(chart, 'shop');
    for (const chart of charts) expect(identities(objectsIn(chart))).toEqual(['DNSEndpoint shop']);
  });
});

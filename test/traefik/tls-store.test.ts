import { Chart, Testing } from 'cdk8s';
import { Cluster } from '../../lib/cluster';
import { TraefikHaError } from '../../lib/model/problem';
import { TlsStore, type TlsStoreProps } from '../../lib/traefik/tls-store';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart, objectsIn, only } from '../support/edge';

const storeIn = (chart: Chart, props?: TlsStoreProps) => new TlsStore(chart, 'store', props);

test('defaults', () => {
  const chart = edgeChart();
  expect(storeIn(chart).secretNames).toEqual([]);
  const { metadata, spec } = only(objectsIn(chart), 'TLSStore');
  expect(metadata).toEqual({
    name: 'default',
    namespace: 'edge',
    labels: {
      'app.kubernetes.io/name': 'traefik-ha',
      'app.kubernetes.io/instance': 'default',
      'app.kubernetes.io/component': 'tls-store',
      'app.kubernetes.io/managed-by': 'traefik-ha',
    },
  });
  expect(spec).toEqual({ certificates: [] });
});

test('everything', () => {
  const everything: Required<TlsStoreProps> = { certificates: ['wildcard-tls'] };
  const chart = edgeChart();
  storeIn(chart, everything);
  expect(only(objectsIn(chart), 'TLSStore').spec).toEqual({ certificates: [{ secretName: 'wildcard-tls' }] });
});

test('the default child is the TLSStore', () => {
  const store = storeIn(edgeChart());
  expect(store.node.defaultChild).toBe(store.resource);
  expect(store.resource.kind).toBe('TLSStore');
});

test('certificates are sorted and there once, whenever they come', () => {
  const chart = edgeChart();
  const store = storeIn(chart, { certificates: ['b-tls', 'c-tls'] });
  store.addCertificate('a-tls');
  store.addCertificate('c-tls');
  expect(store.secretNames).toEqual(['a-tls', 'b-tls', 'c-tls']);
  expect(only(objectsIn(chart), 'TLSStore').spec.certificates).toEqual([
    { secretName: 'a-tls' },
    { secretName: 'b-tls' },
    { secretName: 'c-tls' },
  ]);
});

test('what is given out is a copy', () => {
  const store = storeIn(edgeChart(), { certificates: ['a-tls'] });
  store.secretNames.push('b-tls');
  expect(store.secretNames).toEqual(['a-tls']);
});

test('no certificate can make Traefik drop the whole store', () => {
  const chart = edgeChart();
  storeIn(chart, { certificates: ['a-tls'] });
  expect(only(objectsIn(chart), 'TLSStore').spec).not.toHaveProperty('defaultCertificate');
});

describe('what cannot be is refused', () => {
  test('two in a cluster', () => {
    const app = Testing.app();
    const chart = edgeChart(app);
    new TraefikHA(chart, 'traefik').defaultStore();
    storeIn(new Chart(app, 'shop', { namespace: 'shop' }));
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'TLS-01',
          at: 'shop/store',
          value: 'TLSStore default',
          message:
            'a cluster has one default TLSStore, Traefik drops both of two, and edge/traefik/TlsStore declares one',
          fix: 'Add its certificates to that one, or put it into another Cluster',
        },
      ]),
    );
  });

  test('not in two clusters', () => {
    const app = Testing.app();
    const charts = ['east', 'west'].map((name) => edgeChart(new Cluster(app, name)));
    for (const chart of charts) storeIn(chart);
    for (const chart of charts) expect(only(objectsIn(chart), 'TLSStore').metadata.name).toBe('default');
  });

  test('a Secret that can have no such name', () => {
    const chart = edgeChart();
    storeIn(chart, { certificates: ['Wildcard'] });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'NAME-04',
          at: 'edge/store',
          value: 'Wildcard',
          message: 'secretName is not a name that an object in Kubernetes can have',
          fix: 'Use lower-case letters, digits, hyphens and dots',
        },
      ]),
    );
  });
});

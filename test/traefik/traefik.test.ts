import { TlsStore } from '../../lib/traefik/tls-store';
import { ExistingTraefik, type ExistingTraefikProps } from '../../lib/traefik/traefik';
import { edgeChart, objectsIn } from '../support/edge';

test('defaults', () => {
  const traefik = new ExistingTraefik();
  expect(traefik).toMatchObject({
    ingressClass: 'traefik',
    namespaces: undefined,
    entryPoints: ['websecure'],
    dnsTargets: undefined,
    applyBefore: undefined,
  });
  expect(traefik.defaultStore()).toBeUndefined();
});

test('everything', () => {
  const store = new TlsStore(edgeChart(), 'store');
  const everything: Required<ExistingTraefikProps> = {
    ingressClass: 'public',
    namespaces: ['shop'],
    entryPoints: ['https', 'http'],
    dnsTargets: ['LB.example.com.'],
    defaultStore: store,
  };
  const traefik = new ExistingTraefik(everything);
  expect(traefik).toMatchObject({
    ingressClass: 'public',
    namespaces: ['shop'],
    entryPoints: ['https', 'http'],
    dnsTargets: ['lb.example.com'],
  });
  expect(traefik.defaultStore()).toBe(store);
  expect(traefik.applyBefore).toBe(store.resource);
});

test('nothing of it is changed', () => {
  const chart = edgeChart();
  const traefik = new ExistingTraefik({ defaultStore: new TlsStore(chart, 'store') });
  const before = objectsIn(chart);
  traefik.acceptHttp01();
  expect(objectsIn(chart)).toEqual(before);
});

import { Testing } from 'cdk8s';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import type { IngressRouteWithTlsProps } from '../../lib/edge/ingress-route-with-tls';
import { TraefikHaError } from '../../lib/model/problem';
import { CertificateStrategy } from '../../lib/model/strategy';
import { HostedZone } from '../../lib/model/zone';
import { TlsStore } from '../../lib/traefik/tls-store';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { accepted, chartOf, identities, theOnly, ZONE } from '../support/charts';
import { BACKEND, edgeIn, ISSUER, routeIn, TRAEFIK } from '../support/routes';

const wildcard = { certificate: CertificateStrategy.wildcardPerZone(), zones: [ZONE] };
const hosts = (...host: string[]) => ({ routes: [{ host, backend: BACKEND }] });

function edgeWith(...routes: Partial<IngressRouteWithTlsProps>[]) {
  const app = Testing.app();
  const { edge, issuer, traefik } = edgeIn(app);
  const shop = chartOf('shop', app);
  for (const [index, props] of routes.entries()) {
    routeIn(shop, `web${index}`, { traefik, issuer, ...wildcard, ...props });
  }
  return { app, edge, shop };
}

test('one certificate beside Traefik serves every host of the zone, from the default store', () => {
  const { edge, shop } = edgeWith(
    hosts('a.example.com'),
    hosts('b.example.com', 'example.com'),
    hosts('*.example.com'),
  );
  const certificate = theOnly('Certificate', edge);
  expect(certificate.metadata).toMatchObject({ namespace: 'edge', name: 'wildcard-example-com' });
  expect(certificate.spec).toMatchObject({
    secretName: 'wildcard-example-com-tls',
    dnsNames: ['*.example.com', 'example.com'],
    issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt' },
  });
  const store = theOnly('TLSStore', edge);
  expect(store.metadata).toMatchObject({ namespace: 'edge', name: 'default' });
  expect(store.spec).toEqual({ certificates: [{ secretName: 'wildcard-example-com-tls' }] });
  const objects = accepted(shop);
  expect(objects.filter(({ kind }) => kind === 'Certificate')).toEqual([]);
  expect(objects.filter(({ kind }) => kind === 'IngressRoute').map(({ spec }) => spec.tls)).toEqual([{}, {}, {}]);
});

test('a deeper host has a certificate of its own, which says why', () => {
  const { edge, shop } = edgeWith(hosts('a.example.com', 'x.a.example.com'));
  const { metadata, spec } = theOnly('Certificate', shop);
  expect(metadata.name).toBe('web0-tls');
  expect(metadata.annotations).toEqual({
    'traefik-ha/reason': 'for hosts more than one label below their zone, where its wildcard does not reach',
  });
  expect(spec).toMatchObject({ secretName: 'web0-tls', dnsNames: ['x.a.example.com'] });
  expect(theOnly('IngressRoute', shop).spec.tls).toEqual({ secretName: 'web0-tls' });
  expect(theOnly('Certificate', edge).spec.dnsNames).toEqual(['*.example.com', 'example.com']);
});

test('each zone has a wildcard', () => {
  const zones = [HostedZone.of('a-b.example.com'), HostedZone.of('a.b.example.com'), ZONE];
  const { edge } = edgeWith({ ...hosts('x.a-b.example.com', 'x.a.b.example.com', 'x.example.com'), zones });
  expect(identities(accepted(edge)).filter((name) => name.startsWith('Certificate'))).toEqual([
    'Certificate edge/wildcard-a--b-example-com',
    'Certificate edge/wildcard-a-b-example-com',
    'Certificate edge/wildcard-example-com',
  ]);
});

test('a Traefik that runs already serves from the store that is said to be its own', () => {
  const app = Testing.app();
  const edge = chartOf('edge', app);
  const store = new TlsStore(edge, 'store');
  const traefik = new ExistingTraefik({ dnsTargets: ['203.0.113.10'], defaultStore: store });
  const shop = chartOf('shop', app);
  routeIn(shop, 'web', { traefik, ...wildcard });
  expect(theOnly('TLSStore', edge).spec.certificates).toEqual([{ secretName: 'wildcard-example-com-tls' }]);
  expect(theOnly('Certificate', edge).metadata.namespace).toBe('edge');
  expect(theOnly('IngressRoute', shop).spec.tls).toEqual({});
});

test('everything that keeps a wildcard from being served is said in one error', () => {
  const app = Testing.app();
  const { issuer, traefik } = edgeIn(app);
  const shop = chartOf('shop', app);
  routeIn(shop, 'a', { ...wildcard, traefik: TRAEFIK, issuer: ISSUER });
  routeIn(shop, 'b', { ...wildcard, traefik, issuer });
  routeIn(shop, 'c', { ...wildcard, traefik, issuer: CertManagerIssuer.existing('other') });
  routeIn(shop, 'd', { traefik, issuer });
  expect(() => Testing.synth(shop)).toThrow(
    new TraefikHaError([
      {
        code: 'TLS-06',
        at: 'shop/a',
        value: '*.example.com',
        message: 'a wildcard is served from the default TLSStore, and whose that is was not said of this Traefik',
        fix: "Give ExistingTraefik a defaultStore: new TlsStore(chart, 'store') in a chart of its namespace",
      },
      {
        code: 'CERT-10',
        at: 'shop/c',
        value: '*.example.com',
        message: 'another route has the wildcard signed by ClusterIssuer letsencrypt, this one by ClusterIssuer other',
        fix: 'Use one issuer for the wildcard of a zone',
      },
      {
        code: 'CERT-03',
        at: 'shop/d',
        value: 'd.example.com',
        message: 'Certificate edge/wildcard-example-com covers the name already, and either would be served',
        fix: 'Have the wildcard serve the route too, with CertificateStrategy.wildcardPerZone(), or say besideWildcard: true',
      },
    ]),
  );
});

test('a certificate beside the wildcard can be asked for', () => {
  const beside = CertificateStrategy.perRoute({ besideWildcard: true });
  const { shop } = edgeWith(hosts('a.example.com'), { ...hosts('b.example.com'), certificate: beside });
  expect(theOnly('Certificate', shop).spec.dnsNames).toEqual(['b.example.com']);
});

test('records are as ever', () => {
  const { shop } = edgeWith(hosts('a.example.com'));
  expect(theOnly('DNSEndpoint', shop).spec.endpoints).toEqual([
    { dnsName: 'a.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] },
  ]);
});

test('a Secret that nothing would be written to is refused', () => {
  const { shop } = edgeWith({ ...hosts('a.example.com'), secretName: 'own-tls' });
  expect(() => Testing.synth(shop)).toThrow(
    new TraefikHaError([
      {
        code: 'ROUTE-09',
        at: 'shop/web0',
        value: 'own-tls',
        message: 'wildcards serve all hosts of the route, so nothing would be written to the Secret',
        fix: 'Leave secretName out, or use CertificateStrategy.perRoute()',
      },
    ]),
  );
  const { shop: deeper } = edgeWith({ ...hosts('a.b.example.com'), secretName: 'own-tls' });
  expect(theOnly('Certificate', deeper).spec.secretName).toBe('own-tls');
});

import { Testing } from 'cdk8s';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { Certificate } from '../../lib/certificates/certificate';
import { Cluster } from '../../lib/cluster';
import type { IngressRouteWithTlsProps } from '../../lib/edge/ingress-route-with-tls';
import { TraefikHaError } from '../../lib/model/problem';
import { Match } from '../../lib/model/rule/build';
import { TlsOption } from '../../lib/traefik/tls-option';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { accepted, chartOf, identities, theOnly } from '../support/charts';
import { BACKEND, ISSUER, routeIn } from '../support/routes';

const secretName = 'shop-tls';
const twoDoors = new ExistingTraefik({ dnsTargets: ['203.0.113.10'], entryPoints: ['websecure', 'inside'] });
const rival = (at: string, who: string, value: string) => ({
  code: 'ROUTE-18',
  at,
  value,
  message: `${who} the same rule with other backends or middlewares, and which of the two answers is left to chance`,
  fix: 'Remove one of them, or give one a higher priority',
});

describe.each([
  ['a, b', ['a', 'b']],
  ['b, a', ['b', 'a']],
])('routes of one namespace with one Secret, declared %s,', (_, order) => {
  const chart = chartOf();
  const routes = order.map((id) => routeIn(chart, id, { secretName }));
  const objects = accepted(chart);

  test('share the certificate of the first, for the hosts of both', () => {
    const certificates = objects.filter(({ kind }) => kind === 'Certificate');
    expect(identities(certificates)).toEqual(['Certificate shop/a-tls']);
    expect(certificates[0]?.spec).toMatchObject({ secretName, dnsNames: ['a.example.com', 'b.example.com'] });
  });

  test('are both served from it', () => {
    const served = objects.filter(({ kind }) => kind === 'IngressRoute').map(({ spec }) => spec.tls.secretName);
    expect(served).toEqual([secretName, secretName]);
  });

  test('are the same when synthesized again', () => {
    expect(Testing.synth(chart)).toEqual(objects);
    expect(routes).toHaveLength(2);
  });
});

test('routes of different namespaces do not share a Secret', () => {
  const app = Testing.app();
  const charts = ['blog', 'shop'].map((namespace) => chartOf(namespace, app));
  for (const chart of charts) routeIn(chart, `${chart.namespace}`, { secretName });
  const names = charts.map((chart) => theOnly('Certificate', chart).spec.dnsNames);
  expect(names).toEqual([['blog.example.com'], ['shop.example.com']]);
});

test('a record that two routes ask for alike is there once', () => {
  const chart = chartOf();
  for (const id of ['b', 'a']) {
    routeIn(chart, id, { secretName, routes: [{ host: ['shop.example.com', `${id}.example.com`], backend: BACKEND }] });
  }
  const endpoints = accepted(chart).filter(({ kind }) => kind === 'DNSEndpoint');
  expect(identities(endpoints)).toEqual(['DNSEndpoint shop/b', 'DNSEndpoint shop/a']);
  const names = endpoints.flatMap(({ spec }) => spec.endpoints.map(({ dnsName }: { dnsName: string }) => dnsName));
  expect(names.sort()).toEqual(['a.example.com', 'b.example.com', 'shop.example.com']);
});

test('a route whose records are all announced has no DNSEndpoint', () => {
  const chart = chartOf();
  for (const id of ['b', 'a']) {
    routeIn(chart, id, { secretName, routes: [{ host: 'shop.example.com', pathPrefix: `/${id}`, backend: BACKEND }] });
  }
  expect(identities(accepted(chart)).filter((name) => !name.startsWith('IngressRoute'))).toEqual([
    'Certificate shop/a-tls',
    'DNSEndpoint shop/a',
  ]);
});

test('everything in which routes contradict one another is said in one error', () => {
  const chart = chartOf('shop');
  const routes = [{ host: 'shop.example.com', backend: BACKEND }];
  const mutual = new TlsOption(chart, 'mutual', { clientCaSecrets: ['partners'] });
  routeIn(chart, 'a', { routes, secretName });
  routeIn(chart, 'b', { routes, secretName, dns: { targets: ['203.0.113.11'], ttlSeconds: 60 } });
  routeIn(chart, 'c', { routes, secretName, issuer: CertManagerIssuer.existing('other') });
  routeIn(chart, 'd', { routes, tlsOption: mutual });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'DNS-06',
        at: 'shop/b',
        value: 'shop.example.com',
        message: 'route shop/a announces the name as A 203.0.113.10 for 300 s, and this one as A 203.0.113.11 for 60 s',
        fix: 'Give both the same targets and ttlSeconds, or say dns: false in one of them',
      },
      {
        code: 'CERT-04',
        at: 'shop/c',
        value: secretName,
        message:
          'Certificate a-tls writes this Secret with ClusterIssuer letsencrypt, and this route asks ClusterIssuer other',
        fix: 'Use one issuer for both, or another secretName',
      },
      {
        code: 'CERT-03',
        at: 'shop/d',
        value: 'shop.example.com',
        message: 'Certificate shop/a-tls covers the name already, and either would be served',
        fix: "Have one certificate serve both: routes of one namespace with secretName 'shop-tls', or the wildcard of the zone",
      },
      {
        code: 'TLS-03',
        at: 'shop/d',
        value: 'shop.example.com',
        message:
          'shop/a serves the host with TLSOption default, and this route with shop/mutual: Traefik would use neither',
        fix: 'Give all routes of the host the same tlsOption',
      },
    ]),
  );
});

test('one host in two namespaces is refused', () => {
  const app = Testing.app();
  const routes = [{ host: 'shop.example.com', backend: BACKEND }];
  for (const namespace of ['b', 'a']) routeIn(chartOf(namespace, app), 'web', { routes });
  expect(() => app.synthYaml()).toThrow(
    new TraefikHaError([
      {
        code: 'CERT-03',
        at: 'b/web',
        value: 'shop.example.com',
        message: 'Certificate a/web-tls covers the name already, and either would be served',
        fix: "Have one certificate serve both: routes of one namespace with secretName 'web-tls', or the wildcard of the zone",
      },
      rival('a/web', 'b/web has', 'Host(`shop.example.com`)'),
    ]),
  );
});

describe('two routes with one rule and priority, of which either may answer', () => {
  const OTHER = { service: 'other', port: 80 };
  const both = ['a.example.com', 'b.example.com'];

  test('in one IngressRouteWithTls, whatever the order of hosts and parts', () => {
    const chart = chartOf('shop');
    const match = Match.and(Match.pathPrefix('/x'), Match.host('B.example.com', 'a.example.com'));
    routeIn(chart, 'web', {
      routes: [
        { host: both, pathPrefix: '/x', backend: BACKEND },
        { match, backend: OTHER },
      ],
    });
    const rule = '(Host(`a.example.com`) || Host(`b.example.com`)) && PathPrefix(`/x`)';
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([rival('shop/web', 'another route of it has', rule)]),
    );
  });

  test('in two of the same Traefik, and the later one is named', () => {
    const chart = chartOf('shop');
    const traefik = new ExistingTraefik({ dnsTargets: ['203.0.113.10'] });
    const routes = [{ host: 'a.example.com', backend: BACKEND, priority: 7 }];
    routeIn(chart, 'z', { secretName, routes });
    routeIn(chart, 'a', { secretName, traefik, routes: [{ ...routes[0], host: 'a.example.com', backend: OTHER }] });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([rival('shop/a', 'shop/z has', 'Host(`a.example.com`)')]),
    );
  });

  test.each<[string, Partial<IngressRouteWithTlsProps>, object]>([
    ['a priority of its own', {}, { priority: 100 }],
    ['another path', {}, { pathPrefix: '/x' }],
    ['the same backend', {}, { backend: BACKEND }],
    ['another Traefik', { traefik: new ExistingTraefik({ ingressClass: 'x', dnsTargets: ['203.0.113.10'] }) }, {}],
    ['another entry point', { traefik: twoDoors, entryPoints: ['inside'] }, {}],
  ])('but not with %s', (_, props, route) => {
    const chart = chartOf('shop');
    routeIn(chart, 'a', { secretName, traefik: twoDoors });
    const routes = [{ host: 'a.example.com', backend: OTHER, ...route }];
    routeIn(chart, 'b', { secretName, traefik: twoDoors, routes, ...props });
    expect(() => Testing.synth(chart)).not.toThrow();
  });
});

test('more names than fit into the certificate that is shared are refused', () => {
  const chart = chartOf('shop');
  const issuer = CertManagerIssuer.existing('letsencrypt', { letsEncrypt: true, profile: 'shortlived' });
  for (const id of ['a', 'b']) {
    const host = Array.from({ length: 13 }, (_, index) => `${id}${index}.example.com`);
    routeIn(chart, id, { issuer, secretName, routes: [{ host, backend: BACKEND }] });
  }
  expect(() => Testing.synth(chart)).toThrow(
    /^CERT-01 \[shop\/[ab]\] Let's Encrypt puts at most 25 [^\n]* \(26 names\)[^\n]*$/,
  );
});

test('each cluster is looked at by itself', () => {
  const app = Testing.app();
  for (const id of ['west', 'east']) {
    routeIn(chartOf('shop', new Cluster(app, id)), 'web', {
      dns: { targets: [id === 'west' ? '203.0.113.1' : '203.0.113.2'] },
    });
  }
  expect(() => app.synthYaml()).not.toThrow();
});

test('a certificate that is declared by itself is no route’s, and its Secret is not to be theirs', () => {
  const chart = chartOf('shop');
  new Certificate(chart, 'mail', { secretName, dnsNames: ['mail.example.com'], issuer: ISSUER });
  const route = routeIn(chart, 'web', { secretName });
  expect(route.certificate?.name).toBe('web-tls');
  expect(() => Testing.synth(chart)).toThrow(/^CERT-11 \[shop\/\w+\] [^\n]*\(shop\/shop-tls\)[^\n]*$/);
});

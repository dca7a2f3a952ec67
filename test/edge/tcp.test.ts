import { ApiObject, Testing } from 'cdk8s';
import type { TraefikHaError } from '../../lib/model/problem';
import { Match } from '../../lib/model/rule/build';
import { accepted, chartOf, theOnly } from '../support/charts';
import { routeIn } from '../support/routes';

const SQL = { service: 'sql', port: 5432 };

test('connections by their server name, with a certificate and records as for HTTP', () => {
  const chart = chartOf('shop');
  const allowList = new ApiObject(chart, 'office', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'MiddlewareTCP',
    metadata: { name: 'office' },
    spec: { ipAllowList: { sourceRange: ['192.0.2.0/24'] } },
  });
  const route = routeIn(chart, 'sql', {
    protocol: 'tcp',
    routes: [
      { host: 'sql.example.com', backend: SQL, middlewares: [allowList], priority: 3 },
      {
        match: Match.and(Match.hostSni('old.example.com'), Match.alpn('postgresql')),
        backend: [{ ...SQL, weight: 1 }],
      },
      { rule: 'HostSNI(`more.example.com`)', backend: SQL },
    ],
  });
  expect(theOnly('IngressRouteTCP', chart).spec).toEqual({
    ingressClassName: 'traefik',
    entryPoints: ['websecure'],
    routes: [
      {
        match: 'HostSNI(`sql.example.com`)',
        priority: 3,
        middlewares: [{ name: 'office' }],
        services: [{ name: 'sql', port: 5432 }],
      },
      {
        match: 'HostSNI(`old.example.com`) && ALPN(`postgresql`)',
        services: [{ name: 'sql', port: 5432, weight: 1 }],
      },
      { match: 'HostSNI(`more.example.com`)', services: [{ name: 'sql', port: 5432 }] },
    ],
    tls: { secretName: 'sql-tls' },
  });
  const hosts = ['more.example.com', 'old.example.com', 'sql.example.com'];
  expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(hosts);
  expect(theOnly('DNSEndpoint', chart).spec.endpoints.map(({ dnsName }: { dnsName: string }) => dnsName)).toEqual(
    hosts,
  );
  expect(route.hosts).toEqual(hosts);
  expect(accepted(chart)).toHaveLength(4);
});

test('what TCP does not have is refused', () => {
  const chart = chartOf('shop');
  const middleware = new ApiObject(chart, 'compress', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'compress' },
    spec: { compress: {} },
  });
  routeIn(chart, 'scheme', {
    protocol: 'tcp',
    routes: [{ host: 'a.example.com', backend: { ...SQL, scheme: 'h2c' } }],
  });
  routeIn(chart, 'path', {
    protocol: 'tcp',
    routes: [{ host: 'b.example.com', pathPrefix: '/api', backend: SQL }],
  });
  routeIn(chart, 'middleware', {
    protocol: 'tcp',
    routes: [{ host: 'c.example.com', backend: SQL, middlewares: [middleware] }],
  });
  routeIn(chart, 'undeclared', {
    protocol: 'tcp',
    routes: [{ host: 'd.example.com', backend: SQL, middlewares: ['compress'] }],
  });
  let problems: string[] = [];
  try {
    Testing.synth(chart);
  } catch (error) {
    problems = (error as TraefikHaError).problems.map(
      ({ code, at, value }) => `${code} ${at.split('/').at(-1)} ${value}`,
    );
  }
  expect(problems).toEqual([
    'ROUTE-16 scheme h2c',
    'RULE-02 path PathPrefix',
    'ROUTE-04 middleware Middleware shop/compress',
    'ROUTE-05 undeclared compress',
  ]);
});

import { Testing } from 'cdk8s';
import { k8s, Service } from 'cdk8s-plus-27';
import { type Backend, backendFindings, backendRef } from '../../lib/edge/backend';
import { TraefikHaError } from '../../lib/model/problem';
import { chartOf, theOnly } from '../support/charts';
import { routeIn } from '../support/routes';

const routeTo = (...backends: (Backend | Backend[])[]) =>
  backends.map((backend, index) => ({ host: `host-${index}.example.com`, backend }));

test('a Service by name, with a port by number or name', () => {
  expect(backendRef({ service: 'web', port: 80 })).toEqual({ kind: 'Service', name: 'web', port: 80 });
  expect(backendRef({ service: 'web', port: 'http', scheme: 'https', weight: 0 })).toEqual({
    kind: 'Service',
    name: 'web',
    port: 'http',
    scheme: 'https',
    weight: 0,
  });
});

test('a Service of cdk8s-plus, with its first port or another', () => {
  const chart = chartOf();
  const metadata = { name: 'web' };
  const ports = [
    { name: 'http', port: 8080 },
    { name: 'admin', port: 9000 },
  ];
  const service = new Service(chart, 'service', { metadata, ports });
  routeIn(chart, 'web', { routes: routeTo(service, { service, port: 'admin' }) });
  expect(theOnly('IngressRoute', chart).spec.routes.map(({ services }: { services: unknown[] }) => services)).toEqual([
    [{ kind: 'Service', name: 'web', port: 8080 }],
    [{ kind: 'Service', name: 'web', port: 'admin' }],
  ]);
});

test('a Service of the program that has no such port is refused', () => {
  const chart = chartOf('shop');
  new Service(chart, 'service', { metadata: { name: 'web' }, ports: [{ name: 'http', port: 8080 }] });
  new k8s.KubeService(chart, 'headless', { metadata: { name: 'bare' } });
  routeIn(chart, 'web', {
    routes: routeTo(
      { service: 'web', port: 'http' },
      { service: 'web', port: 80 },
      { service: 'bare', port: 80 },
      { service: 'elsewhere', port: 80 },
    ),
  });
  const problem = { code: 'ROUTE-06', at: 'shop/web', fix: 'Use a port of the Service, by number or name' };
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      { ...problem, value: 'web:80', message: 'the Service has the ports 8080, http, and not this one' },
      { ...problem, value: 'bare:80', message: 'the Service has no ports, and not this one' },
    ]),
  );
});

test('a Service of the same name in another namespace says nothing', () => {
  const app = Testing.app();
  new Service(chartOf('blog', app), 'service', { metadata: { name: 'web' }, ports: [{ port: 8080 }] });
  const chart = chartOf('shop', app);
  routeIn(chart, 'web', { routes: routeTo({ service: 'web', port: 80 }) });
  expect(theOnly('IngressRoute', chart).spec.routes[0].services[0].port).toBe(80);
});

test('everything that is wrong with backends is said in one error', () => {
  const app = Testing.app();
  const blog = chartOf('blog', app);
  const foreign = new Service(blog, 'foreign', { metadata: { name: 'web' }, ports: [{ port: 80 }] });
  const chart = chartOf('shop', app);
  routeIn(chart, 'web', {
    routes: routeTo([
      { service: 'Web', port: 80 },
      { service: 'web', port: 80, weight: -1 },
      foreign,
      { service: foreign, port: 80 },
    ]),
  });
  const at = 'shop/web';
  const elsewhere = {
    code: 'ROUTE-08',
    at,
    value: 'blog/web',
    message: "Traefik looks for the Service in the route's namespace, shop, and nowhere else",
    fix: 'Declare the route in a chart of namespace blog',
  };
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ROUTE-01',
        at,
        value: 'Web:80',
        message: 'not the name of a Service and one of its ports',
        fix: "Write backend: { service: 'web', port: 80 }",
      },
      {
        code: 'ROUTE-03',
        at,
        value: '-1',
        message: 'a weight is a whole number from 0',
        fix: 'Leave weight out for equal shares',
      },
      elsewhere,
      elsewhere,
    ]),
  );
});

test('a Service of cdk8s-plus that has no port is refused, not stumbled over', () => {
  const chart = chartOf();
  const service = new Service(chart, 'service', { metadata: { name: 'web' } });
  expect(backendFindings(service, { namespace: 'shop' })).toMatchObject([{ code: 'ROUTE-01', value: 'web:' }]);
});

test.each([0, 65536, 1.5, '', '80', 'HTTP', 'a-port-of-16char', 'a_b', '-a'])('%j is no port', (port) => {
  expect(backendFindings({ service: 'web', port }, { namespace: 'shop' })).toMatchObject([{ code: 'ROUTE-01' }]);
});

test.each([1, 65535, 'http', 'a-port-15-chars', '8080-tcp'])('%j is a port', (port) => {
  expect(backendFindings({ service: 'web', port }, { namespace: 'shop' })).toEqual([]);
});

test.each(['', '1web', 'a.b', 'web-', 'x'.repeat(64)])('%j is no Service', (service) => {
  expect(backendFindings({ service, port: 80 }, { namespace: 'shop' })).toMatchObject([{ code: 'ROUTE-01' }]);
});

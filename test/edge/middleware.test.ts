import { ApiObject, type Chart, Testing } from 'cdk8s';
import type { MiddlewareRef } from '../../lib/edge/middleware';
import { TraefikHaError } from '../../lib/model/problem';
import { chartOf, theOnly } from '../support/charts';
import { BACKEND, routeIn } from '../support/routes';

const middlewareIn = (chart: Chart, name: string, kind = 'Middleware') =>
  new ApiObject(chart, name, { apiVersion: 'traefik.io/v1alpha1', kind, metadata: { name }, spec: {} });
const through = (...middlewares: MiddlewareRef[]) => ({
  routes: [{ host: 'a.example.com', backend: BACKEND, middlewares }],
});

test('middlewares by object, by name and from elsewhere stand in the order given', () => {
  const chart = chartOf();
  const compress = middlewareIn(chart, 'compress');
  middlewareIn(chart, 'auth');
  routeIn(chart, 'web', through('auth', { name: 'limit', declaredElsewhere: true }, compress));
  expect(theOnly('IngressRoute', chart).spec.routes[0].middlewares).toEqual([
    { name: 'auth' },
    { name: 'limit' },
    { name: 'compress' },
  ]);
});

test('a name may be declared after the route', () => {
  const chart = chartOf();
  routeIn(chart, 'web', through('auth'));
  middlewareIn(chart, 'auth');
  expect(theOnly('IngressRoute', chart).spec.routes[0].middlewares).toEqual([{ name: 'auth' }]);
});

test('everything that is wrong with middlewares is said in one error', () => {
  const app = Testing.app();
  const blog = chartOf('blog', app);
  const chart = chartOf('shop', app);
  const refs = [middlewareIn(blog, 'auth'), middlewareIn(chart, 'tcp', 'MiddlewareTCP'), 'auth@file', 'auth'];
  routeIn(chart, 'web', through(...refs));
  const at = 'shop/web';
  const foreign = {
    code: 'ROUTE-04',
    at,
    message: 'a route takes a Middleware of its own namespace, shop',
    fix: 'Declare a Middleware in the chart of the route',
  };
  const unknown = (name: string) => ({
    code: 'ROUTE-05',
    at,
    value: name,
    message: `the app declares no Middleware shop/${name}, and without it Traefik switches the route off`,
    fix: `Declare it, or write { name: '${name}', declaredElsewhere: true }`,
  });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      { ...foreign, value: 'Middleware blog/auth' },
      { ...foreign, value: 'MiddlewareTCP shop/tcp' },
      {
        code: 'NAME-04',
        at,
        value: 'auth@file',
        message: 'middlewares is not a name that an object in Kubernetes can have',
        fix: 'Use lower-case letters, digits, hyphens and dots',
      },
      unknown('auth@file'),
      unknown('auth'),
    ]),
  );
});

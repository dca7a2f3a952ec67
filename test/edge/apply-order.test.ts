import { type App, Testing } from 'cdk8s';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { TlsStore } from '../../lib/traefik/tls-store';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { chartOf } from '../support/charts';
import { edgeIn, ISSUER, routeIn, TRAEFIK } from '../support/routes';
import { filesOf } from '../support/synthesize';

const manifestsOf = (build: (app: App) => void) => Object.keys(filesOf(build));

test('routes are applied after the charts of their Traefik and issuer', () => {
  const files = manifestsOf((app) => {
    const shop = chartOf('a-shop', app);
    const { traefik } = edgeIn(app);
    const issuer = new CertManagerIssuer(chartOf('z-issuer', app), 'other', { solvers: [AcmeSolver.http01()] });
    for (const id of ['a', 'b']) routeIn(shop, id, { traefik, issuer });
  });
  expect(files).toEqual(['0000-edge.k8s.yaml', '0001-z-issuer.k8s.yaml', '0002-a-shop.k8s.yaml']);
});

test('routes of one chart need one dependency for each chart that they come after', () => {
  const app = Testing.app();
  const { issuer, traefik } = edgeIn(app);
  const shop = chartOf('shop', app);
  const routes = ['a', 'b', 'c'].map((id) => routeIn(shop, id, { traefik, issuer }));
  expect(routes.map(({ resource }) => resource.node.dependencies.length)).toEqual([2, 0, 0]);
});

test('routes beside their Traefik depend on nothing', () => {
  const files = manifestsOf((app) => {
    const { edge, issuer, traefik } = edgeIn(app);
    routeIn(edge, 'web', { traefik, issuer });
  });
  expect(files).toEqual(['edge.k8s.yaml']);
});

test('what is there already is not waited for, but for a store of the app', () => {
  expect(manifestsOf((app) => routeIn(chartOf('shop', app), 'web', { traefik: TRAEFIK, issuer: ISSUER }))).toEqual([
    'shop.k8s.yaml',
  ]);
  const files = manifestsOf((app) => {
    const shop = chartOf('a-shop', app);
    const defaultStore = new TlsStore(chartOf('store', app), 'store');
    routeIn(shop, 'web', { traefik: new ExistingTraefik({ dnsTargets: ['203.0.113.1'], defaultStore }) });
  });
  expect(files).toEqual(['0000-store.k8s.yaml', '0001-a-shop.k8s.yaml']);
});

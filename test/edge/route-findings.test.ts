import { App, Chart, Testing } from 'cdk8s';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { Cluster } from '../../lib/cluster';
import { TraefikHaError } from '../../lib/model/problem';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { TlsOption } from '../../lib/traefik/tls-option';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { chartOf, theOnly } from '../support/charts';
import { BACKEND, edgeIn, routeIn } from '../support/routes';

test('a route is told in one form', () => {
  const chart = chartOf();
  const route = { host: 'a.example.com', rule: 'Host(`b.example.com`)', backend: BACKEND };
  routeIn(chart, 'web', { routes: [route as never] });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ROUTE-10',
        at: 'shop/web',
        value: 'rule, host',
        message: 'a route is told by host and pathPrefix, by match, or by rule, and by one of them only',
        fix: 'Say all of it in one: match and rule can hold hosts and paths as well',
      },
    ]),
  );
});

test('of several routes, a problem says which', () => {
  const chart = chartOf();
  const good = { host: 'a.example.com', backend: BACKEND };
  routeIn(chart, 'web', { routes: [good, { rule: 'PathPrefix(`/x`)', backend: BACKEND }] });
  expect(() => Testing.synth(chart)).toThrow(/^RULE-07 \[shop\/web\] routes\[1\]: the rule names no host/);
});

test('a TLSOption needs host names to be chosen by', () => {
  const chart = chartOf();
  const tlsOption = new TlsOption(chart, 'strict', { minVersion: '1.3' });
  const rule = 'HostRegexp(`^.+$`)';
  routeIn(chart, 'web', { tlsOption, hosts: ['a.example.com'], routes: [{ rule, backend: BACKEND }] });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'TLS-08',
        at: 'shop/web',
        value: rule,
        message: 'a tlsOption is chosen by the host names of a rule, and this one has none',
        fix: 'Name the hosts with Host, or leave tlsOption out',
      },
    ]),
  );
});

test('the default TLSOption is not named, since it holds anyway', () => {
  const chart = chartOf();
  const tlsOption = new TlsOption(chart, 'options', { name: 'default' });
  routeIn(chart, 'web', { tlsOption });
  expect(theOnly('IngressRoute', chart).spec.tls).toEqual({ secretName: 'web-tls' });
});

test('what another Cluster declares is not there', () => {
  const app = new App({ outdir: 'unused' });
  const [east, west] = [new Cluster(app, 'east'), new Cluster(app, 'west')];
  const edge = new Chart(east, 'edge', { namespace: 'edge' });
  const issuer = CertManagerIssuer.existing('letsencrypt');
  const traefik = new TraefikHA(edge, 'traefik', {
    loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }),
  });
  const shop = new Chart(west, 'shop', { namespace: 'shop' });
  routeIn(shop, 'web', { traefik, issuer });
  expect(() => Testing.synth(shop)).toThrow(
    new TraefikHaError([
      {
        code: 'ROUTE-11',
        at: 'west/shop/web',
        value: 'east/edge/traefik',
        message: 'it is declared in another Cluster, where this route is not seen',
        fix: 'Use one of the same Cluster, or ExistingTraefik and CertManagerIssuer.existing()',
      },
    ]),
  );
});

test('the name of the load balancer itself is announced by its Service, not by a route', () => {
  const app = Testing.app();
  const edge = chartOf('edge', app);
  const traefik = new TraefikHA(edge, 'traefik', { loadBalancer: LoadBalancer.awsNlb({ hostName: 'lb.example.com' }) });
  const chart = chartOf('shop', app);
  routeIn(chart, 'web', { traefik, routes: [{ host: ['lb.example.com', 'a.example.com'], backend: BACKEND }] });
  expect(theOnly('DNSEndpoint', chart).spec.endpoints).toMatchObject([{ dnsName: 'a.example.com' }]);
  expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(['a.example.com', 'lb.example.com']);
});

test('charts whose routes and issuers wait for one another end in no cycle', () => {
  const app = new App({ outdir: 'unused' });
  const { edge, traefik } = edgeIn(app);
  const other = new Chart(app, 'issuers', { namespace: 'issuers' });
  const { solvers } = edgeIn(Testing.app()).issuer;
  const issuer = new CertManagerIssuer(other, 'second', {
    solvers: solvers.map((entry) => ({ entries: [{ ...entry, config: {} }], findings: [] })),
  });
  routeIn(other, 'one', { traefik, issuer });
  routeIn(edge, 'two', { traefik, issuer });
  expect(() => app.synthYaml()).not.toThrow();
});

test('a route in a namespace that its Traefik does not read', () => {
  const chart = chartOf('blog');
  const traefik = new ExistingTraefik({ namespaces: ['edge', 'shop'] });
  routeIn(chart, 'web', { traefik, dns: false });
  expect(() => Testing.synth(chart)).toThrow(
    expect.objectContaining({
      problems: [
        expect.objectContaining({
          code: 'ROUTE-12',
          value: 'blog',
          message: 'its Traefik serves routes of edge, shop only',
          fix: "Add 'blog' to the namespaces of the Traefik, or move the route",
        }),
      ],
    }),
  );
});

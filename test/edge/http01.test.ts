import { Testing } from 'cdk8s';
import { Certificate } from '../../lib/certificates/certificate';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { chartOf, theOnly } from '../support/charts';
import { BACKEND, DNS01, edgeIn, routeIn } from '../support/routes';

function traefikOf(solvers: Parameters<typeof edgeIn>[1], host: string, props = {}) {
  const app = Testing.app();
  const { edge, issuer, traefik } = edgeIn(app, solvers);
  routeIn(chartOf('shop', app), 'web', { traefik, issuer, routes: [{ host, backend: BACKEND }], ...props });
  const [container] = theOnly('Deployment', edge).spec.template.spec.containers;
  const resources = theOnly('ClusterRole', edge).rules.flatMap((rule: { resources: string[] }) => rule.resources);
  return {
    bypass: container.args.includes('--entryPoints.web.allowACMEByPass=true'),
    provider: container.args.includes('--providers.kubernetesingress=true'),
    permitted: resources.includes('ingresses'),
  };
}

const YES = { bypass: true, provider: true, permitted: true };
const NO = { bypass: false, provider: false, permitted: false };

test('a route that HTTP-01 certifies has its Traefik let the challenge through', () => {
  expect(traefikOf({ solvers: [AcmeSolver.http01()] }, 'shop.example.com')).toEqual(YES);
});

test('DNS-01 needs nothing of Traefik', () => {
  expect(traefikOf({ solvers: [DNS01] }, 'shop.example.com')).toEqual(NO);
});

test('of several solvers the one counts that the host is certified by', () => {
  const solvers = [AcmeSolver.http01(), DNS01];
  expect(traefikOf({ solvers }, 'shop.example.com')).toEqual(NO);
  expect(traefikOf({ solvers }, 'shop.example.org')).toEqual(YES);
});

test('a solver for other zones is not asked', () => {
  const solvers = [AcmeSolver.http01({ zones: [HostedZone.of('example.org')] }), DNS01];
  expect(traefikOf({ solvers }, 'shop.example.com')).toEqual(NO);
});

test('a solver that another Traefik answers is refused', () => {
  const app = Testing.app();
  const { issuer, traefik } = edgeIn(app, { solvers: [AcmeSolver.http01({ ingressClass: 'inner' })] });
  const chart = chartOf('shop', app);
  routeIn(chart, 'web', { traefik, issuer });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ISSUER-05',
        at: 'shop/web',
        value: 'inner',
        message: 'HTTP-01 is answered by the Traefik of that class, and this route is served by that of traefik',
        fix: "Write AcmeSolver.http01({ ingressClass: 'traefik' })",
      },
    ]),
  );
});

test("a certificate that is no route's has the Traefik of its class let the challenge through", () => {
  const permitted = (ingressClass: string) => {
    const app = Testing.app();
    const { edge, issuer } = edgeIn(app, { solvers: [AcmeSolver.http01({ ingressClass })] });
    new Certificate(edge, 'mail', { secretName: 'mail-tls', dnsNames: ['mail.example.com'], issuer });
    return theOnly('Deployment', edge).spec.template.spec.containers[0].args.includes(
      '--entryPoints.web.allowACMEByPass=true',
    );
  };
  expect(permitted('traefik')).toBe(true);
  expect(permitted('inner')).toBe(false);
});

import { type App, type Chart, Testing } from 'cdk8s';
import { CertManagerIssuer, type CertManagerIssuerProps } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { IngressRouteWithTls, type IngressRouteWithTlsProps } from '../../lib/edge/ingress-route-with-tls';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { ExistingTraefik, type Traefik } from '../../lib/traefik/traefik';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { chartOf, ZONE } from './charts';

/** Answers for example.com by DNS-01. */
export const DNS01 = AcmeSolver.cloudflare({ zones: [ZONE], apiToken: { secretName: 'cloudflare', key: 'token' } });

/** A Traefik that runs already, at an address that is known. */
export const TRAEFIK = new ExistingTraefik({ dnsTargets: ['203.0.113.10'] });

/** An issuer that is there already, and of which nothing is known. */
export const ISSUER = CertManagerIssuer.existing('letsencrypt');

export const BACKEND = { service: 'web', port: 80 };

/** A route of `chart`, served and certified by what is there already. */
export function routeIn(chart: Chart, id: string, props: Partial<IngressRouteWithTlsProps> = {}): IngressRouteWithTls {
  return new IngressRouteWithTls(chart, id, {
    traefik: TRAEFIK,
    issuer: ISSUER,
    routes: [{ host: `${id}.example.com`, backend: BACKEND }],
    ...props,
  });
}

/** An edge of the app itself: a chart with a Traefik and an issuer. */
export function edgeIn(
  app: App = Testing.app(),
  { solvers = [DNS01], ...props }: Partial<CertManagerIssuerProps> = {},
): { edge: Chart; issuer: CertManagerIssuer; traefik: Traefik } {
  const edge = chartOf('edge', app);
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', { solvers, ...props });
  const loadBalancer = LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] });
  return { edge, issuer, traefik: new TraefikHA(edge, 'traefik', { loadBalancer }) };
}

import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AcmeSolver,
  CertManagerIssuer,
  EdgeApp,
  IngressRouteWithTls,
  LoadBalancer,
  TraefikHA,
  type TraefikHAProps,
} from 'traefik-ha';

export const PRODUCTION = { server: AcmeServer.LETS_ENCRYPT_STAGING, address: '203.0.113.10' };

export function build(app: App, { server, address, ...props }: typeof PRODUCTION & TraefikHAProps): void {
  const chart = new Chart(app, 'edge', { namespace: 'edge' });
  const issuer = new CertManagerIssuer(chart, 'letsencrypt', { server, solvers: [AcmeSolver.http01()] });
  const loadBalancer = LoadBalancer.fixedAddress({ addresses: [address] });
  const traefik = new TraefikHA(chart, 'traefik', { loadBalancer, ...props });
  const backend = { service: 'web', port: 80 };
  new IngressRouteWithTls(chart, 'web', { traefik, issuer, routes: [{ host: 'shop.example.com', backend }] });
}

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

import { type App, Chart } from 'cdk8s';
import {
  AcmeServer,
  AcmeSolver,
  CertificateStrategy,
  CertManagerIssuer,
  EdgeApp,
  EdgeNamespace,
  HostedZone,
  IngressRouteWithTls,
  LoadBalancer,
  type Solver,
  TraefikHA,
} from 'traefik-ha';

/** What differs between production and a test cluster. */
export interface Environment {
  readonly server: AcmeServer;
  readonly solver: Solver;
  readonly address: string;
  readonly version?: string;
  readonly image?: string;
}

export const ZONE = HostedZone.of('example.com');

export function build(app: App, { server, solver, address, version, image }: Environment): void {
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', { server, solvers: [solver] });
  const loadBalancer = LoadBalancer.fixedAddress({ addresses: [address] });
  const traefik = new TraefikHA(edge, 'traefik', { loadBalancer, version, image });

  for (const team of ['red', 'blue']) {
    const chart = new Chart(app, team, { namespace: team });
    new EdgeNamespace(chart, 'namespace');
    new IngressRouteWithTls(chart, 'web', {
      traefik,
      issuer,
      zones: [ZONE],
      certificate: CertificateStrategy.wildcardPerZone(),
      routes: [{ host: `${team}.example.com`, backend: { service: 'web', port: 80 } }],
    });
    // No wildcard reaches two labels down: this host gets a certificate of its own.
    new IngressRouteWithTls(chart, 'preview', {
      traefik,
      issuer,
      zones: [ZONE],
      certificate: CertificateStrategy.wildcardPerZone(),
      routes: [{ host: `preview.${team}.example.com`, backend: { service: 'preview', port: 80 } }],
    });
  }
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  solver: AcmeSolver.cloudflare({ zones: [ZONE], apiToken: { secretName: 'cloudflare', key: 'api-token' } }),
  address: '203.0.113.10',
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

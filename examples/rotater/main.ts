import { type App, Chart } from 'cdk8s';
import { CertRotater, type CertRotaterProps, EdgeApp, EdgeNamespace } from 'traefik-ha';

export const PRODUCTION: CertRotaterProps = {
  image: 'registry.example.com/traefik-ha:0.1.0',
  settings: {
    ingressClass: 'traefik',
    zones: ['example.com'],
    certificates: { issuer: { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: true } },
    dns: { service: 'edge/traefik' },
  },
};

export function build(app: App, props: CertRotaterProps): void {
  const chart = new Chart(app, 'cert-rotater', { namespace: 'cert-rotater' });
  new EdgeNamespace(chart, 'namespace');
  new CertRotater(chart, 'cert-rotater', props);
}

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}

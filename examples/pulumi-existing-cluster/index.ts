import * as kubernetes from '@pulumi/kubernetes';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { AcmeSolver, LoadBalancer } from 'traefik-ha';
import {
  CertManagerIssuer,
  CertRotater,
  EdgeNamespace,
  IngressRouteWithTls,
  SynthesizedApp,
  TraefikHA,
} from 'traefik-ha/pulumi';

const provider = new kubernetes.Provider('cluster', { enableServerSideApply: true });
const options = { provider };

new EdgeNamespace('edge-namespace', { namespace: 'edge' }, options);
const traefik = new TraefikHA(
  'traefik',
  { namespace: 'edge', loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }) },
  options,
);
const issuer = new CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [AcmeSolver.http01()] }, options);

// A chart of a team, as it is.
const app = new App();
const team = new Chart(app, 'shop', { namespace: 'shop' });
const labels = { app: 'web' };
new k8s.KubeNamespace(team, 'namespace', { metadata: { name: 'shop' } });
new k8s.KubeService(team, 'web', {
  metadata: { name: 'web' },
  spec: { selector: labels, ports: [{ port: 80, targetPort: k8s.IntOrString.fromNumber(8080) }] },
});
const shop = new SynthesizedApp('shop', { app }, options);

const web = new IngressRouteWithTls(
  'web',
  {
    namespace: 'shop',
    traefik,
    issuer,
    routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
  },
  { ...options, dependsOn: shop },
);
// Routes that others write.
new CertRotater(
  'cert-rotater',
  {
    namespace: 'edge',
    image: 'registry.example.com/traefik-ha:0.1.0',
    settings: { certificates: { issuer: 'letsencrypt' }, dns: { service: 'edge/traefik' } },
  },
  options,
);

export const { hostname } = traefik;
export const { hosts } = web;

import * as pulumi from '@pulumi/pulumi';
import { AcmeSolver, LoadBalancer } from '../../../lib';
import { CertManagerIssuer, EdgeNamespace, IngressRouteWithTls, KubeObject, TraefikHA } from '../../../lib/pulumi';

const team = new KubeObject('team', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, {});
const shop = team.metadata.apply(({ name }) => name);

new EdgeNamespace('edge-namespace', { namespace: 'edge' });
const traefik = new TraefikHA('traefik', { namespace: 'edge', loadBalancer: LoadBalancer.generic() });
const issuer = new CertManagerIssuer('letsencrypt', {
  namespace: 'edge',
  email: pulumi.output('ops@example.com'),
  solvers: [AcmeSolver.http01()],
});
const route = new IngressRouteWithTls('web', {
  namespace: shop,
  traefik,
  issuer,
  routes: [{ host: pulumi.output('Shop.example.com'), backend: { service: 'web', port: 80 } }],
});
export const { hostname } = traefik;
export const { hosts } = route;

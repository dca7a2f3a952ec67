import { CertManagerIssuer, ExistingTraefik } from '../../build';
import { IngressRouteWithTls } from '../../build/pulumi';
import './work';

const traefik = new ExistingTraefik({ dnsTargets: ['203.0.113.10'] });
const issuer = CertManagerIssuer.existing('letsencrypt');
for (let index = 0; index < 1000; index += 1) {
  new IngressRouteWithTls(`route-${index}`, {
    namespace: 'shop',
    traefik,
    issuer,
    routes: [{ host: `host-${index}.example.com`, pathPrefix: '/app', backend: { service: `web-${index}`, port: 80 } }],
  });
}

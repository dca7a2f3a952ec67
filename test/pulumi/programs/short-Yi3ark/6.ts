import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart, JsonPatch, Yaml } from 'cdk8s';
import { AcmeSolver, Certificate, CertManagerIssuer, CertificateStrategy, DnsEndpoint, ExistingTraefik, HostedZone, KvSeedJob, KvStore, LoadBalancer, Match } from '../../../../lib';
import * as ha from '../../../../lib/pulumi';
const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'edge' });
const late = (value: string) => pulumi.output(Promise.resolve(value));
const output = late('say "hi"');
const object = (id: string, manifest: object) => new ApiObject(chart, id, manifest as any);
const settings = (id: string, data: object, name = 'settings') =>
  object(id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const zone = new ha.KubeObject('z', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z' } }, {});
const name = (zone as any).status.apply(() => 'example.com');
new ha.IngressRouteWithTls('web', {
  namespace: 'shop', traefik: new ExistingTraefik(),
  issuer: CertManagerIssuer.existing('letsencrypt', {  }),
  dns: { targets: ['203.0.113.10'] }, zones: [{ name, zoneId: late("Z1") }], 
  routes: [{ host: ['a.example.com'], backend: { service: 'web', port: 80 } }],
});

import { App, Chart } from 'cdk8s';
import { EdgeNodes, EdgeVerification, KvCertificatePublisher, KvSeedJob, KvStore } from 'traefik-ha';
import { CertRotater, KubeObject, SynthesizedApp, TraefikHA, text } from 'traefik-ha/pulumi';

// What is known only once it is there.
const words = {
  edge: 'edge',
  traefik: 'traefik',
  host: 'edge.example.com',
  image: 'registry.example.com/traefik-ha:0.1.0',
};
const source = new KubeObject(
  'words',
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'words', annotations: words } },
  {},
);
const late = (word: keyof typeof words) =>
  source.metadata.apply(({ annotations }) => (annotations as typeof words)[word]);

const edge = late('edge');
const { construct } = new TraefikHA('traefik', {
  namespace: edge,
  nodes: EdgeNodes.watched({ hostName: text(late('host')), labels: { 'example.com/edge': 'true' } }),
});
new CertRotater('nodes', {
  namespace: 'records',
  image: late('image'),
  settings: { zones: ['example.com'], nodes: construct.nodeRecord },
});

const app = new App();
const chart = new Chart(app, 'more', { namespace: text(edge) });
new EdgeVerification(chart, 'verification', {
  image: text(late('image')),
  service: { namespace: text(edge), name: text(late('traefik')) },
  at: 'nodes',
  secrets: [{ namespace: 'shop', name: 'web-tls' }],
  pushGateway: 'http://pushgateway.monitoring:9091',
});
const store = KvStore.etcd({ endpoints: [`${text(late('traefik'))}:2379`] });
const url = `http://${text(late('host'))}`;
new KvSeedJob(chart, 'seed', {
  store,
  configuration: { http: { services: { shop: { loadBalancer: { servers: [{ url }] } } } } },
});
new KvCertificatePublisher(chart, 'publisher', { store, certificates: [{ secretName: text(late('traefik')) }] });
new SynthesizedApp('more', { app });

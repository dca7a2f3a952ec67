const { App, Chart } = require('cdk8s');
const T = require('../build/index.js');
const n = 5000;
for (let k = 0; k < 3; k++) {
  const app = new App({ outdir: '/tmp/q-ours' });
  const s = performance.now();
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const issuer = new T.CertManagerIssuer(edge, 'le', { solvers: [T.AcmeSolver.http01()] });
  const traefik = new T.TraefikHA(edge, 'traefik', { loadBalancer: T.LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }) });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  for (let i = 0; i < n; i++) new T.IngressRouteWithTls(shop, `r${i}`, { traefik, issuer, routes: [{ host: `r${i}.example.com`, pathPrefix: '/x', backend: { service: `s${i}`, port: 80 } }] });
  const m = performance.now();
  app.synth();
  console.log('construct', m - s, 'synth', performance.now() - m);
}

const { App, ApiObject, Chart } = require('cdk8s');
const T = require('../build/index.js');
function ours(n) {
  const app = new App({ outdir: '/tmp/q-ours' });
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const issuer = new T.CertManagerIssuer(edge, 'le', { solvers: [T.AcmeSolver.http01()] });
  const traefik = new T.TraefikHA(edge, 'traefik', { loadBalancer: T.LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }) });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  for (let i = 0; i < n; i++) new T.IngressRouteWithTls(shop, `r${i}`, { traefik, issuer, routes: [{ host: `r${i}.example.com`, pathPrefix: '/x', backend: { service: `s${i}`, port: 80 } }] });
  return app;
}
function content(n) { const a = ours(n); const r = {}; for (const c of ['edge', 'shop']) r[c] = a.node.findChild(c).toJson(); return r; }
function bare(c) {
  const app = new App({ outdir: '/tmp/q-bare' });
  let before;
  for (const id of ['edge', 'shop']) {
    const chart = new Chart(app, id, { namespace: id });
    let first;
    c[id].forEach((o, i) => { const a = new ApiObject(chart, `o${i}`, o); first ??= a; });
    if (before) first.addDependency(before); before = first;
  }
  return app;
}
for (const n of [1000, 10000]) {
  const c = content(n);
  const rounds = n === 1000 ? 9 : 3;
  const t = { ours: [], bare: [] };
  for (let k = 0; k < rounds; k++) for (const [name, f] of [['bare', () => bare(c)], ['ours', () => ours(n)]]) {
    globalThis.gc?.(); const s = performance.now(); f().synth(); t[name].push(performance.now() - s);
  }
  const min = (x) => Math.min(...x), med = (x) => [...x].sort((a, b) => a - b)[x.length >> 1];
  console.log(n, 'ours', min(t.ours), med(t.ours), 'bare', min(t.bare), med(t.bare), 'ratio', min(t.ours) / min(t.bare), med(t.ours) / med(t.bare), 'rss', process.memoryUsage().rss / 1e6);
}

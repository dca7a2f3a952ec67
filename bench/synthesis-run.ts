import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, type ApiObjectProps, App, Chart } from 'cdk8s';
import { AcmeSolver, CertManagerIssuer, IngressRouteWithTls, LoadBalancer, TraefikHA } from '../build/index.js';
import { routeObjects } from './pulumi/route-objects.js';

/**
 * One measurement, in a process of its own so that its memory can be told: constructs and synthesizes an edge with a
 * given number of routes, and the same objects as bare ApiObjects in the same order, in turns.
 *
 * Run by synthesis.ts as `node --expose-gc … synthesis-run.ts ROUTES ROUNDS`; prints JSON.
 */
const [routes = 0, rounds = 0] = process.argv.slice(2).map(Number);
const outdir = mkdtempSync(join(tmpdir(), 'traefik-ha-bench-'));

function withConstructs(): App {
  const app = new App({ outdir });
  const edge = new Chart(app, 'edge', { namespace: 'edge' });
  const issuer = new CertManagerIssuer(edge, 'letsencrypt', { solvers: [AcmeSolver.http01()] });
  const loadBalancer = LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] });
  const traefik = new TraefikHA(edge, 'traefik', { loadBalancer });
  const team = new Chart(app, 'team', { namespace: 'team' });
  for (let index = 0; index < routes; index += 1) {
    new IngressRouteWithTls(team, `route-${index}`, {
      traefik,
      issuer,
      routes: [
        { host: `host-${index}.example.com`, pathPrefix: '/app', backend: { service: `web-${index}`, port: 80 } },
      ],
    });
  }
  return app;
}

/** The objects of the edge itself, which are few; those of routes are written out below, as without the library. */
const edgeObjects = (withConstructs().node.findChild('edge') as Chart).toJson() as ApiObjectProps[];

function withBareObjects(): App {
  const app = new App({ outdir });
  const edge = new Chart(app, 'edge');
  const [before] = edgeObjects.map((object, index) => new ApiObject(edge, `object-${index}`, object));
  const team = new Chart(app, 'team', { namespace: 'team' });
  for (let index = 0; index < routes; index += 1) {
    const route = bareRoute(team, index);
    if (index === 0 && before) route.addDependency(before);
  }
  return app;
}

function bareRoute(chart: Chart, index: number): ApiObject {
  const [route, certificate, endpoint] = routeObjects(index);
  const object = new ApiObject(chart, route.metadata.name, route as ApiObjectProps);
  new ApiObject(chart, `${route.metadata.name}-certificate`, certificate as ApiObjectProps);
  new ApiObject(chart, `${route.metadata.name}-endpoint`, endpoint as ApiObjectProps);
  return object;
}

/** The manifests of the routes: they must be the same to the byte, or the comparison means nothing. */
function written(build: () => App): string {
  build().synth();
  return readFileSync(join(outdir, '0001-team.k8s.yaml'), 'utf8');
}

function timed(build: () => App): number {
  global.gc?.();
  const start = performance.now();
  build().synth();
  return performance.now() - start;
}

if (written(withConstructs) !== written(withBareObjects)) throw new Error('the two programs write different manifests');
const objects = edgeObjects.length + 3 * routes;

/** Rounds that do not count: until the compiler has settled, both get faster at their own pace. */
const WARM_UP = Math.ceil(10_000 / routes);

const rows: { constructs: number; bare: number }[] = [];
for (let round = -WARM_UP; round < rounds; round += 1) {
  const row = { bare: timed(withBareObjects), constructs: timed(withConstructs) };
  if (round >= 0) rows.push(row);
}
rmSync(outdir, { recursive: true });

const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
console.log(
  JSON.stringify({
    routes,
    objects,
    constructs: median(rows.map((row) => row.constructs)),
    bare: median(rows.map((row) => row.bare)),
    // Of neighbours in time, so that a machine that gets slower or faster meanwhile does not count.
    ratio: median(rows.map((row) => row.constructs / row.bare)),
    maxRssMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);

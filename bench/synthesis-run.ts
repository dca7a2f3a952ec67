import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, type ApiObjectProps, App, Chart } from 'cdk8s';
import { AcmeSolver, CertManagerIssuer, IngressRouteWithTls, LoadBalancer, TraefikHA } from '../build/index.js';

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

/** The same objects, by chart. */
type Content = Record<string, ApiObjectProps[]>;

function withBareObjects(content: Content): App {
  const app = new App({ outdir });
  let before: ApiObject | undefined;
  for (const [id, objects] of Object.entries(content)) {
    const chart = new Chart(app, id, { namespace: id });
    const [first] = objects.map((object, index) => new ApiObject(chart, `object-${index}`, object));
    if (before && first) first.addDependency(before);
    before = first;
  }
  return app;
}

function timed(build: () => App): number {
  global.gc?.();
  const start = performance.now();
  build().synth();
  return performance.now() - start;
}

const median = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

const sample = withConstructs();
const content: Content = {};
for (const chart of sample.charts) content[chart.node.id] = chart.toJson();
const objects = Object.values(content).flat().length;

const constructs: number[] = [];
const bare: number[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const times = [timed(() => withBareObjects(content)), timed(withConstructs)] as const;
  // The first round warms up.
  if (round === 0) continue;
  bare.push(times[0]);
  constructs.push(times[1]);
}
rmSync(outdir, { recursive: true });
const maxRssMegabytes = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ routes, objects, constructs: median(constructs), bare: median(bare), maxRssMegabytes }));

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';

const ROOT = join(import.meta.dirname, '..');
const COMMAND = [join(ROOT, 'build/cli.js'), 'derive', '--issuer', 'letsencrypt', '--target', '203.0.113.10'];
const ROUNDS = 3;

/** Reads every document of a stream and prints it again, as filters do that do not keep text: the peer. */
const PEER = `
const { parse, stringify } = require('yaml');
const text = require('node:fs').readFileSync(process.argv[1], 'utf8');
process.stdout.write(text.split(/^---\\n/m).filter(Boolean).map((part) => '---\\n' + stringify(parse(part))).join(''));
`;

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs a Node program to its end; its memory is the most that it had. */
function run(args: readonly string[]): Run {
  const report = `process.on('exit', () => process.stderr.write('\\nRSS ' + process.resourceUsage().maxRSS));`;
  const began = performance.now();
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  const kilobytes = Number(/RSS (\d+)$/.exec(stderr)?.[1]);
  return { seconds: (performance.now() - began) / 1000, megabytes: kilobytes / 1024 };
}

function best(args: readonly string[]): Run {
  const runs = Array.from({ length: ROUNDS }, () => run(args));
  return runs.reduce((least, next) => (next.seconds < least.seconds ? next : least));
}

/** What the filter takes for streams of routes. Needs `npm run build`. */
export function derive(): string {
  const folder = mkdtempSync(join(tmpdir(), 'traefik-ha-bench-'));
  try {
    const rows = [1_000, 10_000].map((routes) => {
      const file = join(folder, `${routes}.yaml`);
      const text = stream(routes);
      writeFileSync(file, text);
      const peer = best(['-e', PEER, file]);
      const own = best([...COMMAND, file]);
      return [
        routes.toLocaleString('en'),
        `${(text.length / 1e6).toFixed(1)} MB`,
        `${peer.seconds.toFixed(1)} s`,
        `${own.seconds.toFixed(1)} s`,
        (own.seconds / peer.seconds).toFixed(2),
        `${own.megabytes.toFixed(0)} MB`,
      ];
    });
    const head = ['routes', 'stream', 'read and print', 'derive', 'ratio', 'memory'];
    return markdownTable([head, ...rows], { align: head.map(() => 'r') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stream(routes: number): string {
  return Array.from({ length: routes }, (_, index) => route(index)).join('');
}

/** One as a chart writes it. */
function route(index: number): string {
  return `---
# Source: shop/templates/route-${index}.yaml
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata:
  name: route-${index}
  namespace: team-${index % 50}
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/instance: shop-${index}
    app.kubernetes.io/managed-by: Helm
    helm.sh/chart: shop-1.2.3
  annotations:
    meta.helm.sh/release-name: shop
    meta.helm.sh/release-namespace: team-${index % 50}
spec:
  entryPoints:
    - websecure
  routes:
    - kind: Rule
      match: Host(\`host-${index}.example.com\`) && PathPrefix(\`/images\`)
      services:
        - name: web
          port: 80
  tls:
    secretName: route-${index}-tls
`;
}

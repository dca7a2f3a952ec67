import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Who may import whom: rooms by the rooms that they may look into, beside themselves and the files that all share. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  // An edge on nodes has nothing in front that could announce it.
  traefik: ['model', 'dns'],
  certificates: ['model'],
  dns: ['model'],
  aws: ['model'],
  kv: ['model'],
  edge: ['model', 'traefik', 'certificates', 'dns', 'aws'],
  rotater: ['model', 'certificates', 'dns'],
  swarm: ['model', 'traefik', 'certificates', 'kv', 'edge'],
  verify: ['model', 'rotater'],
  cli: ['model', 'rotater', 'verify'],
  pulumi: ['model', 'aws'],
};

/** Packages that any file may use; the model uses no Kubernetes. */
const PACKAGES = ['cdk8s', 'cdk8s-plus-27', 'constructs', 'tldts'];

/** Packages that single rooms use beside these, and which the main entry never loads. */
const PACKAGES_OF: Record<string, readonly string[]> = {
  rotater: ['js-yaml', 'yaml', 'zod', '@kubernetes/client-node', 'prom-client'],
  verify: ['prom-client', 'zod'],
  cli: ['commander', 'pino'],
  pulumi: ['yaml', '@pulumi/pulumi', '@pulumi/kubernetes/package.json', '@pulumi/aws/iam', '@pulumi/aws/eks'],
};

const LIB = join(__dirname, '../lib');
const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const roomOf = (path: string) => (path.includes('/') ? path.split('/')[0] : 'shared');

const IMPORT = /^(?:import|export)\b[^;]*?\bfrom '([^']+)';$|\b(?:require|import)\('([^']+)'\)/gms;

const imports = files.flatMap((path) =>
  [...readFileSync(join(LIB, path), 'utf8').matchAll(IMPORT)].map(([, from, required]) => {
    const target = from ?? required ?? '';
    const isLocal = target.startsWith('.');
    return { path, isLocal, target: isLocal ? relative(LIB, join(LIB, dirname(path), target)) : target };
  }),
);

test('every room is known', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual([...Object.keys(MAY_IMPORT), 'shared'].sort());
  expect(imports.length).toBeGreaterThan(100);
});

test('rooms import only those below them', () => {
  const wrong = imports.filter(({ path, target, isLocal }) => {
    const [from, to] = [roomOf(path) ?? '', roomOf(target)];
    // What the package says of itself.
    if (target === '../package.json') return false;
    if (!isLocal || path === 'index.ts' || from === to) return false;
    if (from === 'shared') return to !== 'model';
    return !(MAY_IMPORT[from]?.includes(to ?? '') || (to === 'shared' && from !== 'model'));
  });
  expect(wrong).toEqual([]);
});

test('nothing imports through the main entry but that of Pulumi, which is a file of its own beside it', () => {
  const through = imports.filter(({ target }) => target === 'index').map(({ path }) => roomOf(path));
  expect([...new Set(through)]).toEqual(['pulumi']);
});

test('only one file of the commands ends the process', () => {
  const ending = files.filter((path) =>
    /process\.exit\(|process\.exitCode/.test(readFileSync(join(LIB, path), 'utf8')),
  );
  expect(ending).toEqual(['cli/main.ts']);
});

test('the model knows no Kubernetes and does no I/O', () => {
  const foreign = imports
    .filter(({ path, isLocal }) => roomOf(path) === 'model' && !isLocal)
    .map(({ target }) => target);
  expect([...new Set(foreign)].sort()).toEqual(['node:net', 'node:url', 'tldts']);
});

test('the library itself needs few packages', () => {
  const packages = imports.filter(({ target, isLocal }) => !isLocal && !target.startsWith('node:'));
  const isAllowed = (path: string, target: string) =>
    PACKAGES.includes(target) || PACKAGES_OF[roomOf(path) ?? '']?.includes(target);
  expect(packages.filter(({ path, target }) => !isAllowed(path, target))).toEqual([]);
});

test('no clock, environment, randomness, network or child process', () => {
  const reads = /\bDate\.now\b|new Date\(|process\.env|Math\.random|node:(?:http|https|dns|child_process)/;
  const pure = files.filter((path) => roomOf(path) !== 'cli' && !/^(?:rotater|verify)\/live\//.test(path));
  expect(pure.filter((path) => reads.test(readFileSync(join(LIB, path), 'utf8')))).toEqual([]);
});

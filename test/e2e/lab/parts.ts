import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../support/cache';
import { GO_ENVIRONMENT, withoutDnsProviders } from '../../support/go';
import { run } from './command';

/** A program of the lab: a package of one of the Go modules in `test/e2e/parts`, which pin their versions. */
interface Part {
  readonly module: string;
  readonly package: string;
  /** Variables that are set while linking, such as the version that the program tells. */
  readonly stamps?: Readonly<Record<string, string>>;
  /** Whether it is Traefik, which is built without the DNS providers of its built-in ACME. */
  readonly traefik?: boolean;
}

const MODULES = join(__dirname, '../parts');
const CONTROL_PLANE_VERSION = pinned('control-plane', 'k8s.io/kubernetes');
const NODE_VERSION = pinned('node', 'k8s.io/kubernetes');
const DOCKER_VERSION = pinned('docker', 'github.com/docker/cli').replace('+incompatible', '');
const TRAEFIK_VERSION = pinned('traefik', 'github.com/traefik/traefik/v3');

const PARTS: Readonly<Record<string, Part>> = {
  client: { module: 'client', package: '.' },
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  etcdctl: { module: 'etcd', package: 'go.etcd.io/etcd/etcdctl/v3' },
  pebble: { module: 'acme', package: 'github.com/letsencrypt/pebble/v2/cmd/pebble' },
  'kube-apiserver': kubernetes('control-plane', 'kube-apiserver', CONTROL_PLANE_VERSION),
  'kube-controller-manager': kubernetes('control-plane', 'kube-controller-manager', CONTROL_PLANE_VERSION),
  'kube-scheduler': kubernetes('control-plane', 'kube-scheduler', CONTROL_PLANE_VERSION),
  kubectl: kubernetes('control-plane', 'kubectl', CONTROL_PLANE_VERSION),
  kubelet: kubernetes('node', 'kubelet', NODE_VERSION),
  'kube-proxy': kubernetes('node', 'kube-proxy', NODE_VERSION),
  'cert-manager-controller': { module: 'cert-manager', package: './controller' },
  'cert-manager-acmesolver': { module: 'cert-manager', package: './acmesolver' },
  'cert-manager-webhook': { module: 'cert-manager', package: './webhook' },
  traefik: {
    module: 'traefik',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    stamps: { 'github.com/traefik/traefik/v3/pkg/version.Version': TRAEFIK_VERSION },
    traefik: true,
  },
  'external-dns': { module: 'external-dns', package: 'sigs.k8s.io/external-dns' },
  docker: {
    module: 'docker',
    package: 'github.com/docker/cli/cmd/docker',
    stamps: { 'github.com/docker/cli/cli/version.Version': DOCKER_VERSION },
  },
  'socket-proxy': { module: 'socket-proxy', package: '.' },
  'socket-proxy-healthcheck': { module: 'socket-proxy', package: './healthcheck' },
};

/** The kinds of labs. */
export type LabKind = 'kubernetes' | 'swarm';

/** Programs that only one kind of lab runs; the others run in both. */
const ONLY: Readonly<Record<LabKind, readonly string[]>> = {
  kubernetes: [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet', 'kube-proxy'],
    ...['cert-manager-controller', 'cert-manager-acmesolver', 'cert-manager-webhook', 'external-dns'],
  ],
  swarm: ['docker', 'socket-proxy', 'socket-proxy-healthcheck'],
};

/** The names of the programs that labs of these kinds run. */
export function programsOf(kinds: readonly LabKind[]): string[] {
  const others = Object.entries(ONLY).flatMap(([kind, names]) => (kinds.includes(kind as LabKind) ? [] : names));
  return Object.keys(PARTS).filter((name) => !others.includes(name));
}

/** The path of a program, whether it is built already or not. */
export function program(name: string): string {
  return join(CACHE, 'programs', `${name}-${fingerprint(partOf(name))}`);
}

export function isBuilt(name: string): boolean {
  return existsSync(program(name));
}

/** Builds a program from its pinned module. Downloads what the module cache lacks. */
export async function build(name: string): Promise<void> {
  const part = partOf(name);
  const folder = join(MODULES, part.module);
  mkdirSync(join(CACHE, 'programs'), { recursive: true });
  const workshop = mkdtempSync(join(CACHE, 'build-'));
  try {
    const modules = part.traefik ? [`-modfile=${withoutDnsProviders(folder, workshop)}`] : [];
    const stamps = Object.entries(part.stamps ?? {}).map(([variable, value]) => `-X ${variable}=${value}`);
    const output = join(workshop, name);
    await run(
      [
        ...['go', 'build', '-trimpath', '-buildvcs=false', ...modules],
        ...['-ldflags', ['-s', '-w', ...stamps].join(' '), '-o', output, part.package],
      ],
      { cwd: folder, env: { ...GO_ENVIRONMENT, GOFLAGS: undefined } },
    );
    renameSync(output, program(name));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** The version of `dependency` that a module pins, without its v. */
function pinned(module: string, dependency: string): string {
  const text = readFileSync(join(MODULES, module, 'go.mod'), 'utf8');
  const [, version] = new RegExp(`^\\s*(?:require )?${dependency} v(\\S+)`, 'm').exec(text) ?? [];
  if (version === undefined) throw new Error(`${module}/go.mod does not pin ${dependency}`);
  return version;
}

function kubernetes(module: string, command: string, version: string): Part {
  const [major, minor] = version.split('.') as [string, string];
  const stamped = 'k8s.io/component-base/version';
  return {
    module,
    package: `k8s.io/kubernetes/cmd/${command}`,
    stamps: {
      [`${stamped}.gitVersion`]: `v${version}`,
      [`${stamped}.gitMajor`]: major,
      [`${stamped}.gitMinor`]: minor,
      [`${stamped}.gitTreeState`]: 'clean',
      [`${stamped}.buildDate`]: '1970-01-01T00:00:00Z',
    },
  };
}

function partOf(name: string): Part {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`the lab has no program ${name}`);
  return part;
}

/** Changes with the pins of the module, with its own sources, and with how it is linked. */
function fingerprint(part: Part): string {
  const folder = join(MODULES, part.module);
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${JSON.stringify(part)}`);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /(?:\.go|go\.mod|go\.sum)$/.test(name)).sort()) {
    hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

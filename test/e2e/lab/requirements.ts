import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, runNow } from './command';

/** Programs of the machine, and the Debian package of each. */
const COMMANDS: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  iptables: 'iptables',
  conntrack: 'conntrack',
  knotd: 'knot',
  nsenter: 'util-linux',
  openssl: 'openssl',
  python3: 'python3-venv',
  tar: 'tar',
  unshare: 'util-linux',
  flock: 'util-linux',
  dockerd: 'docker.io',
  busybox: 'busybox-static',
  lego: 'lego',
  certbot: 'certbot',
  curl: 'curl',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  shellcheck: 'shellcheck',
};

/** Files of the machine, and the Debian package of each. */
const FILES: Readonly<Record<string, string>> = {
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  '/usr/lib/cni/portmap': 'containernetworking-plugins',
  '/etc/ssl/certs/ca-certificates.crt': 'ca-certificates',
  '/usr/lib/python3/dist-packages/certbot_dns_rfc2136/__init__.py': 'python3-certbot-dns-rfc2136',
};

/** What this machine lacks to run the lab, one line each with what to do; empty when nothing. */
export function missingRequirements(): string[] {
  const packages = missingPackages();
  return [
    ...missingRights(),
    ...missingGo(),
    ...(packages.length === 0
      ? []
      : [`Debian packages are missing: ${packages.join(' ')}. Install them, or give --install-packages`]),
    ...missingKernelFeatures(),
  ];
}

/** What packages cannot bring. */
export function missingRights(): string[] {
  return [
    ...(process.platform === 'linux' ? [] : ['the lab needs Linux: run it in a virtual machine']),
    ...(process.getuid?.() === 0 ? [] : ['the lab makes network namespaces and runs containers: run it as root']),
  ];
}

const GO = 'install Go 1.26 or newer, https://go.dev/doc/install';

function missingGo(): string[] {
  if (!inPath('go')) return [`go is missing: ${GO}`];
  const { stdout } = runNow(['go', 'version'], { mayFail: true });
  const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 1 || Number(minor) >= 26 ? [] : [`${stdout.trim()} is too old: ${GO}`];
}

/** The Debian packages that the lab uses and this machine has not. */
export function missingPackages(): string[] {
  const commands = Object.entries(COMMANDS).filter(([command]) => !inPath(command));
  const files = Object.entries(FILES).filter(([file]) => !existsSync(file));
  const names = [...commands, ...files].map(([, debianPackage]) => debianPackage);
  return [...new Set([...names, ...(makesEnvironments() ? [] : ['python3-venv'])])].sort();
}

/** Debian's Python has a part of its own for that. */
function makesEnvironments(): boolean {
  return inPath('python3') && runNow(['python3', '-c', 'import ensurepip'], { mayFail: true }).status === 0;
}

/** Installs Debian packages, and starts none of the services that some of them bring: the lab has its own. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update', '--quiet'], { env });
  const forbidden = !existsSync(SERVICE_POLICY);
  if (forbidden) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await run(['apt-get', 'install', '--quiet', '--yes', '--no-install-recommends', ...names], { env });
  } finally {
    if (forbidden) rmSync(SERVICE_POLICY);
  }
}

/** Which services packages may start while they are installed; 101 is none (invoke-rc.d(8)). */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

function missingKernelFeatures(): string[] {
  if (process.platform !== 'linux') return [];
  const filesystems = readFileSync('/proc/filesystems', 'utf8');
  const hasCgroups = existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory');
  return [
    ...(/\boverlay\b/.test(filesystems) ? [] : ['the kernel has no overlay file system: modprobe overlay']),
    ...(hasCgroups
      ? []
      : ['no control groups are mounted at /sys/fs/cgroup, which pods and containers are limited with']),
    ...(existsSync('/proc/self/ns/net') ? [] : ['the kernel has no network namespaces (CONFIG_NET_NS)']),
    ...(hasVxlan() ? [] : ['the kernel has no VXLAN, which machines of a swarm reach each other by: modprobe vxlan']),
  ];
}

/** Tried in a namespace that is gone at once; without the right to it, or the program, that is said already. */
function hasVxlan(): boolean {
  if (missingRights().length > 0 || !inPath('ip')) return true;
  const link = ['ip', 'link', 'add', 'probe', 'type', 'vxlan', 'id', '1', 'dstport', '4789'];
  return runNow(['unshare', '--net', ...link], { mayFail: true }).status === 0;
}

/** Where a program of the machine is. */
export function pathOf(command: string): string {
  const path = find(command);
  if (path === undefined) throw new Error(`${command} is not in the PATH`);
  return path;
}

function inPath(command: string): boolean {
  return find(command) !== undefined;
}

function find(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

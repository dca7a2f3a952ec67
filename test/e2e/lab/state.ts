import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { processesIn, removeCgroups } from './cgroups';
import { runNow } from './command';
import { processesInside, removeNamespaces } from './network';
import { naming, recorded, startTime } from './processes';

/** Where labs keep what they need while they run. Sockets lie here, whose paths must be short. */
const LABS = '/var/tmp/traefik-ha';

/** The place of a lab on the machine: a folder, and the prefix of its namespaces and groups. */
export interface LabState {
  readonly folder: string;
  readonly prefix: string;
}

/** Takes a free place, after sweeping those whose owners are gone. */
export function claimState(): LabState {
  sweepAbandoned();
  // Complete before it is seen, since others sweep what has no owner. Tokens and keys lie in it: it is nobody else's.
  const draft = mkdtempSync(join(LABS, DRAFT));
  mkdirSync(join(draft, 'logs'));
  writeFileSync(join(draft, OWNER), `${process.pid} ${startTime(process.pid)}`);
  for (let index = 0; ; index++) {
    const folder = join(LABS, `lab${index}`);
    try {
      renameSync(draft, folder);
    } catch (error) {
      if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
      throw error;
    }
    return stateOf(folder);
  }
}

/** Ends and removes everything of a lab, however it was left; does nothing twice. */
export function sweep({ folder, prefix }: LabState): void {
  for (let round = 0; round < 50; round++) {
    // Containers hang below shims that containerd started: they are found by their group, shims by their command line
    // or by the network namespace that is their machine's.
    const found = [recorded(folder), naming(`${folder}/`), processesIn(`${prefix}-`), processesInside(prefix)];
    const left = [...new Set(found.flat())];
    if (left.length === 0) break;
    for (const pid of left) kill(pid);
    runNow(['sleep', '0.1']);
  }
  unmountBelow(folder);
  removeTraces(folder);
  removeNamespaces(prefix);
  removeCgroups(`${prefix}-`);
  rmSync(folder, { recursive: true, force: true });
}

/** Copies the logs to where they outlive the lab, and says where. */
export function keepLogs({ folder }: LabState): string {
  const kept = join(process.cwd(), 'lab-logs', new Date().toISOString().replaceAll(':', '-'));
  mkdirSync(kept, { recursive: true });
  const pods = readdirSync(folder).filter((name) => name.startsWith('node'));
  const logs = ['logs', 'control-plane/audit.json', ...pods.map((node) => `${node}/pods`)];
  for (const name of logs.filter((each) => existsSync(join(folder, each)))) {
    cpSync(join(folder, name), join(kept, name.replace(/^logs$/, '.')), { recursive: true });
  }
  for (const engine of readdirSync(folder).filter((name) => name.startsWith('engine'))) {
    const containers = join(folder, engine, 'data/containers');
    for (const id of entriesOf(containers)) keepContainer(join(containers, id), id, join(kept, engine));
  }
  return kept;
}

/** What a container of a Docker engine wrote, under its name. */
function keepContainer(folder: string, id: string, kept: string): void {
  const [log, about] = [join(folder, `${id}-json.log`), join(folder, 'config.v2.json')];
  if (!existsSync(log) || !existsSync(about)) return;
  const { Name } = JSON.parse(readFileSync(about, 'utf8')) as { Name: string };
  cpSync(log, join(kept, `${Name.replace('/', '')}.log`), { recursive: true });
}

/** Sweeps the labs whose owner has ended without doing so; with `logs`, says where it kept them. */
export function sweepAbandoned({ logs = false } = {}): string[] {
  const kept: string[] = [];
  mkdirSync(LABS, { recursive: true });
  for (const name of readdirSync(LABS).filter((each) => !each.startsWith(DRAFT))) {
    const folder = join(LABS, name);
    const [pid, started] = owner(folder);
    if (pid !== undefined && startTime(Number(pid)) === started) continue;
    if (logs && pid !== undefined) kept.push(keepLogs(stateOf(folder)));
    sweep(stateOf(folder));
  }
  return kept;
}

/** Sweeps the labs of this process, also one that is just being started. */
export function sweepOwn(): void {
  const own = startTime(process.pid);
  for (const name of readdirSync(LABS)) {
    const [pid, started] = owner(join(LABS, name));
    if (Number(pid) === process.pid && started === own) sweep(stateOf(join(LABS, name)));
  }
}

const OWNER = 'owner';
const DRAFT = '.new-';

function owner(folder: string): string[] {
  try {
    return readFileSync(join(folder, OWNER), 'utf8').split(' ');
  } catch {
    return [];
  }
}

function stateOf(folder: string): LabState {
  return { folder, prefix: `traefik-ha-${basename(folder)}` };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** What container programs leave, of each container that did not end in order, in folders of the machine. */
function removeTraces(folder: string): void {
  for (const node of entriesOf(folder).filter((name) => name.startsWith('node'))) {
    const bundles = join(folder, node, 'run/io.containerd.runtime.v2.task/k8s.io');
    for (const id of entriesOf(bundles)) {
      rmSync(join('/run/containerd/runc/k8s.io', id), { recursive: true, force: true });
      const socket = join(bundles, id, 'address');
      if (existsSync(socket)) rmSync(readFileSync(socket, 'utf8').replace('unix://', ''), { force: true });
      const networks = '/var/lib/cni/results';
      for (const name of entriesOf(networks).filter((each) => each.includes(id))) rmSync(join(networks, name));
    }
  }
  const links = '/var/log/containers';
  for (const name of entriesOf(links).filter((each) => readlinkSync(join(links, each)).startsWith(`${folder}/`))) {
    rmSync(join(links, name));
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) runNow(['umount', '--lazy', path], { mayFail: true });
}

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processesIn, removeCgroups } from './cgroups';
import { runNow } from './command';
import { removeNamespaces } from './network';
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
  for (let index = 0; ; index++) {
    const folder = join(LABS, `lab${index}`);
    try {
      mkdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    writeFileSync(join(folder, OWNER), `${process.pid} ${startTime(process.pid)}`);
    return stateOf(folder);
  }
}

/** Ends and removes everything of a lab, however it was left; does nothing twice. */
export function sweep({ folder, prefix }: LabState): void {
  for (let round = 0; round < 50; round++) {
    // Containers hang below shims that containerd started: they are found by their group, shims by their command line.
    const left = [...new Set([...recorded(folder), ...naming(`${folder}/`), ...processesIn(`${prefix}-`)])];
    if (left.length === 0) break;
    for (const pid of left) kill(pid);
    runNow(['sleep', '0.1']);
  }
  unmountBelow(folder);
  removeNamespaces(prefix);
  removeCgroups(`${prefix}-`);
  rmSync(folder, { recursive: true, force: true });
}

/** Copies the logs to where they outlive the lab, and says where. */
export function keepLogs({ folder }: LabState): string {
  const kept = join(process.cwd(), 'lab-logs', new Date().toISOString().replaceAll(':', '-'));
  mkdirSync(kept, { recursive: true });
  cpSync(join(folder, 'logs'), kept, { recursive: true });
  return kept;
}

/** Sweeps the labs whose owner has ended without doing so; with `logs`, says where it kept them. */
export function sweepAbandoned({ logs = false } = {}): string[] {
  const kept: string[] = [];
  mkdirSync(LABS, { recursive: true });
  for (const name of readdirSync(LABS)) {
    const folder = join(LABS, name);
    const [pid, started] = owner(folder);
    if (pid !== undefined && startTime(Number(pid)) === started) continue;
    if (logs && pid !== undefined) kept.push(keepLogs(stateOf(folder)));
    sweep(stateOf(folder));
  }
  return kept;
}

const OWNER = 'owner';

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

function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) runNow(['umount', '--lazy', path], { mayFail: true });
}

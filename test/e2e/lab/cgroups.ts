import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** The hierarchies of cgroup v1, with that of v2 where it stands beside them, or the one of v2. */
function hierarchies(): string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, path, type]) => ['cgroup', 'cgroup2'].includes(type ?? '') && path?.startsWith(ROOT))
    .map(([, path]) => path as string);
}

/** Makes a group that a kubelet can have for itself: two that share one would kill one another's pods. */
export function makeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, name);
    mkdirSync(group, { recursive: true });
    // A new group has no CPU and no memory node until it is told which.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (hierarchy !== ROOT && existsSync(join(group, file))) {
        writeFileSync(join(group, file), readFileSync(join(hierarchy, file)));
      }
    }
  }
}

/** The processes in groups whose name begins with `prefix`. */
export function processesIn(prefix: string): number[] {
  const found = groups(prefix).flatMap((group) => readProcesses(join(group, 'cgroup.procs')));
  return [...new Set(found)];
}

/** Takes away the groups whose name begins with `prefix`, when their processes are gone. */
export function removeCgroups(prefix: string): void {
  for (const group of groups(prefix)) {
    try {
      rmdirSync(group);
    } catch {
      // A process that is just ending; the next run takes it away.
    }
  }
}

/** Deepest first. */
function groups(prefix: string): string[] {
  return hierarchies().flatMap((hierarchy) =>
    readdirSync(hierarchy, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
      .flatMap((entry) => below(join(hierarchy, entry.name))),
  );
}

function below(group: string): string[] {
  let children: string[] = [];
  try {
    children = readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(group, entry.name));
  } catch {
    // Gone meanwhile.
  }
  return [...children.flatMap(below), group];
}

function readProcesses(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

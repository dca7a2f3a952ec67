import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A server of the lab that runs in the background, with a log of its own. */
export interface Server {
  /** Of the process that runs now. */
  readonly pid: number;
  /** Ends it by `signal` and waits until it is gone; SIGKILL follows after 20 s. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ServerOptions {
  /** The name of the network namespace that it runs in. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts servers, keeps their logs, and writes down who they are, so that a later run can end what this one left. */
export class Processes {
  private readonly children = new Set<ChildProcess>();
  private over = false;

  public constructor(private readonly state: string) {
    mkdirSync(join(state, 'logs'), { recursive: true });
  }

  /** Starts a server; one that ends by itself is started again, as a machine's init does, and that is said. */
  public start(name: string, command: readonly string[], options: ServerOptions = {}): Server {
    let child = this.spawn(name, command, options);
    let stopped = false;
    const watch = () => {
      child.once('exit', (code, signal) => {
        if (stopped || this.over) return;
        process.stderr.write(`lab: ${name} ended by itself (${signal ?? code}), and is started again\n`);
        setTimeout(() => {
          if (stopped || this.over) return;
          child = this.spawn(name, command, options);
          watch();
        }, 1000);
      });
    };
    watch();
    return {
      get pid() {
        return child.pid as number;
      },
      stop: async (signal = 'SIGTERM') => {
        stopped = true;
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill(signal);
        const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
        await ended;
        clearTimeout(late);
      },
    };
  }

  private spawn(name: string, command: readonly string[], { namespace, env }: ServerOptions): ChildProcess {
    const out = openSync(join(this.state, 'logs', `${name}.log`), 'a');
    const [file, ...args] = [...enter(namespace), ...command] as [string, ...string[]];
    // In a group of its own: Ctrl-C reaches this process only, which ends the servers in order.
    const child = spawn(file, args, { detached: true, stdio: ['ignore', out, out], env: { ...process.env, ...env } });
    closeSync(out);
    const { pid } = child;
    if (pid === undefined) throw new Error(`${file} does not start`);
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    appendFileSync(join(this.state, LEDGER), `${pid} ${startTime(pid) ?? ''}\n`);
    return child;
  }

  /** Lets this process end while servers still run; those that end from now on stay ended. */
  public forget(): void {
    this.over = true;
    for (const child of this.children) child.unref();
  }
}

/** The words before a command that runs in a network namespace; the rest of the machine stays as it is. */
export function enter(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`, '--'];
}

const LEDGER = 'processes';

/** The processes that a lab with this state wrote down and that still run. */
export function recorded(state: string): number[] {
  const lines = readText(join(state, LEDGER)).split('\n').filter(Boolean);
  return lines
    .map((line) => line.split(' ') as [string, string])
    .filter(([pid, started]) => startTime(Number(pid)) === started && !isEnded(Number(pid)))
    .map(([pid]) => Number(pid));
}

/** Every process whose command line names `path`. */
export function naming(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readText(`/proc/${pid}/cmdline`).includes(path))
    .map(Number);
}

/** The control group that a process is in, in all hierarchies. */
export function groupOf(pid: number): string {
  return readText(`/proc/${pid}/cgroup`);
}

/** When a process began, in ticks since the machine did: with the id it names one process for ever. */
export function startTime(pid: number): string | undefined {
  return statusOf(pid)?.[19];
}

/** Whether a process has ended, and its parent has not asked how. */
function isEnded(pid: number): boolean {
  return statusOf(pid)?.[0] === 'Z';
}

/** What the kernel says of a process, from its state on (proc(5)). */
function statusOf(pid: number): string[] | undefined {
  // The name of the command, in brackets, may hold blanks.
  return readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type ContainerScript, containerScript } from '../../lib/container-scripts';
import { seedFile } from '../../lib/kv/seed-file';

const SCRIPTS: readonly ContainerScript[] = ['publish.sh', 'renew.sh', 'seed.sh', 'traefik.sh'];

/** What the scripts call beside what a shell has built in, and beside the programs that they run if they are there. */
export const TOOLS = [
  ...['awk', 'base64', 'cat', 'cmp', 'cp', 'cut', 'date', 'diff', 'find', 'flock', 'grep', 'head', 'ls', 'mkdir'],
  ...['mkfifo', 'mktemp', 'mv', 'od', 'rm', 'sed', 'sha256sum', 'sleep', 'sort', 'sync', 'tail', 'timeout', 'touch'],
  ...['tr', 'wc', 'xargs', 'sh'],
];

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Ended {
  readonly status: number | null;
  /** What it logged, and what it printed otherwise. */
  readonly output: string;
}

/** A script that runs, in a process group of its own, as a container would be. */
export class RunningScript {
  public output = '';
  public readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  public constructor(command: readonly string[], env: Environment) {
    this.child = spawn(command[0] as string, command.slice(1), {
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (status) => setTimeout(() => resolve({ status, output: this.output }), 20));
    });
  }

  public get pid(): number {
    return this.child.pid as number;
  }

  /** Only the script gets the signal, as the first process of a container does. */
  public signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it and all that it started, at once. */
  public kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }

  /** Waits until it logged something. */
  public async until(pattern: RegExp, seconds = 20): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !pattern.test(this.output); ) {
      if (Date.now() > end) throw new Error(`not logged within ${seconds} s: ${pattern}\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Runs the scripts as they are mounted into containers, and keeps the files of a test. */
export class Workshop {
  public readonly folder: string;
  private readonly running: RunningScript[] = [];

  /** With the shell that runs them, and where the folder of the test is made. */
  public constructor(
    private readonly shell: readonly string[] = ['sh'],
    where = tmpdir(),
  ) {
    this.folder = mkdtempSync(join(where, 'scripts-'));
    this.file('tmp/.keep');
    for (const name of SCRIPTS) this.file(`scripts/${name}`, containerScript(name));
  }

  public path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file and returns its path. */
  public file(name: string, text: string | Buffer = ''): string {
    mkdirSync(join(this.path(name), '..'), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  public read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  public forget(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Writes a program into a folder for PATH. */
  public program(name: string, text: string): string {
    const path = this.file(name, text);
    chmodSync(path, 0o755);
    return path;
  }

  /** A PATH of nothing but the tools that images of busybox have, which hides what else this machine has. */
  public toolsOnly(more: readonly string[] = []): string {
    const folder = mkdtempSync(join(this.folder, 'bin-'));
    for (const tool of [...TOOLS, ...more]) symlinkSync(whereIs(tool), join(folder, tool));
    return folder;
  }

  public start(script: ContainerScript, env: Environment, args: readonly string[] = []): RunningScript {
    return this.startCommand([...this.shell, this.path(`scripts/${script}`), ...args], env);
  }

  public startCommand(command: readonly string[], env: Environment): RunningScript {
    const started = new RunningScript(command, { PATH: process.env.PATH, TMPDIR: this.path('tmp'), ...env });
    this.running.push(started);
    return started;
  }

  public run(script: ContainerScript, env: Environment, args: readonly string[] = []): Promise<Ended> {
    return this.start(script, env, args).ended;
  }

  public remove(): void {
    for (const each of this.running) each.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function whereIs(tool: string): string {
  const found = (process.env.PATH ?? '').split(delimiter).find((folder) => existsSync(join(folder, tool)));
  if (found === undefined) throw new Error(`${tool} is missing on this machine`);
  return join(found, tool);
}

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A new key and a certificate that it signed itself, by the arguments of `openssl req` that make the key. */
export function newPair(
  name = 'www.example.com',
  newKey: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  more: readonly string[] = ['-days', '90'],
): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'pair-'));
  try {
    const [certificate, key] = [join(folder, 'crt'), join(folder, 'key')];
    const out = ['-keyout', key, '-out', certificate, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    execFileSync('openssl', ['req', '-x509', '-nodes', '-newkey', ...newKey, ...out, ...more], { stdio: 'pipe' });
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A list of entries, as `seed.sh` reads them. */
export function listOf(entries: Readonly<Record<string, string>>): string {
  return seedFile(
    Object.entries(entries).map(([key, value]) => ({ key, value })),
    'traefik',
  );
}

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** How a command came out. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as it is published: one bundle, its packages beside it. It runs beside the servers of a test. */
export class Cli {
  private readonly program = join(__dirname, `../../node_modules/.cache/traefik-ha/cli-${process.pid}-${count++}.js`);

  public constructor(private readonly folder: string) {
    const entryPoints = [join(__dirname, '../../lib/cli/main.ts')];
    const options = { bundle: true, packages: 'external', platform: 'node', target: 'node20' } as const;
    buildSync({ entryPoints, outfile: this.program, ...options });
  }

  public async run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    return ended(process.execPath, [this.program, ...args], this.folder, env);
  }

  /** The same on a terminal, whose two outputs are one. */
  public async runOnTerminal(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    const words = [process.execPath, this.program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    return ended('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], this.folder, env);
  }

  /** The same with its output led elsewhere, as a shell says it, such as `| true`; ends as the command does. */
  public async runInto(elsewhere: string, args: readonly string[]): Promise<Outcome> {
    const command = `set -o pipefail; "$0" "$@" ${elsewhere}`;
    return ended('bash', ['-c', command, process.execPath, this.program, ...args], this.folder, {});
  }

  public remove(): void {
    rmSync(this.program);
  }
}

let count = 0;

function ended(command: string, args: readonly string[], cwd: string, more: Record<string, string>): Promise<Outcome> {
  // What Node takes for a terminal without colours, and what would lead to a cluster.
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, KUBECONFIG: ____, ...inherited } = process.env;
  const child = spawn(command, args, { cwd, env: { ...inherited, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, ...texts }));
  });
}

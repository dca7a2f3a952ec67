import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';

/** A command that ended badly, with what it said. */
export class CommandError extends Error {
  public constructor(
    command: readonly string[],
    public readonly status: number | null,
    public readonly stdout: string,
    public readonly stderr: string,
  ) {
    super(`${command.join(' ')} ended with ${status ?? 'a signal'}\n${(stderr || stdout).trim()}`);
  }
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Ends the command: by SIGTERM, or by the signal that is the reason. */
  readonly signal?: AbortSignal;
  /** Whether an exit code other than 0 is an answer, too. */
  readonly mayFail?: boolean;
}

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end without blocking others. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(command[0] as string, command.slice(1), {
    ...spawnOptions(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stop = () => child.kill(options.signal?.reason === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM');
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command that ends before it has read all says why by itself.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  options.signal?.removeEventListener('abort', stop);
  if (status !== 0 && !options.mayFail) throw new CommandError(command, status, stdout, stderr);
  return { status, stdout, stderr };
}

/** Runs a short command and waits for it; for what must also work while the process ends. */
export function runNow(command: readonly string[], options: Omit<CommandOptions, 'signal'> = {}): CommandResult {
  const { status, stdout, stderr, error } = spawnSync(command[0] as string, command.slice(1), {
    ...spawnOptions(options),
    input: options.input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0 && !options.mayFail) throw new CommandError(command, status, stdout, stderr);
  return { status, stdout, stderr };
}

function spawnOptions({ cwd, env }: CommandOptions): SpawnOptions {
  return { cwd, env: { ...process.env, ...env } };
}

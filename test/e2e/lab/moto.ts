import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../support/cache';
import { run } from './command';

const REQUIREMENTS = join(__dirname, '../parts/moto/requirements.txt');

/** A program of moto's environment: the server of AWS's APIs, and a Python with the SDK. */
export function motoProgram(name: 'moto_server' | 'python'): string {
  return join(environment(), 'bin', name);
}

export function isMotoMade(): boolean {
  return existsSync(mark());
}

/** Makes a Python environment of the pinned packages. Downloads them. */
export async function makeMoto(): Promise<void> {
  rmSync(environment(), { recursive: true, force: true });
  await run(['python3', '-m', 'venv', environment()]);
  await run([motoProgram('python'), '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', REQUIREMENTS]);
  // An environment cannot be moved to its place when it is complete, so that is said.
  writeFileSync(mark(), '');
}

function environment(): string {
  const fingerprint = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  return join(CACHE, 'python', `moto-${fingerprint}`);
}

function mark(): string {
  return join(environment(), 'complete');
}

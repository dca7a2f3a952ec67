import { join } from 'node:path';
import { CACHE } from '../../support/cache';
import { type CommandResult, run } from '../lab/command';
import type { Lab } from '../lab/lab';
import { enter } from '../lab/processes';

/** `traefik-ha verify`, run where clients are, with what they trust. */
export function verify({ network, acme }: Lab, ...args: readonly string[]): Promise<CommandResult> {
  // The command line that the lab's rotaters run.
  const program = [process.execPath, join(CACHE, 'controller/cli.js')];
  return run([...enter(network.hub), ...program, 'verify', ...args, '--ca-file', acme.root], { mayFail: true });
}

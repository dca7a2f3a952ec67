import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';

const ROOT = join(import.meta.dirname, '..');
const ROUNDS = 21;

/** Milliseconds to require `module` in a new process. */
function requireTime(module: string): number {
  const code = `const start = performance.now(); require(${JSON.stringify(module)}); console.log(performance.now() - start)`;
  return Number(execFileSync(process.execPath, ['-e', code], { cwd: ROOT, encoding: 'utf8' }));
}

const median = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

/** What a program pays for the import. Needs `npm run build`. */
export function imports(): string {
  const peer: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(requireTime('cdk8s-plus-27'));
    own.push(requireTime('traefik-ha'));
  }
  return markdownTable(
    [
      ['require', 'median', 'ratio'],
      ['cdk8s-plus-27', `${median(peer).toFixed(0)} ms`, '1.00'],
      ['traefik-ha', `${median(own).toFixed(0)} ms`, (median(own) / median(peer)).toFixed(2)],
    ],
    { align: ['l', 'r', 'r'] },
  );
}

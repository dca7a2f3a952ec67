import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Recorded, runProgram } from '../../test/pulumi/recording-engine';

const ROUNDS = 5;

async function measure(program: string): Promise<{ readonly seconds: number; readonly recorded: Recorded }> {
  const began = performance.now();
  const recorded = await runProgram({ program: join(__dirname, program) });
  if (recorded.errors.length > 0) throw new Error(recorded.errors.join('\n'));
  return { seconds: (performance.now() - began) / 1000, recorded };
}

/** What was asked for, by name. */
function requests({ resources }: Recorded): Record<string, unknown> {
  return Object.fromEntries(resources.map(({ name, type, inputs, parent }) => [name, { type, inputs, parent }]));
}

/** Runs both programs in turns, from the start of the process to its end. Needs `npm run build`. */
async function main(): Promise<void> {
  const own: number[] = [];
  const peer: number[] = [];
  let count = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const direct = await measure('direct.ts');
    const components = await measure('components.ts');
    if (!isDeepStrictEqual(requests(direct.recorded), requests(components.recorded))) {
      throw new Error('the programs do not ask for the same');
    }
    count = components.recorded.resources.length;
    peer.push(direct.seconds);
    own.push(components.seconds);
  }
  // An ES module, as all of its versions are.
  const { markdownTable } = await import('markdown-table');
  const median = (times: readonly number[]) =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  console.log(
    markdownTable(
      [
        ['registrations', '@pulumi/kubernetes', 'components', 'ratio'],
        [
          count.toLocaleString('en'),
          `${median(peer).toFixed(1)} s`,
          `${median(own).toFixed(1)} s`,
          (median(own) / median(peer)).toFixed(2),
        ],
      ],
      { align: ['r', 'r', 'r', 'r'] },
    ),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Recorded, runProgram } from '../../test/pulumi/recording-engine';

const ROUNDS = 5;

interface Run {
  /** From the start of the process to its end. */
  readonly process: number;
  /** From the end of the imports until everything was answered. */
  readonly work: number;
  readonly recorded: Recorded;
}

async function measure(program: string): Promise<Run> {
  const began = performance.now();
  const recorded = await runProgram({ program: join(__dirname, program) });
  if (recorded.errors.length > 0) throw new Error(recorded.errors.join('\n'));
  const work = recorded.warnings.flatMap((line) => /^work: (.*)$/.exec(line)?.[1] ?? [])[0];
  return { process: (performance.now() - began) / 1000, work: Number(work) / 1000, recorded };
}

/** What was asked for, by name. */
function requests({ resources }: Recorded): Record<string, unknown> {
  return Object.fromEntries(resources.map(({ name, type, inputs, parent }) => [name, { type, inputs, parent }]));
}

/** Runs both programs in turns. Needs `npm run build`. */
async function main(): Promise<void> {
  const own: Run[] = [];
  const peer: Run[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const direct = await measure('direct.ts');
    const components = await measure('components.ts');
    if (!isDeepStrictEqual(requests(direct.recorded), requests(components.recorded))) {
      throw new Error('the programs do not ask for the same');
    }
    peer.push(direct);
    own.push(components);
  }
  // An ES module, as all of its versions are.
  const { markdownTable } = await import('markdown-table');
  const count = own[0]?.recorded.resources.length ?? 0;
  const median = (runs: readonly Run[], of: 'process' | 'work') =>
    runs.map((run) => run[of]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN;
  const row = (what: string, of: 'process' | 'work') => [
    `${count.toLocaleString('en')} registrations, ${what}`,
    `${median(peer, of).toFixed(1)} s`,
    `${median(own, of).toFixed(1)} s`,
    (median(own, of) / median(peer, of)).toFixed(2),
  ];
  console.log(
    markdownTable(
      [
        ['', '@pulumi/kubernetes', 'components', 'ratio'],
        row('without imports', 'work'),
        row('the whole process', 'process'),
      ],
      { align: ['l', 'r', 'r', 'r'] },
    ),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

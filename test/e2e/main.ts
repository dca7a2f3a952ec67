import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { CACHE } from '../support/cache';
import { explain, prepare } from './lab/prepare';
import { sweepAbandoned } from './lab/state';
import { clearFigures, type Figure, lastFigures, tableOf, writeProof } from './support/figures';

/**
 * Suites, each in a process and, where it needs one, on a lab of its own; a lab is only started for proofs that are asked
 * for. Groups follow one another; the lanes of a group run side by side. What is short is over before the edge is under
 * load.
 */
const GROUPS = [[['edge'], ['kv', 'scripts', 'stack-files', 'aws']], [['swarm']]];
const SUITES = GROUPS.flat(2);

interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const USAGE = `npm run test:e2e -- [--install-packages] [--write-proof] [-t PATTERN]

Proves the edge on a cluster of three nodes, and on a swarm of three, that run on this machine alone.
  --install-packages   install the Debian packages that the lab uses
  --write-proof        write the figures of a whole run that passed into docs/proof.md
  -t PATTERN           run the proofs whose names match; those that they stand on must match, too
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'install-packages': { type: 'boolean', default: false },
      'write-proof': { type: 'boolean', default: false },
      t: { type: 'string', short: 't' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const began = Date.now();
  await prepare({ installing: values['install-packages'], kinds: ['kubernetes', 'swarm'] });
  const prepared = Date.now();
  clearFigures();
  sweepAbandoned();
  let failed = 0;
  for (const group of GROUPS) {
    const statuses = (await Promise.all(group.map((lane) => proveLane(lane, values.t)))).flat();
    if (statuses.includes(130)) return 130;
    failed ||= Math.max(...statuses);
  }
  if (failed !== 0) return failed;

  const whole: Figure = {
    proof: 'The whole run',
    what: 'programs and images made, then all proofs',
    time: `${minutes(prepared - began)} and ${minutes(Date.now() - prepared)}`,
  };
  const table = tableOf([...lastFigures(SUITES), whole]);
  process.stdout.write(`\n${table}\n`);
  if (values['write-proof'] && values.t === undefined) writeProof(table);
  return 0;
}

async function proveLane(lane: readonly string[], pattern: string | undefined): Promise<number[]> {
  const statuses: number[] = [];
  for (const suite of lane) {
    statuses.push(await prove(suite, pattern));
    if (statuses.includes(130)) break;
  }
  return statuses;
}

/** Runs the proofs of a suite, and sweeps what they left. */
async function prove(suite: string, pattern: string | undefined): Promise<number> {
  // What Jest found, for the lines at the end.
  const results = join(CACHE, `results-${suite}.json`);
  rmSync(results, { force: true });
  const jest = join(createRequire(__filename).resolve('jest/package.json'), '../bin/jest.js');
  const which = [`--testPathPatterns=/${suite}\\.e2e\\.ts$`, ...(pattern === undefined ? [] : ['-t', pattern])];
  const options = ['--config=jest.e2e.config.js', '--runInBand', '--json', `--outputFile=${results}`];
  const child = spawn(process.execPath, [jest, ...options, ...which], { stdio: 'inherit' });
  let interrupted = false;
  // Ctrl-C reaches the tests as well; when they are gone, what they left is swept here.
  const stop = (signal: NodeJS.Signals) => {
    interrupted = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const ended = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 130)));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  const status = interrupted ? 130 : ended;
  for (const logs of sweepAbandoned({ logs: status !== 0 })) process.stderr.write(`lab: logs in ${logs}\n`);
  if (status !== 0) process.stderr.write(failures(results));
  return status;
}

/** A line for each proof that failed, for logs of which only the end is kept. */
function failures(results: string): string {
  if (!existsSync(results)) return '';
  const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as Results;
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `failed: ${fullName}: ${firstLines(failureMessages.join('\n'))}\n`)
    .join('');
}

/** What was expected and seen, without where. */
function firstLines(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('at '))
    .join(' ')
    .slice(0, 400);
}

function minutes(milliseconds: number): string {
  return `${(milliseconds / 60_000).toFixed(1)} min`;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 2;
  },
);

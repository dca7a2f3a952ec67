import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain, prepare } from './lab/prepare';
import { sweepAbandoned } from './lab/state';

const USAGE = `npm run test:e2e -- [--install-packages] [--write-proof] [-t PATTERN]

Proves the edge on a cluster of three nodes that runs on this machine alone.
  --install-packages   install the Debian packages that the lab uses
  --write-proof        write the figures into docs/proof.md
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
  await prepare({ installing: values['install-packages'] });
  const jest = join(createRequire(__filename).resolve('jest/package.json'), '../bin/jest.js');
  const which = values.t === undefined ? [] : ['-t', values.t];
  const child = spawn(process.execPath, [jest, '--config=jest.e2e.config.js', '--runInBand', ...which], {
    stdio: 'inherit',
    env: { ...process.env, WRITE_PROOF: values['write-proof'] ? '1' : '' },
  });
  // Ctrl-C reaches the tests as well; when they are gone, what they left is swept here.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const status = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 130)));
  for (const logs of sweepAbandoned({ logs: status !== 0 })) process.stderr.write(`lab: logs in ${logs}\n`);
  return status;
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

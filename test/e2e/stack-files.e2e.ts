import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { SWARM_DECLARATIONS } from '../support/swarm-declarations';
import { filesOf } from '../support/synthesize';
import { Docker } from './lab/docker';
import { program } from './lab/parts';
import { claimState, type LabState, sweep } from './lab/state';

/** Stack files as Docker's own client reads them; no engine is needed. */

let state: LabState;

beforeAll(() => {
  state = claimState();
});

afterAll(() => {
  if (state !== undefined) sweep(state);
});

/** What the client makes of a stack file that lies in a folder with its configs. */
async function asRead(files: Readonly<Record<string, string>>, name: string) {
  const folder = join(state.folder, 'stack');
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const [docker = ''] = program('docker');
  const client = new Docker(docker, 'unix:///nowhere', state.folder);
  return client.run(['stack', 'config', '--compose-file', join(folder, name)], { mayFail: true });
}

describe('Stack files', () => {
  test.each(Object.entries(SWARM_DECLARATIONS))('%s', async (_, declare) => {
    const files = filesOf(declare);
    const stacks = Object.keys(files).filter((path) => path.endsWith('.stack.yml'));
    expect(stacks).not.toEqual([]);
    for (const name of stacks) {
      const { status, stdout, stderr } = await asRead(files, name);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(unescaped(parse(stdout))).toEqual(unescaped(parse(files[name] ?? '')));
    }
  });

  test('what the client refuses is seen to be refused', async () => {
    const { status, stderr } = await asRead(
      { 'edge.stack.yml': 'services: {a: {image: b, mem_limit: 1g}}' },
      'edge.stack.yml',
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('mem_limit') });
  });
});

function unescaped(stack: object): object {
  return stack;
}

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'traefik-ha-plan-'));
const program = join(__dirname, `../../node_modules/.cache/traefik-ha/plan-${process.pid}.js`);

beforeAll(() => {
  const entryPoints = [join(__dirname, '../../lib/cli/main.ts')];
  buildSync({ entryPoints, outfile: program, bundle: true, packages: 'external', platform: 'node', target: 'node20' });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(program);
});

function plan(...args: readonly string[]) {
  return spawnSync(process.execPath, [program, 'plan', ...args], { encoding: 'utf8' });
}
const HOST = ['--host', 'shop.example.com'];

test('for people', () => {
  const { status, stdout } = plan('node1=203.0.113.11', ...HOST);
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
"1. node1: withdraw. The controller takes a cordoned node out of the record.
   $ kubectl cordon node1
2. node1: wait. Resolvers keep the answer for 60 s once the servers of the zone have let go of it.
   Wait 180 s.
3. node1: drain. Everything but its Traefik moves to other nodes.
   $ kubectl drain node1 --ignore-daemonsets --delete-emptydir-data --timeout=600s
4. node1: replace. Nobody is sent there, and nothing else runs there.
   Upgrade, restart or replace the machine; shut down in order, Traefik ends what is on its way.
   $ kubectl wait --for=condition=Ready node/node1 --timeout=1800s
5. node1: verify. It must serve what the others serve before anybody is sent there.
   $ traefik-ha verify --nodes 203.0.113.11 shop.example.com
6. node1: restore. The controller puts it back into the record.
   $ kubectl uncordon node1
7. node1: wait. Nobody else leaves before resolvers know that it is back.
   Wait 180 s.

It waits 6 min in all.
"
`);
});

test('for programs', () => {
  const { waitSeconds, steps } = JSON.parse(plan('node1', 'node2', ...HOST, '--ttl', '30', '--output', 'json').stdout);
  expect([waitSeconds, steps.length]).toEqual([4 * 150, 14]);
  expect(steps[0]).toEqual({
    kind: 'withdraw',
    who: 'node1',
    says: 'The controller takes a cordoned node out of the record.',
    commands: ['kubectl cordon node1'],
  });
});

describe('for sh', () => {
  /** Runs the script with programs that only note how they are called; `failing` fails. */
  function run(script: string, failing = '') {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    for (const name of ['kubectl', 'traefik-ha', 'sleep']) {
      writeFileSync(
        join(folder, name),
        `#!/bin/sh\necho "${name} $*" >> ${log}\ncase "${name} $*" in *"get node"*) echo 10.0.0.1;; esac\n[ "${name} $1" != "${failing}" ]\n`,
      );
      chmodSync(join(folder, name), 0o755);
    }
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status } = spawnSync('sh', { input: script, env, encoding: 'utf8' });
    return { status, log: readFileSync(log, 'utf8').trim().split('\n') };
  }
  // A script that comes through a pipe would read its own lines where it asks a person.
  const unattended = (...args: string[]) => plan(...args).stdout.replaceAll('read -r _', ':');

  test('runs each step, in order', () => {
    const { status, log } = run(unattended('node1', ...HOST, '--output', 'sh'));
    expect(status).toBe(0);
    expect(log.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'kubectl cordon node1',
      'sleep 180',
      'kubectl drain node1',
      'kubectl wait --for=condition=Ready',
      'kubectl get node',
      'traefik-ha verify --nodes',
      'kubectl uncordon node1',
      'sleep 180',
    ]);
    expect(log).toContain('traefik-ha verify --nodes 10.0.0.1 shop.example.com');
  });

  test('a node that does not serve what it should is not restored', () => {
    const { status, log } = run(unattended('node1', ...HOST, '--output', 'sh'), 'traefik-ha verify');
    expect(status).not.toBe(0);
    expect(log.at(-1)).toBe('traefik-ha verify --nodes 10.0.0.1 shop.example.com');
  });

  test('asks for what a person has to do', () => {
    const { stdout } = plan('node1=203.0.113.11', ...HOST, '--fixed', '--output', 'sh');
    expect(stdout.match(/read -r _/g)).toHaveLength(3);
    expect(spawnSync('sh', ['-n'], { input: stdout }).status).toBe(0);
  });
});

test.each([
  [
    ['node1;reboot', ...HOST],
    'NAME-04 [options] a node is not a name that an object in Kubernetes can have (node1;reboot)',
  ],
  [['node1', '--host', 'shop'], 'HOST-01 [options]'],
  [['node1', ...HOST, '--ttl', 'soon'], 'DNS-05 [options]'],
])('what is wrong is one line: %j', (args, line) => {
  const { status, stdout, stderr } = plan(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(line)]);
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
5. node1: verify. Before anybody is sent there, it must serve what the nodes that DNS has now serve.
   $ npx traefik-ha verify --nodes 203.0.113.11,shop.example.com --watch --give-up 5m shop.example.com
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
  /** Runs the script with programs that only note how they are called, and no others; what `failing` begins fails. */
  function run(script: string, { failing = '-', missing = '', from = [] as string[] } = {}) {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    const bin = mkdtempSync(join(folder, 'bin-'));
    for (const name of ['kubectl', 'npx', 'sleep'].filter((each) => each !== missing)) {
      writeFileSync(
        join(bin, name),
        `#!/bin/sh\necho "${name} $*" >> ${log}\ncase "${name} $*" in "${failing}"*) exit 1;; *"get node"*) echo 10.0.0.1;; esac\n`,
      );
      chmodSync(join(bin, name), 0o755);
    }
    symlinkSync(spawnSync('sh', ['-c', 'command -v awk'], { encoding: 'utf8' }).stdout.trim(), join(bin, 'awk'));
    const file = join(folder, 'replace.sh');
    writeFileSync(file, script);
    const env = { PATH: bin };
    // Whoever is asked to press Enter does.
    const options = { env, encoding: 'utf8', input: '\n'.repeat(9) } as const;
    const { status, stderr } = spawnSync('/bin/sh', [file, ...from], options);
    return { status, stderr, log: readFileSync(log, 'utf8').trim().split('\n'), file };
  }
  const script = (...args: string[]) => plan(...args, ...HOST, '--output', 'sh').stdout;
  const VERIFY = 'npx traefik-ha verify --nodes 10.0.0.1,shop.example.com --watch --give-up 5m shop.example.com';

  test('runs each step, in order', () => {
    const { status, log } = run(script('node1'));
    expect(status).toBe(0);
    expect(log.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'npx --no --',
      'kubectl cordon node1',
      'sleep 180',
      'kubectl drain node1',
      'kubectl wait --for=condition=Ready',
      'kubectl get node',
      'npx traefik-ha verify',
      'kubectl uncordon node1',
      'sleep 180',
    ]);
    expect(log).toContain(VERIFY);
  });

  test('a node that does not serve what it should is not restored, and it is said how to go on', () => {
    const failed = run(script('node1'), { failing: 'npx traefik-ha verify' });
    expect([failed.status, failed.log.at(-1)]).toEqual([1, VERIFY]);
    expect(failed.stderr).toBe(`Step 5 was not done. When what is wrong is mended, go on: sh ${failed.file} 5\n`);
    const { status, stderr, log } = run(script('node1'), { from: ['5'] });
    expect([status, stderr]).toEqual([0, '']);
    expect(log.slice(1)).toEqual([expect.stringContaining('get node'), VERIFY, 'kubectl uncordon node1', 'sleep 180']);
  });

  test.each(['8', '0', 'five', '-1', ''])('there is no step %j', (from) => {
    const { status, stderr, log } = run(script('node1'), { from: [from] });
    expect([status, stderr, log.length]).toEqual([2, `Steps are 1 to 7, and not ${from}.\n`, 1]);
  });

  test.each([
    [{ missing: 'kubectl' }, 'There is no kubectl here. Nothing was begun.\n', ['']],
    [{ missing: 'npx' }, 'There is no npx here. Nothing was begun.\n', ['']],
    [
      { failing: 'npx --no' },
      'npx finds no traefik-ha here: run npm install traefik-ha. Nothing was begun.\n',
      ['npx --no -- traefik-ha --version'],
    ],
  ])('nothing is begun where a program is missing: %j', (lacking, message, calls) => {
    expect(run(script('node1'), lacking)).toMatchObject({ status: 1, stderr: message, log: calls });
  });

  test('asks for what a person has to do', () => {
    const text = script('node1=203.0.113.11', '--fixed');
    expect(text.match(/read -r _/g)).toHaveLength(3);
    expect(run(text).status).toBe(0);
  });
});

test('an address may have a port', () => {
  const { stdout } = plan('node1=[2001:db8::11]:8443', 'node2=203.0.113.12', ...HOST);
  expect(stdout).toContain("verify --nodes '[2001:db8::11]:8443',203.0.113.12 ");
});

test('all that is wrong is said at once', () => {
  const { status, stderr } = plan('node1', 'node1', 'node2=nowhere', '--ttl', 'abc');
  expect([status, stderr.trim().split('\n')]).toEqual([
    2,
    [
      'PLAN-02 [nodes] a node is replaced once (node1). Name it once',
      'LB-01 [nodes] a node is reached at an IPv4 or IPv6 address (nowhere). Write node2=203.0.113.11 or node2=203.0.113.11:8443, or node2 alone for what the cluster says',
      'PLAN-03 [--host] no host that each node must serve before it is restored. Give --host shop.example.com',
      'DNS-05 [--ttl] a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8) (abc). Write seconds such as --ttl 60, or leave it out for 60',
    ],
  ]);
});

test.each([
  [
    ['node1;reboot', ...HOST],
    'NAME-04 [nodes] a node is not a name that an object in Kubernetes can have (node1;reboot)',
  ],
  [['node1', '--host', 'shop'], 'HOST-01 [--host]'],
  [HOST, 'PLAN-01 [nodes] no node that is replaced. Name those that are, such as node1 node2'],
])('what is wrong is one line: %j', (args, line) => {
  const { status, stdout, stderr } = plan(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(line)]);
});

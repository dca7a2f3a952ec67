import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { TestAuthority } from '../../test/support/tls-servers.js';

const ROOT = join(import.meta.dirname, '../..');
const NODES = 10;
const HOSTS = 100;
const UNREACHABLE = 50;

/** Says the most memory that the process had, in kilobytes, and the time that it worked, in microseconds. */
const PRELOAD = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    process.stderr.write('\\nUSED ' + maxRSS + ' ' + (userCPUTime + systemCPUTime));
  });`,
)}`;

interface Servers {
  readonly process: ChildProcess;
  readonly ports: readonly number[];
}

async function servers(...args: readonly string[]): Promise<Servers> {
  const process = fork(join(import.meta.dirname, 'servers.mjs'), [...args]);
  const [{ ports }] = await once(process, 'message');
  return { process, ports };
}

interface Run {
  readonly seconds: number;
  readonly working: number;
  readonly megabytes: number;
  readonly exitCode: number;
}

async function run(args: readonly string[]): Promise<Run> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', PRELOAD, ...args]);
  let errors = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [exitCode] = await once(child, 'close');
  const [, kilobytes, microseconds] = /USED (\d+) (\d+)$/.exec(errors) ?? [];
  return {
    seconds: (performance.now() - began) / 1000,
    working: Number(microseconds) / 1e6,
    megabytes: Number(kilobytes) / 1024,
    exitCode,
  };
}

/** A thousand checks of servers on this machine. Needs `npm run build`. */
async function verify(): Promise<string> {
  const authority = new TestAuthority();
  const { certificate, key } = authority.issue({ names: ['*.example.com'] });
  const files = ['crt', 'key'].map((end) => join(authority.folder, `server.${end}`));
  writeFileSync(files[0] as string, certificate);
  writeFileSync(files[1] as string, key);
  const good = await servers('tls', String(NODES), ...files);
  const bad = await servers('silent', String(UNREACHABLE));
  // Half of them answer not even a connection.
  const waiting = bad.ports
    .slice(0, UNREACHABLE / 2)
    .flatMap((port) => [1, 2, 3].map(() => connect(port, '127.0.0.1')));
  for (const socket of waiting) socket.on('error', () => {});
  const hosts = Array.from({ length: HOSTS }, (_, index) => `host-${index}.example.com`);
  const goodNodes = good.ports.map((port) => `127.0.0.1:${port}`);
  const last = async () => {
    good.process.send('when');
    const [{ first, last: end }] = await once(good.process, 'message');
    return (end - first) / 1000;
  };
  try {
    const options = [join(ROOT, 'build/cli.js'), 'verify', '--ca-file', authority.file];
    const peer = await run([
      join(import.meta.dirname, 'peer.mjs'),
      authority.file,
      goodNodes.join(','),
      hosts.join(','),
    ]);
    const peerLast = await last();
    const plain = await run([...options, '--nodes', goodNodes.join(','), ...hosts]);
    const plainLast = await last();
    // The same, with one host at each of the silent nodes among them.
    const file = join(authority.folder, 'hosts.json');
    const silent = bad.ports.map((port) => ({ name: `host-${port}.example.com`, nodes: [`127.0.0.1:${port}`] }));
    writeFileSync(file, JSON.stringify({ nodes: goodNodes, hosts: [...silent, ...hosts.slice(0, HOSTS - 5)] }));
    const mixed = await run([...options, '--file', file]);
    const mixedLast = await last();
    if (peer.exitCode !== 0 || plain.exitCode !== 0 || mixed.exitCode !== 2)
      throw new Error(`${peer.exitCode}, ${plain.exitCode} and ${mixed.exitCode}`);
    const row = (what: string, { seconds, working, megabytes }: Run, answered: number) => [
      what,
      `${seconds.toFixed(1)} s`,
      `${working.toFixed(1)} s`,
      `${answered.toFixed(1)} s`,
      `${megabytes.toFixed(0)} MB`,
    ];
    return markdownTable(
      [
        ['1,000 checks', 'whole process', 'of it working', 'first to last answer', 'memory'],
        row('only handshakes, the peer', peer, peerLast),
        row('all answer', plain, plainLast),
        row(`${UNREACHABLE} do not answer within 5 s`, mixed, mixedLast),
      ],
      { align: ['l', 'r', 'r', 'r', 'r'] },
    );
  } finally {
    for (const socket of waiting) socket.destroy();
    good.process.kill();
    bad.process.kill('SIGKILL');
    authority.remove();
  }
}

console.log(await verify());

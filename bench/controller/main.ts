import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { explain, prepare } from '../../test/e2e/lab/prepare';
import { startTime } from '../../test/e2e/lab/processes';
import { sweepOwn } from '../../test/e2e/lab/state';
import { sleep, until } from '../../test/e2e/lab/wait';
import { eventsOf } from '../../test/e2e/support/audit';
import { labNamespace } from '../../test/e2e/support/backends';
import { MANY, manyRotater, manyRoutes, oneOfMany } from '../../test/e2e/support/many';
import { startLab } from '../../test/e2e/support/stage';
import { derivedBy, settingsOf } from '../../test/support/derive';
import { crdFiles } from '../../test/support/schemas';

const { namespace, routes: count } = MANY;
const NEW_ROUTES = 50;

const say = (message: string) => process.stderr.write(`bench: ${message}\n`);

/** What the two instances of a rotater take on the proving ground, beside kubectl that applies what the filter made. */
async function controller(idleMinutes: number): Promise<string> {
  await prepare({ installing: false, kinds: ['kubernetes'] });
  const lab = await startLab(1, say);
  const { kubectl, controlPlane } = lab;
  await kubectl.run(['apply', '--server-side', ...crdFiles().flatMap((file) => ['-f', file])]);
  await kubectl.apply([labNamespace(namespace)]);
  const derived = () => kubectl.list('certificates.cert-manager.io,dnsendpoints.externaldns.k8s.io', namespace);

  say(`kubectl applies ${2 * count} objects, the peer`);
  const objects = derivedBy(settingsOf(MANY.settings), manyRoutes(count), { onlyDerived: true });
  const peerBegan = performance.now();
  await kubectl.apply(objects);
  const peer = (performance.now() - peerBegan) / 1000;
  await kubectl.delete(objects, ['--wait=false']);
  await until('they are gone', { seconds: 120 }, async () => (await derived()).length === 0);

  say(`the controller finds ${count} routes`);
  await kubectl.apply(manyRoutes(count));
  await kubectl.apply(manyRotater());
  const account = `system:serviceaccount:${namespace}:cert-rotater`;
  const writes = () => {
    return eventsOf(controlPlane.auditLog).filter(({ verb, user }) => verb === 'patch' && user.username === account);
  };
  await until('their objects', { seconds: 120, everyMs: 1000 }, async () => (await derived()).length === 2 * count);
  await sleep(5000);
  const pods = await kubectl.list('pods', namespace, 'app.kubernetes.io/component=rotater');
  const processes = pods.flatMap(({ metadata }) => lab.processesOf(metadata.uid, '/node')).map(processOf);
  const made = new Map<string, number>();
  for (const { requestURI, stageTimestamp } of writes()) {
    const path = requestURI.split('?')[0] as string;
    if (!made.has(path)) made.set(path, Date.parse(stageTimestamp));
  }
  const first = Math.min(...processes.map(({ startedMs }) => startedMs));
  const start = (Math.max(...made.values()) - first) / 1000;

  say(`${NEW_ROUTES} new routes, one after the other`);
  const latencies: number[] = [];
  for (let index = 0; index < NEW_ROUTES; index += 1) {
    const name = `new-${index}`;
    await kubectl.apply([oneOfMany(name)]);
    await sleep(700);
    const events = eventsOf(controlPlane.auditLog).filter(({ objectRef }) =>
      objectRef?.name?.startsWith(`route-${name}`),
    );
    const named = (resource: string) =>
      Date.parse(events.find((event) => event.objectRef?.resource === resource)?.stageTimestamp ?? '');
    latencies.push(Math.max(named('certificates'), named('dnsendpoints')) - named('ingressroutes'));
  }
  if (latencies.some(Number.isNaN)) throw new Error('a new route has no objects within 700 ms');

  say(`nothing changes for ${idleMinutes} min`);
  const before = writes().length;
  await sleep(idleMinutes * 60_000);
  const idle = writes().length - before;
  const memory = Math.max(...processes.map(({ pid }) => peakMegabytes(pid)));

  // An ES module, as all of its versions are.
  const { markdownTable } = await import('markdown-table');
  return markdownTable(
    [
      ['what', 'measured', 'goal', 'peer', 'ratio'],
      [
        `${(2 * count).toLocaleString('en')} objects of ${count.toLocaleString('en')} routes, from the start of the processes`,
        `${start.toFixed(1)} s`,
        '5 s',
        `${peer.toFixed(1)} s`,
        (start / peer).toFixed(2),
      ],
      ['memory of an instance, at most', `${memory.toFixed(0)} MB`, '150 MB', '', ''],
      [`a new route's two objects, median of ${NEW_ROUTES}`, `${median(latencies)} ms`, '300 ms', '', ''],
      [`writes in ${idleMinutes} min in which nothing changes`, String(idle), '0', '', ''],
    ],
    { align: ['l', 'r', 'r', 'r', 'r'] },
  );
}

/** When a process began. */
function processOf(pid: number): { readonly pid: number; readonly startedMs: number } {
  const upSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  // In hundredths of a second since the machine began.
  return { pid, startedMs: Date.now() - upSeconds * 1000 + Number(startTime(pid)) * 10 };
}

function peakMegabytes(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'idle-minutes': { type: 'string', default: '1' } } });
  process.on('exit', sweepOwn);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  console.log(`\n${await controller(Number(values['idle-minutes']))}`);
}

main().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(2);
  },
);

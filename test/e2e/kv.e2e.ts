import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import type { DynamicConfiguration } from '../../lib/kv/dynamic-configuration';
import { kvEntries } from '../../lib/kv/entries';
import { etcdTransaction, type KvOperation, kvTransactions, redisCommands } from '../../lib/kv/transactions';
import { kvProviderArguments } from '../../lib/model/kv-provider';
import { KvStore } from '../../lib/model/kv-store';
import { anyConfiguration, canonical } from '../support/kv';
import { program } from './lab/parts';
import { Processes } from './lab/processes';
import { claimState, type LabState, sweep } from './lab/state';
import { until } from './lab/wait';
import { freePorts } from './support/ports';

/** The entries of a store against Traefik itself, on the loopback device; no cluster is needed. */

let state: LabState;
let processes: Processes;

beforeAll(() => {
  state = claimState();
  processes = new Processes(state.folder);
});

afterAll(() => {
  processes?.forget();
  if (state !== undefined) sweep(state);
});

/** Traefik leaves out what it can make nothing of, such as a server without an address. */
const WORDS = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);

interface RunningStore {
  readonly store: KvStore;
  write(operations: readonly KvOperation[]): Promise<void>;
}

describe.each([
  ['etcd', startEtcd, 60],
  ['redis', startRedis, 20],
] as const)('KV: %s', (name, start, runs) => {
  let running: RunningStore;
  let api: string;
  let written: readonly string[] = [];
  let round = 0;

  beforeAll(async () => {
    running = await start();
    const [port, web] = await freePorts(2);
    api = `http://127.0.0.1:${port}/api/rawdata`;
    const nothing = () => {
      throw new Error('no credentials');
    };
    processes.start(`traefik-${name}`, [
      ...[program('traefik'), `--entryPoints.traefik.address=127.0.0.1:${port}`, '--api.insecure=true'],
      ...[`--entryPoints.web.address=127.0.0.1:${web}`, '--providers.providersThrottleDuration=0'],
      ...kvProviderArguments(running.store, { credential: nothing, file: nothing }),
    ]);
    await until('Traefik', { seconds: 30 }, async () => (await fetch(api)).ok);
  });

  test('what Traefik serves is what was declared, whatever was there before', async () => {
    await fc.assert(
      fc.asyncProperty(anyConfiguration(WORDS), async (configuration) => {
        await write(configuration);
        await until('what was declared', { seconds: 20, everyMs: 20 }, async () => {
          const shown = await shownByApi();
          expect(shown.routers?.[`marker@${name}`]?.rule).toBe(markerRule());
          for (const [section, declared] of Object.entries(sectionsOf(configuration))) {
            const served = shown[section] ?? {};
            for (const [each, value] of Object.entries(declared)) {
              const { middlewares, ...others } = { ...served[`${each}@${name}`] } as { middlewares?: string[] };
              // It names the provider where none is named.
              const unqualified = middlewares?.map((middleware) => middleware.replace(`@${name}`, ''));
              expect(canonical({ ...others, middlewares: unqualified })).toMatchObject(canonical(value) as object);
            }
            const own = Object.keys(served).filter((each) => each.endsWith(`@${name}`) && each !== `marker@${name}`);
            expect(own.sort()).toEqual(
              Object.keys(declared)
                .map((each) => `${each}@${name}`)
                .sort(),
            );
          }
          return true;
        });
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });

  const markerRule = () => `Path(\`/${round}\`)`;

  /** Writes a configuration, and last a router by which one knows that Traefik has read it. */
  async function write(configuration: DynamicConfiguration): Promise<void> {
    const { entries } = kvEntries(configuration);
    for (const operations of kvTransactions(entries, { written })) await running.write(operations);
    written = entries.map(({ key }) => key);
    round += 1;
    await running.write([
      { verb: 'set', key: 'traefik/http/routers/marker/rule', value: markerRule() },
      { verb: 'set', key: 'traefik/http/routers/marker/service', value: 'noop@internal' },
    ]);
  }

  async function shownByApi() {
    return (await (await fetch(api)).json()) as Record<string, Record<string, { rule?: string }>>;
  }
});

/** What the API shows, by the names that it has there. */
function sectionsOf({ http = {}, tcp = {}, udp = {} }: DynamicConfiguration): Record<string, object> {
  return {
    routers: http.routers ?? {},
    services: http.services ?? {},
    middlewares: http.middlewares ?? {},
    tcpRouters: tcp.routers ?? {},
    tcpServices: tcp.services ?? {},
    tcpMiddlewares: tcp.middlewares ?? {},
    udpRouters: udp.routers ?? {},
    udpServices: udp.services ?? {},
  };
}

async function startEtcd(): Promise<RunningStore> {
  const [client, peer] = await freePorts(2);
  const address = `http://127.0.0.1:${client}`;
  processes.start('etcd', [
    ...[program('etcd'), `--data-dir=${join(state.folder, 'etcd')}`, '--log-level=error', '--unsafe-no-fsync'],
    ...[`--listen-client-urls=${address}`, `--advertise-client-urls=${address}`],
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
  ]);
  await until('etcd', { seconds: 20 }, async () => (await fetch(`${address}/health`)).ok);
  return {
    store: KvStore.etcd({ endpoints: [`127.0.0.1:${client}`] }),
    write: async (operations) => {
      const body = JSON.stringify(etcdTransaction(operations));
      const answer = await fetch(`${address}/v3/kv/txn`, { method: 'POST', body });
      expect(await answer.json()).toMatchObject({ succeeded: true });
    },
  };
}

async function startRedis(): Promise<RunningStore> {
  const [port = 0] = await freePorts(1);
  processes.start('redis', [
    ...['redis-server', '--bind', '127.0.0.1', '--port', String(port), '--dir', state.folder, '--save', ''],
    ...['--notify-keyspace-events', 'KEA'],
  ]);
  const send = (commands: readonly (readonly string[])[]) => answerOf(port, commands.map(encoded).join(''));
  await until('redis', { seconds: 20 }, async () => (await send([['PING']])).startsWith('+PONG'));
  return {
    store: KvStore.redis({ endpoint: `127.0.0.1:${port}` }),
    write: async (operations) => {
      expect(await send(redisCommands(operations))).not.toMatch(/^-/m);
    },
  };
}

/** A command in the protocol of Redis. */
function encoded(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

function answerOf(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.once('error', reject).once('close', () => resolve(answer));
    socket.end(`${text}${encoded(['QUIT'])}`);
  });
}

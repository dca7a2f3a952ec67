import type { Workshop } from '../support/scripts';
import { scriptFaults } from './proofs/script-faults';
import { scriptRenewer } from './proofs/script-renewer';
import { scriptStore, scriptText, scriptTls, WAYS } from './proofs/script-stores';
import { Loopback } from './support/loopback';
import { ScriptEdge } from './support/script-edge';
import { Etcd, Redis } from './support/stores';

/** The scripts of containers, run by busybox against real servers on the loopback device; no cluster is needed. */

let host: Loopback;
let workshop: Workshop;
let etcd: Etcd;
let redis: Redis;
const stage = () => ({ host, workshop, etcd, redis });

beforeAll(async () => {
  host = new Loopback();
  [etcd, redis] = [new Etcd(host), new Redis(host)];
  await Promise.all([etcd.start(), redis.start(), host.startAcme()]);
});

afterAll(() => {
  if (host === undefined) return;
  host.figures.save('scripts');
  host.end();
});

beforeEach(() => {
  process.stderr.write(`proof: ${expect.getState().currentTestName}\n`);
  workshop = host.workshop();
});

afterEach(() => workshop.remove());

describe('Scripts: the text', () => scriptText());
for (const way of WAYS) describe(`Scripts: ${way[0]}`, () => scriptStore(stage, way));
describe('Scripts: TLS', () => scriptTls(stage));
describe('Scripts: renewer', () => scriptRenewer(stage));

describe('Script faults', () => {
  let edge: ScriptEdge;

  beforeAll(async () => {
    edge = new ScriptEdge(host);
    await edge.start();
  });

  scriptFaults(() => ({ ...stage(), edge }));
});

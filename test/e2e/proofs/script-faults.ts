import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { newPair, type Pair, type RunningScript } from '../../support/scripts';
import { sleep, until } from '../lab/wait';
import { namesOf } from '../support/pairs';
import type { Front, ScriptEdge } from '../support/script-edge';
import type { Watched } from '../support/watch';
import type { ScriptStage } from './script-stores';

export interface FaultStage extends ScriptStage {
  readonly edge: ScriptEdge;
}

const ONE = ['www.example.com'];
const TWO = ['www.example.com', 'example.com'];

/**
 * What happens to the scripts while two instances of Traefik are asked for a certificate all the time, and what they
 * read is read: never a certificate without its key, and never the default one.
 */
export function scriptFaults(stage: () => FaultStage): void {
  const edge = () => stage().edge;
  const store = () => edge().store;
  const files = () => edge().files;

  test('the first certificates are served by both', async () => {
    for (const front of edge().fronts) {
      edge().declare(front, ...ONE);
      expect(await edge().renew(front)).toMatchObject({ status: 0 });
      await edge().served(front, (await front.pairs()).www);
    }
  });

  test('the store is down while a certificate is renewed', async () => {
    const { etcd } = edge();
    const running = edge().startRenewing(store());
    await running.until(/event=started/);
    const seen = await under(store(), async (recovering) => {
      await etcd.stop();
      edge().declare(store(), ...TWO);
      await running.until(/event=ordered certificate=www[\s\S]+event=store-failed/, 90);
      await sleep(5000);
      await etcd.start();
      recovering();
      await running.until(/event=published/, 60);
      const { www } = await store().pairs();
      expect(namesOf(www)).toEqual([...TWO].sort());
      await edge().served(store(), www);
    });
    await end(running);
    record('the store down while a certificate is renewed', seen, 'from its return until the renewed one is served');
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 2 });
  });

  test('the store is wiped', async () => {
    const { etcd } = edge();
    const running = edge().startRenewing(store());
    await running.until(/event=started/);
    const { www } = await store().pairs();
    const seen = await under(store(), async (recovering) => {
      recovering();
      await etcd.wipe();
      await running.until(/event=published/, 60);
      expect(await store().pairs()).toEqual({ www });
      await edge().served(store(), www);
    });
    await end(running);
    record('the store wiped, looked at each second', seen, 'until the certificate is served again');
    expect(seen).toMatchObject({ ...NOTHING_BROKE, away: 0, certificates: 1 });
    // Let Traefik, which reads what changed after a pause, be at rest.
    await sleep(2500);
    await edge().served(store(), www);
  });

  test('Traefik is restarted while the store is down', async () => {
    const { etcd } = edge();
    const { www } = await store().pairs();
    const seen = await under(store(), async (recovering) => {
      await etcd.stop();
      await edge().restartTraefik();
      await sleep(6000);
      await etcd.start();
      recovering();
      await edge().served(store(), www, 90);
    });
    record(
      'Traefik restarted while the store is down',
      seen,
      "from the store's return until the certificate is served",
    );
    expect(seen).toMatchObject({ ...NOTHING_BROKE, certificates: 1 });
  });

  test.each([
    ['the store', store],
    ['the shared folder', files],
  ])('a renewer that publishes to %s is killed before each of its steps', async (name, frontOf) => {
    const front = frontOf();
    let [step, before, after] = [0, 0, 0];
    const seen = await under(front, async () => {
      for (let finished = false; !finished; ) {
        step++;
        const { www: old } = await front.pairs();
        edge().declare(front, ...ONE, `step${step}.example.com`);
        const next = edge().prepare(front);
        const { status, output } = await edge().killedAt(step, front).ended;
        expect({ step, status, output }).toEqual({ step, status: status === 0 ? 0 : null, output });
        finished = status === 0;
        const { www } = await front.pairs();
        expect({ step, www }).toEqual({ step, www: www?.key === next.key ? next : old });
        if (finished) break;
        if (www?.key === next.key) after++;
        else before++;
        expect({ step, ...(await edge().renew(front, edge().fixedLego)) }).toMatchObject({ step, status: 0 });
        expect({ step, ...(await front.pairs()) }).toEqual({ step, www: next });
        expect({ step, left: leftovers(front) }).toEqual({ step, left: [] });
      }
      await edge().served(front, (await front.pairs()).www);
    });
    record(
      `a renewer that publishes to ${name} killed before each of its ${step - 1} steps`,
      seen,
      'in all',
      `the old pair at ${before}, the new one at ${after}, and the next run always ended right`,
    );
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0 });
    expect([before > 10, after > 0]).toEqual([true, true]);
  });

  test('a certificate comes half written, and one with the key of another', async () => {
    const good = newPair();
    const bad: readonly [Pair, string][] = [
      [{ ...good, certificate: good.certificate.slice(0, 300) }, 'the certificate is not whole'],
      [{ ...good, key: good.key.slice(0, 100) }, 'the key is not whole'],
      [{ ...good, key: newPair().key }, 'the key is not that of the certificate'],
    ];
    for (const front of edge().fronts) {
      const { www: old } = await front.pairs();
      const seen = await under(front, async (recovering) => {
        edge().declare(front, 'half.example.com', ...ONE);
        for (const [pair, message] of bad) {
          edge().prepare(front, pair);
          // After a failure it waits longer each time.
          await until(message, { seconds: 60 }, async () => {
            const { status, output } = await edge().renew(front, edge().fixedLego);
            return status === 1 && output.includes(`order-failed certificate=www message="${message}"`);
          });
          expect(await front.pairs()).toEqual({ www: old });
        }
        edge().prepare(front, good);
        recovering();
        await until('the order', { seconds: 60 }, async () => {
          return (await edge().renew(front, edge().fixedLego)).status === 0;
        });
        await edge().served(front, good);
      });
      record(`a client that leaves half a certificate, for ${front.name}`, seen, 'until a whole one is served');
      expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 2 });
    }
  });

  test('a served file is cut off: Traefik is not told, and the renewer writes it anew', async () => {
    const { www } = await files().pairs();
    const folder = files().env.SHARED_DIR ?? '';
    const [, key = ''] = /keyFile: "(.+)"/.exec(readFileSync(`${folder}/certificates.yml`, 'utf8')) ?? [];
    const watch = edge().watch({ ...files(), pairs: async () => ({}) });
    const refused = () => (edge().said.match(/event=reload-refused/g) ?? []).length;
    const before = refused();
    writeFileSync(key, (www?.key ?? '').slice(0, 100));
    await until('it is refused', { seconds: 30 }, () => refused() > before);
    const began = Date.now();
    expect(await edge().renew(files())).toMatchObject({ status: 0 });
    expect(await files().pairs()).toEqual({ www });
    const seconds = secondsSince(began);
    await sleep(1500);
    const seen = { ...(await watch.end()), seconds };
    record('a file of the shared folder cut off by another', seen, 'for the renewer to write it anew');
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 1 });
  });

  test('the volumes are full', async () => {
    const running = edge().startRenewing(files(), edge().fixedLego);
    await running.until(/event=started/);
    const { stateDir } = files();
    const folder = files().env.SHARED_DIR ?? '';
    const { www: old } = await files().pairs();
    // What goes while the volume is full would make room.
    const published = () => readdirSync(folder).filter((name) => /^\d+-/.test(name));
    await until('folders that nobody uses are gone', { seconds: 60 }, () => published().length === 1);
    const seen = await under(files(), async (recovering) => {
      const free = [fill(stateDir), fill(folder)];
      const next = edge().prepare(files());
      edge().declare(files(), 'full.example.com', ...ONE);
      await running.until(/event=disk certificate=www message=/, 60);
      // An order whose certificate cannot be kept would be wasted.
      expect(running.output).not.toContain('event=ordered');
      free[0]?.();
      await running.until(/event=ordered[\s\S]+event=disk message=/, 60);
      await sleep(2500);
      expect(await files().pairs()).toEqual({ www: old });
      free[1]?.();
      recovering();
      await running.until(/event=published/, 60);
      expect(await files().pairs()).toEqual({ www: next });
      await edge().served(files(), next);
    });
    await end(running);
    expect(leftovers(files())).toEqual([]);
    record("the renewer's volume full, then the shared one", seen, 'until the renewed certificate is served');
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 2 });
  });

  test('two renewers start at once, and the one at work is killed in the middle of its order', async () => {
    const seen = await under(store(), async (recovering) => {
      edge().declare(store(), 'two.example.com', ...ONE);
      const both = [edge().startRenewing(store()), edge().startRenewing(store())];
      await until('both at work', { seconds: 30, everyMs: 20 }, () => {
        return (
          both.some(({ output }) => /event=waiting/.test(output)) &&
          both.some(({ output }) => /event=ordering/.test(output))
        );
      });
      const [first, second] = both[0]?.output.includes('event=waiting') ? [both[1], both[0]] : both;
      expect(second?.output).not.toContain('event=started');
      first?.kill();
      recovering();
      await second?.until(/event=ordered certificate=www[\s\S]+event=published/, 90);
      expect(first?.output).not.toContain('event=ordered');
      const { www } = await store().pairs();
      expect(namesOf(www)).toEqual(['two.example.com', ...ONE]);
      await edge().served(store(), www);
      await end(second);
    });
    record('two renewers at once, the first killed in its order', seen, "until the second's certificate is served");
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 2 });
  });

  test('the ACME server is down for longer than the renewal interval', async () => {
    const { host } = stage();
    const { www: old } = await store().pairs();
    const running = edge().startLater({ ...store().env, RECONCILE_INTERVAL_SECONDS: '1' });
    await running.until(/event=started/);
    await sleep(2000);
    const seen = await under(store(), async (recovering) => {
      await host.acmeDown();
      // Two thirds of 90 days are over.
      edge().later(61 * 86_400);
      await running.until(/why=expiry(?:[\s\S]+event=order-failed){4}/, 120);
      expect(await store().pairs()).toEqual({ www: old });
      await host.acmeUp();
      recovering();
      await running.until(/event=ordered[\s\S]+event=published/, 120);
      await edge().served(store(), (await store().pairs()).www);
    });
    await end(running);
    const times = running.output.match(/event=order-failed/g)?.length;
    record(
      'the ACME server down when a renewal is due',
      seen,
      'from its return until the renewed one is served',
      `asked ${times} times in vain`,
    );
    expect(seen).toMatchObject({ ...NOTHING_BROKE, alerts: 0, away: 0, certificates: 2 });
  });

  /** Acts while a front is watched; `seconds` counts from when the act calls `recovering`. */
  async function under(
    front: Front,
    act: (recovering: () => void) => Promise<void>,
  ): Promise<Watched & { readonly seconds: number }> {
    const watch = edge().watch(front);
    let began = Date.now();
    try {
      await act(() => {
        began = Date.now();
      });
      const seconds = secondsSince(began);
      return { ...(await watch.end()), seconds };
    } finally {
      await watch.end();
    }
  }

  function record(what: string, seen: Watched & { readonly seconds: number }, time: string, more?: string): void {
    const { handshakes, alerts, byDefault, byDefaultAtStart, away, reads, halves, certificates } = seen;
    const parts = [
      `${certificates === 1 ? 'one certificate' : `${certificates} certificates one after the other`}`,
      ...(alerts > 0 ? [`${alerts} handshakes refused by an alert, as there was none to serve`] : []),
      ...(byDefaultAtStart > 0
        ? [`${byDefaultAtStart} by the default certificate before it had read its own file, as whenever Traefik starts`]
        : []),
      ...(away > 0 ? [`${away} found no Traefik`] : []),
      ...(reads > 0 ? [`read ${reads} times, ${halves.length} halves of a pair`] : []),
      ...(more === undefined ? [] : [more]),
    ];
    const failed = `${byDefault} of ${handshakes} handshakes by the default certificate`;
    stage().host.figures.add({
      proof: 'Script faults',
      what,
      failed,
      time: `${seen.seconds} s ${time}`,
      served: parts.join('; '),
    });
  }
}

const NOTHING_BROKE = { byDefault: 0, halves: [] } as const;

function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 100) / 10;
}

async function end(running: RunningScript | undefined): Promise<void> {
  running?.signal('SIGTERM');
  await running?.ended;
}

/** What an interrupted renewer left and its successor did not take away. */
function leftovers({ stateDir, env }: Front): string[] {
  const folders = [stateDir, `${stateDir}/certificates`, ...(env.SHARED_DIR === undefined ? [] : [env.SHARED_DIR])];
  return folders.flatMap((folder) => readdirSync(folder)).filter((name) => name.startsWith('.tmp'));
}

/** Takes all the space of a file system, until the returned function is called. */
function fill(folder: string): () => void {
  const file = `${folder}/fill`;
  const out = openSync(file, 'w');
  for (const size of [65_536, 4096, 512]) {
    try {
      for (;;) writeSync(out, Buffer.alloc(size));
    } catch {
      // No space is left for as much.
    }
  }
  closeSync(out);
  return () => rmSync(file);
}

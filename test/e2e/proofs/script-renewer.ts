import type { Environment } from '../../support/scripts';
import { until } from '../lab/wait';
import { namesOf, type Pairs, pairsIn, pairsOf } from '../support/pairs';
import { credentials, type ScriptStage, withoutCurl } from './script-stores';

/** The renewer with the real clients, an ACME server that validates, and etcd. */
export function scriptRenewer(stage: () => ScriptStage): void {
  beforeEach(async () => {
    await stage().etcd.wipe();
    stage().workshop.forget('certificates');
  });

  const declare = (...lines: string[]) =>
    stage().workshop.file('certificates', lines.map((line) => `${line}\n`).join(''));
  const toKv = (): Environment => ({
    ...{ PUBLISH_TO: 'kv', PUBLISHER_NAME: 'edge', KV_STORE: 'etcd', KV_ENDPOINT: stage().etcd.http },
    ...credentials(stage().workshop),
  });
  const byLego = (): Environment => ({ ...stage().host.renewing(stage().workshop), ...toKv() });
  const byCertbot = (): Environment => ({ ...stage().host.renewingByCertbot(stage().workshop), ...toKv() });
  const renew = (env: Environment) => stage().workshop.run('renew.sh', env);
  const stored = async (): Promise<Pairs> => pairsOf(await stage().etcd.entries());

  test.each([
    ['lego', byLego],
    ['certbot', byCertbot],
  ])(
    '%s: ordered by DNS-01, published, kept while the ACME server is down, ordered from one that forgot all',
    async (client, environment) => {
      const { etcd, host, workshop } = stage();
      const env = environment();
      declare('www www.example.com example.com', 'all *.shop.example.com');
      const began = Date.now();
      expect(await renew(env)).toMatchObject({ status: 0 });
      const seconds = Math.round((Date.now() - began) / 100) / 10;
      const pairs = await stored();
      expect(namesOf(pairs.www)).toEqual(['example.com', 'www.example.com']);
      expect(namesOf(pairs.all)).toEqual(['*.shop.example.com']);
      expect((await renew(env)).output).not.toContain('ordering');
      host.figures.add({
        proof: 'Scripts',
        what: `two certificates by ${client}`,
        time: `${seconds} s until both are stored`,
      });

      await host.acmeDown();
      declare('www www.example.com', 'all *.shop.example.com');
      await etcd.wipe();
      expect(await renew(env)).toMatchObject({
        status: 1,
        output: expect.stringMatching(/order-failed certificate=www status=\d+ message=/),
      });
      expect(await stored()).toEqual(pairs);

      await host.acmeUp();
      workshop.forget('state/retries');
      // The first order learns that the account is gone, the next makes one.
      const first = await renew(env);
      workshop.forget('state/retries');
      expect([first.output, await renew(env)]).toEqual([first.output, expect.objectContaining({ status: 0 })]);
      expect(namesOf((await stored()).www)).toEqual(['www.example.com']);
    },
  );

  test('certbot without an e-mail address', async () => {
    declare('www www.example.com');
    expect(await renew({ ...byCertbot(), ACME_EMAIL: '' })).toMatchObject({ status: 0 });
    expect(namesOf((await stored()).www)).toEqual(['www.example.com']);
  });

  test('without curl: an image that has lego and busybox only, publishing files', async () => {
    const { host, workshop } = stage();
    declare('www www.example.com');
    const files = { PUBLISH_TO: 'files', SHARED_DIR: workshop.path('shared'), PATH: withoutCurl(workshop) };
    expect(await renew({ ...host.renewing(workshop), ...files })).toMatchObject({ status: 0 });
    expect(namesOf(pairsIn(workshop.path('shared')).www)).toEqual(['www.example.com']);
    expect(await renew({ ...byLego(), PATH: withoutCurl(workshop) })).toMatchObject({ status: 0 });
    expect(Object.keys(await stored())).toEqual(['www']);
  });

  test('while it runs: a name is withdrawn, and TERM ends it', async () => {
    const { workshop } = stage();
    declare('www www.example.com', 'all *.shop.example.com');
    const running = workshop.start('renew.sh', { ...byLego(), RECONCILE_INTERVAL_SECONDS: '1' });
    await running.until(/certificate=all[\s\S]+event=published/, 90);
    declare('www www.example.com');
    await until('all is withdrawn', { seconds: 30 }, async () => Object.keys(await stored()).join() === 'www');
    const began = Date.now();
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(143);
    expect(Date.now() - began).toBeLessThan(2000);
  });
}

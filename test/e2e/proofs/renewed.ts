import { sleep, until } from '../lab/wait';
import { secretChangedAt } from '../support/audit';
import { SHOP } from '../support/routes';
import type { Stage } from '../support/stage';

/** A renewed certificate reaches every instance while clients connect. */
export function renewed(stage: () => Stage): void {
  test('20,000 requests on new connections: none fails, and every instance changes', async () => {
    const { client, lab, figures } = stage();
    const began = Date.now();
    const load = client.load({ url: SHOP.url, requests: 20_000, connections: 'new', rate: 400 });
    const watch = client.watch(SHOP.host, await stage().instances(), 120);
    // Every instance is asked before anything changes.
    await sleep(1000);
    await renew(stage(), SHOP.namespace, SHOP.certificate);
    const { instances } = await watch;
    const result = await load.finish();
    const changed = Object.values(instances).map(({ changedAtMs }) => changedAtMs ?? Number.POSITIVE_INFINITY);
    const secret = secretChangedAt(lab.controlPlane.auditLog, SHOP.namespace, SHOP.secret, began);
    const longest = Math.max(...changed) - (secret ?? Number.NaN);
    figures.add({
      proof: 'Renewed',
      what: 'a certificate, under load on new connections',
      failed: `${result.failed} of ${result.requests}`,
      time: `${longest} ms from the Secret's change to the last of ${changed.length} instances`,
      served: `${Object.keys(result.serials).length} certificates`,
    });
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(result.requests).toBeGreaterThanOrEqual(20_000);
    expect(Object.keys(result.serials)).toHaveLength(2);
    expect(changed).toHaveLength(3);
    // A second is the goal, and what is printed; what is held leaves room for a machine that is busy.
    expect(longest).toBeLessThan(5000);
  });
}

/** Has cert-manager renew a certificate now, as `cmctl renew` does. */
export async function renew({ kubectl }: Stage, namespace: string, name: string): Promise<void> {
  const { status } = await kubectl.get('certificate', name, namespace);
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'asked for by hand',
    lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
  };
  const others = status.conditions.filter(({ type }: { type: string }) => type !== 'Issuing');
  await kubectl.patch('certificate', name, namespace, { status: { conditions: [...others, issuing] } }, 'status');
}

/** Waits until a certificate has another revision than `before`. */
export async function renewedAfter(
  { kubectl }: Stage,
  namespace: string,
  name: string,
  before: number,
  seconds: number,
) {
  await until(`${name} is renewed`, { seconds }, async () => {
    const { status } = await kubectl.get('certificate', name, namespace);
    return status.revision > before && isIssued(status.conditions);
  });
}

function isIssued(conditions: readonly { type: string; status: string }[]): boolean {
  return !conditions.some(({ type, status }) => type === 'Issuing' && status === 'True');
}

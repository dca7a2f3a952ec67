import * as crossAccount from '../../../examples/cross-account/main';
import { until } from '../lab/wait';
import type { AwsLab } from '../support/aws/aws-lab';
import { EdgeOnAws, LOAD_BALANCER } from '../support/aws/edge-on-aws';
import { idle, unneeded } from './aws-permissions';

const { SHOP_ZONE, PARTNER_ZONE, VALIDATION_ZONE } = crossAccount;
const NETWORK = '210987654321';
const PARTNER = '310987654321';

/** cross-account: zones of other accounts, by roles that are taken there, and a challenge that is answered elsewhere. */
export function awsCrossAccount(lab: () => AwsLab): void {
  beforeEach(async () => {
    await lab().api.useZones([
      { account: NETWORK, ...SHOP_ZONE },
      { account: NETWORK, ...VALIDATION_ZONE },
      { account: PARTNER, ...PARTNER_ZONE },
    ]);
  });

  test('certificates and records in every account, by what was emitted for it', async () => {
    const { api, dns, figures, kubectl } = lab();
    const edge = edgeOf(lab());
    delegate(edge, (name, target) => dns.setRecord('', name, 'CNAME', [target]));
    await edge.play(async () => {
      await kubectl.apply([ADDRESSES_OF_PARTNER]);
      const before = api.recorded.length;
      const began = Date.now();
      await edge.certManager();
      const dnsNetwork = await edge.externalDns('dns-network');
      await edge.externalDns('dns-partner');
      await until('the records', { seconds: 60 }, async () => {
        expect(await written()).toEqual(RECORDS);
        return true;
      });
      expect(await edge.certified()).toBe(3);
      const certified = Math.round((Date.now() - began) / 1000);
      await until('the challenges are taken away', { seconds: 60 }, async () => (await challenges()).length === 0);
      expect(dnsNetwork.log()).toContain('Assuming role: arn:aws:iam::210987654321:role/edge-records');

      const asked = api.recorded.slice(before);
      expect(asked.filter(({ isPermitted }) => !isPermitted)).toEqual([]);
      expect(await unneeded(edge.principals, asked)).toEqual([]);
      // Challenges of the closed zone were answered in the zone that they are delegated to.
      const delegated = asked.filter(({ request }) => request.resource.endsWith(`/${VALIDATION_ZONE.id}`));
      expect([...new Set(delegated.map(({ request }) => namesOf(request.context)))]).toEqual([
        '_acme-challenge.shop.example.net.validation.example.com',
      ]);
      figures.add({
        proof: 'AWS',
        what: 'cross-account: three zones of two other accounts, one challenge delegated',
        time: `${certified} s until 3 certificates`,
        served: `${asked.length} decisions by the emitted documents, all permitted; no part of these was needless`,
      });
    });
  });

  test('a role of another account is for one role, and with its external id', async () => {
    const { api } = lab();
    const edge = edgeOf(lab());
    api.grant(edge.principals);
    const before = api.recorded.length;
    const take = (role: string, more = {}) =>
      ['assume_role', { RoleArn: role, RoleSessionName: 'proof', ...more }] as const;
    const records = `arn:aws:iam::${PARTNER}:role/edge-records`;
    const ExternalId = 'example-edge-prod';
    const asPartner = api.keysOf('arn:aws:iam::123456789012:role/edge-dns-partner');
    expect(await lab().ask(asPartner, 'sts', [take(records, { ExternalId: 'wrong' }), take(records)])).toEqual([
      'AccessDenied',
      'AccessDenied',
    ]);
    expect(await lab().ask(asPartner, 'sts', [take(records, { ExternalId })])).toEqual(['permitted']);
    const asNetwork = api.keysOf('arn:aws:iam::123456789012:role/edge-dns-network');
    const others = ['edge-records', 'edge-challenges'].map((name) => `arn:aws:iam::${PARTNER}:role/${name}`);
    const calls = others.map((role) => take(role, { ExternalId }));
    expect(await lab().ask(asNetwork, 'sts', calls)).toEqual(['AccessDenied', 'AccessDenied']);
    const guarded = edge.principals.filter(({ arn }) => arn === records).map((one) => ({ ...one, policies: [] }));
    expect(await idle(guarded, api.recorded.slice(before))).toEqual([]);
  });

  const all = async () => (await Promise.all(ZONES.map((id) => lab().api.records(id)))).flat();
  const challenges = async () => (await all()).filter((record) => record.startsWith('_acme-challenge'));
  const written = async () => (await all()).filter((record) => !/^(?:_acme-challenge|edns-)/.test(record)).sort();
}

const ZONES = [SHOP_ZONE, VALIDATION_ZONE, PARTNER_ZONE].map(({ id = '' }) => id);

const RECORDS = [
  ...['A', 'AAAA'].map((type) => `edge.example.com. ${type} ALIAS ${LOAD_BALANCER} of Z3F0SRJ5LGBH90`),
  'shop.example.com. CNAME edge.example.com',
  'shop.example.org. CNAME edge.example.com',
  'www.example.org. A 192.0.2.1',
  'www.example.org. AAAA 2001:db8::1',
].sort();

/** Records of the kinds that the example has none of in the partner's zone. */
const ADDRESSES_OF_PARTNER = {
  apiVersion: 'externaldns.k8s.io/v1alpha1',
  kind: 'DNSEndpoint',
  metadata: { name: 'www', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'traefik-ha' } },
  spec: {
    endpoints: [
      { dnsName: 'www.example.org', recordType: 'A', targets: ['192.0.2.1'] },
      { dnsName: 'www.example.org', recordType: 'AAAA', targets: ['2001:db8::1'] },
    ],
  },
};

function edgeOf(lab: AwsLab): EdgeOnAws {
  return new EdgeOnAws(lab, (app) => crossAccount.build(app, { server: lab.acmeServer }), { quick: true });
}

/** What whoever keeps the closed zone is told to put into it. */
function delegate({ files }: EdgeOnAws, put: (name: string, target: string) => void): void {
  const text = files['dns/delegated-challenges.zone'] ?? '';
  const records = [...text.matchAll(/^(\S+)\. \d+ IN CNAME (\S+)$/gm)];
  expect(records).toHaveLength(1);
  for (const [, name = '', target = ''] of records) put(name, target);
}

function namesOf(context: Readonly<Record<string, string | string[]>>): string {
  return [context['route53:ChangeResourceRecordSetsNormalizedRecordNames'] ?? []].flat().join(' ');
}

import { readFileSync } from 'node:fs';
import * as route53 from '../../../examples/route53/main';
import { AwsIdentity } from '../../../lib';
import { until } from '../lab/wait';
import { nodesWith, OWN_ACCOUNT, type Principal } from '../support/aws/accounts';
import type { Recorded } from '../support/aws/aws-api';
import { type AwsLab, ISSUER } from '../support/aws/aws-lab';
import { EdgeOnAws, type EdgeOptions, LOAD_BALANCER } from '../support/aws/edge-on-aws';
import { idle, unneeded } from './aws-permissions';

const ZONE = route53.ZONE.id ?? '';
const REGION_ZONE = route53.REGION_ZONE.id ?? '';
/** A zone of the same account that is none of the edge's. */
const OTHER_ZONE = { name: 'example.edu', id: 'Z5555555555555555555' };
const KEYS = { secretName: 'aws-keys', id: 'id', secret: 'secret' };

/** How a workload is known to AWS, and what its surroundings give its pod for that. */
interface Way {
  readonly identity: (roleName: string) => AwsIdentity;
  /** Who has the emitted policies, where it is not whom they are emitted for. */
  readonly attach?: EdgeOptions['attach'];
  /** Whether cert-manager looks for its records in DNS, which takes it a minute. */
  readonly selfCheck?: boolean;
  /** Whether there are keys to put into Secrets. */
  readonly hasKeys?: boolean;
}

const WAYS: Readonly<Record<string, Way>> = {
  'EKS Pod Identity': { identity: route53.PRODUCTION.identity, selfCheck: true },
  IRSA: {
    identity: (roleName) =>
      AwsIdentity.irsa({
        oidcProviderArn: `arn:aws:iam::${OWN_ACCOUNT}:oidc-provider/${ISSUER.replace('https://', '')}`,
        roleName,
      }),
  },
  'the role of the nodes': { identity: () => AwsIdentity.ambient(), attach: nodesWith },
  'static keys': {
    identity: () =>
      AwsIdentity.staticKeys({
        accessKeyId: { secretName: KEYS.secretName, key: KEYS.id },
        secretAccessKey: { secretName: KEYS.secretName, key: KEYS.secret },
      }),
    hasKeys: true,
  },
};

/** route53: certificates and records, by each identity and by exactly what it may do. */
export function awsRoute53(lab: () => AwsLab): void {
  let denied: readonly Recorded[] = [];

  beforeEach(async () => {
    const zones = [route53.ZONE, route53.REGION_ZONE, OTHER_ZONE];
    await lab().api.useZones(zones.map(({ name, id }) => ({ account: OWN_ACCOUNT, name, id })));
  });

  test('what is forbidden is denied', async () => {
    const edge = edgeBy('EKS Pod Identity');
    await edge.play(async () => {
      const before = lab().api.recorded.length;
      expect(await asCertManager(lab())).toEqual(Array(CERT_MANAGER_MAY_NOT.length).fill('AccessDenied'));
      expect(await asExternalDns(lab())).toEqual(Array(EXTERNAL_DNS_MAY_NOT.length).fill('AccessDenied'));
      denied = lab().api.recorded.slice(before);
      expect(denied.filter(({ isPermitted }) => isPermitted)).toEqual([]);
      for (const id of [ZONE, REGION_ZONE, OTHER_ZONE.id]) expect(await lab().api.records(id)).toEqual([]);
      lab().figures.add({
        proof: 'AWS',
        what: 'signed requests beside what the emitted policies permit',
        served: `${denied.length} of ${denied.length} denied`,
      });
    });
  });

  test.each(Object.keys(WAYS))('%s: certificates and records, by what was emitted alone', async (name) => {
    const { api, figures } = lab();
    const edge = edgeBy(name);
    await edge.play(async () => {
      const before = api.recorded.length;
      const began = Date.now();
      if (way(name).hasKeys) {
        await keysInSecret(lab(), 'cert-manager', 'edge-dns01');
        await keysInSecret(lab(), 'edge', 'edge-external-dns');
      }
      await edge.certManager();
      await edge.externalDns();
      await until('the records', { seconds: 60 }, async () => {
        expect(withoutChallenges(await records())).toEqual(RECORDS);
        return true;
      });
      const written = Date.now() - began;
      await edge.certified();
      const certified = Date.now() - began;
      await until('the challenges are taken away', { seconds: 60 }, async () => {
        expect(await records()).toEqual(RECORDS);
        return true;
      });

      // What is not wanted any more goes, by the same permission.
      await lab().kubectl.delete([edge.object('DNSEndpoint', 'web'), edge.object('Service', 'traefik')]);
      await until('the records are gone', { seconds: 90 }, async () => (await records()).length === 0);

      const asked = api.recorded.slice(before);
      expect(asked.filter(({ isPermitted }) => !isPermitted)).toEqual([]);
      // Who has both policies may write challenges by either.
      const isShared = way(name).attach !== undefined;
      if (!isShared) expect(await unneeded(edge.principals, asked)).toEqual([]);
      figures.add({
        proof: 'AWS',
        what: `route53, by ${name}`,
        time: `${seconds(written)} until its records, ${seconds(certified)} until its certificate`,
        served: `${asked.length} decisions by the emitted documents, all permitted${isShared ? '' : '; no part of these was needless'}`,
      });
    });
  });

  test('the roles are for nobody else', async () => {
    const { api, kubectl } = lab();
    const before = api.recorded.length;
    const roles = [...edgeBy('EKS Pod Identity').principals];
    const [own] = roles.filter(({ arn }) => arn.endsWith('/edge-external-dns'));
    if (own?.association === undefined) throw new Error('no association');
    // Somebody associates the role with another account, in another namespace, or in another cluster.
    await kubectl.apply([account('default', 'external-dns'), ...namespaced('edge', 'external-dns')]);
    const mistakes = [
      { namespace: 'default', serviceAccount: 'external-dns' },
      { namespace: 'edge', serviceAccount: 'default' },
    ];
    for (const mistake of mistakes) {
      api.grant([{ ...own, association: { ...own.association, ...mistake } }]);
      expect(await lab().podCredentials(mistake.namespace, mistake.serviceAccount)).toContain('AccessDeniedException');
    }
    const cluster = api.cluster;
    api.cluster = cluster.replace('/prod', '/test');
    api.grant([{ ...own, association: { ...own.association, clusterName: 'test' } }]);
    expect(await lab().podCredentials('edge', 'external-dns')).toContain('AccessDeniedException');
    api.cluster = cluster;
    expect(await idle([own], [...denied, ...api.recorded.slice(before)])).toEqual([]);

    const taken = edgeBy('IRSA').principals.filter(({ arn }) => arn.endsWith('/edge-external-dns'));
    api.grant(taken);
    const tokens = [
      await lab().tokenFile('edge', 'default', 'sts.amazonaws.com'),
      await lab().tokenFile('edge', 'external-dns', 'elsewhere.example.com'),
    ];
    const calls = tokens.map(
      (file) =>
        [
          'assume_role_with_web_identity',
          { RoleArn: own.arn, RoleSessionName: 'proof', WebIdentityToken: readFileSync(file, 'utf8') },
        ] as const,
    );
    expect(await lab().ask(api.keysOf(own.arn), 'sts', calls)).toEqual(['AccessDenied', 'AccessDenied']);
    expect(await idle(taken, [...denied, ...api.recorded.slice(before)])).toEqual([]);
    await kubectl.delete([account('default', 'external-dns'), ...namespaced('edge', 'external-dns')]);
  });

  test('each condition, and each zone, keeps something out', async () => {
    expect(await idle(withoutTrust(edgeBy('EKS Pod Identity').principals), denied)).toEqual([]);
  });

  function edgeBy(name: string): EdgeOnAws {
    const { identity, attach, selfCheck = false } = way(name);
    const environment = { ...route53.PRODUCTION, server: lab().acmeServer, identity };
    return new EdgeOnAws(lab(), (app) => route53.build(app, environment), { quick: !selfCheck, attach });
  }

  async function records(): Promise<string[]> {
    return [...(await lab().api.records(ZONE)), ...(await lab().api.records(REGION_ZONE))].sort();
  }
}

function withoutChallenges(records: readonly string[]): string[] {
  return records.filter((record) => !record.startsWith('_acme-challenge'));
}

const owned = (type: string, name: string, resource: string) =>
  `edns-${type}.${name}. TXT "heritage=external-dns,external-dns/owner=prod-1,external-dns/resource=${resource}"`;

/** The zone of the names that load balancers have in the region. */
const TARGET = `ALIAS ${LOAD_BALANCER} of Z3F0SRJ5LGBH90`;

const RECORDS = [
  `example.com. A ALIAS edge.example.com of ${ZONE}`,
  owned('a', 'example.com', 'crd/shop/web'),
  'cart.shop.eu.example.com. CNAME edge.example.com',
  owned('cname', 'cart.shop.eu.example.com', 'crd/shop/web'),
  ...['A', 'AAAA'].flatMap((type) => [
    `edge.example.com. ${type} ${TARGET}`,
    owned(type.toLowerCase(), 'edge.example.com', 'service/edge/traefik'),
  ]),
].sort();

type Call = readonly [string, object];

function change(zone: string, Action: string, Type: string, Name: string, Value: string): Call {
  const ResourceRecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
  const ChangeBatch = { Changes: [{ Action, ResourceRecordSet }] };
  return ['change_resource_record_sets', { HostedZoneId: zone, ChangeBatch }];
}

const CHALLENGE = ['TXT', '_acme-challenge.www.example.com', '"stolen"'] as const;

const CERT_MANAGER_MAY_NOT: readonly Call[] = [
  change(ZONE, 'CREATE', ...CHALLENGE),
  change(ZONE, 'UPSERT', 'CNAME', CHALLENGE[1], 'elsewhere.example.edu'),
  change(ZONE, 'UPSERT', 'TXT', 'www.example.com', '"stolen"'),
  change(ZONE, 'UPSERT', 'TXT', 'www._acme-challenge.example.com', '"stolen"'),
  change(ZONE, 'UPSERT', 'A', 'www.example.com', '192.0.2.1'),
  change(OTHER_ZONE.id, 'UPSERT', 'TXT', '_acme-challenge.www.example.edu', '"stolen"'),
  ['list_hosted_zones', {}],
  ['list_hosted_zones_by_name', {}],
  ['list_resource_record_sets', { HostedZoneId: ZONE }],
  ['get_hosted_zone', { Id: ZONE }],
  ['delete_hosted_zone', { Id: ZONE }],
  ['create_hosted_zone', { Name: 'example.info', CallerReference: 'proof' }],
];

const EXTERNAL_DNS_MAY_NOT: readonly Call[] = [
  change(ZONE, 'UPSERT', 'MX', 'example.com', '10 mail.example.edu'),
  change(ZONE, 'UPSERT', 'NS', 'eu.example.com', 'ns.example.edu'),
  change(OTHER_ZONE.id, 'UPSERT', 'A', 'www.example.edu', '192.0.2.1'),
  ['list_resource_record_sets', { HostedZoneId: OTHER_ZONE.id }],
  ['get_change', { Id: 'C0123456789' }],
  ['delete_hosted_zone', { Id: ZONE }],
  ['create_hosted_zone', { Name: 'example.info', CallerReference: 'proof' }],
];

function asCertManager(lab: AwsLab): Promise<string[]> {
  return lab.ask(lab.api.keysOf(role('edge-cert-manager')), 'route53', CERT_MANAGER_MAY_NOT);
}

function asExternalDns(lab: AwsLab): Promise<string[]> {
  return lab.ask(lab.api.keysOf(role('edge-external-dns')), 'route53', EXTERNAL_DNS_MAY_NOT);
}

function way(name: string): Way {
  const found = WAYS[name];
  if (found === undefined) throw new Error(`no way ${name}`);
  return found;
}

function role(name: string): string {
  return `arn:aws:iam::${OWN_ACCOUNT}:role/${name}`;
}

/** Keys of the user that has an emitted policy. */
async function keysInSecret(lab: AwsLab, namespace: string, policy: string): Promise<void> {
  const { accessKeyId, secretAccessKey } = lab.api.keysOf(`arn:aws:iam::${OWN_ACCOUNT}:user/${policy}`);
  const stringData = { [KEYS.id]: accessKeyId, [KEYS.secret]: secretAccessKey };
  await lab.kubectl.apply([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: KEYS.secretName, namespace }, stringData },
  ]);
}

function withoutTrust(principals: readonly Principal[]): Principal[] {
  return principals.map((principal) => ({ ...principal, trust: undefined }));
}

function account(namespace: string, name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

function namespaced(namespace: string, name: string): object[] {
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, account(namespace, name)];
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type App, Testing } from 'cdk8s';
import { build, PRODUCTION } from '../examples/route53/main';
import { AwsIdentity } from '../lib/aws/identity';
import { Route53DnsChallengeIam } from '../lib/aws/route53-dns-challenge-iam';
import { Cluster } from '../lib/cluster';
import { ExternalDns } from '../lib/dns/external-dns';
import { DnsProvider } from '../lib/edge/dns-provider';
import { EdgeApp } from '../lib/edge-app';
import { iamGrants, writeIamDocuments } from '../lib/iam-documents';
import { TraefikHaError } from '../lib/model/problem';
import { HostedZone } from '../lib/model/zone';
import { edgeChart } from './support/edge';
import { filesOf } from './support/synthesize';

const ZONES = [HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' })];
const identity = (cluster = 'EXAMPLE') =>
  AwsIdentity.irsa({
    oidcProviderArn: `arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/${cluster}`,
  });

function declare<A extends App>(app: A): A {
  const chart = edgeChart(app);
  const provider = DnsProvider.route53({ identity: identity() });
  new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones: ZONES, provider });
  new Route53DnsChallengeIam(chart, 'dns01', { zones: ZONES, identity: AwsIdentity.ambient() });
  return app;
}

const edgeApp = () => new EdgeApp({ outdir: Testing.app().outdir });
const FILES = ['edge-dns01.policy.json', 'edge-external-dns.policy.json', 'edge-external-dns.trust.json'];

test('what an app must be permitted is listed by name', () => {
  expect(iamGrants(declare(Testing.app())).map(({ name }) => name)).toEqual(['edge-dns01', 'edge-external-dns']);
  expect(iamGrants(Testing.app())).toEqual([]);
});

test('each policy is a file, and each trust policy where there is a role', () => {
  const app = declare(Testing.app());
  const grants = iamGrants(app);
  const paths = writeIamDocuments(app);
  expect(paths.map((path) => relative(app.outdir, path))).toEqual(FILES.map((file) => join('iam', file)));
  const [challenge, records, trust] = paths.map((path) => readFileSync(path, 'utf8'));
  expect(JSON.parse(challenge ?? '')).toEqual(grants[0]?.policyDocument);
  expect(JSON.parse(records ?? '')).toEqual(grants[1]?.policyDocument);
  expect(JSON.parse(trust ?? '')).toEqual(grants[1]?.trustPolicy);
  expect(JSON.parse(trust ?? '').Statement[0].Principal.Federated).toMatch(/\/id\/EXAMPLE$/);
});

test('an EdgeApp writes them beside its manifests, the same each time', () => {
  const app = declare(edgeApp());
  const read = () => {
    app.synth();
    return FILES.map((file) => readFileSync(join(app.outdir, 'iam', file), 'utf8'));
  };
  const first = read();
  expect(readdirSync(app.outdir).sort()).toEqual(['edge.k8s.yaml', 'iam']);
  expect(readdirSync(join(app.outdir, 'iam')).sort()).toEqual(FILES);
  expect(read()).toEqual(first);
  for (const text of first) expect(text).toMatch(/^\{\n {2}"Version": "2012-10-17",\n[\s\S]*\}\n$/);
});

test('an EdgeApp that needs nothing at AWS writes no folder', () => {
  const app = edgeApp();
  edgeChart(app);
  app.synth();
  expect(existsSync(join(app.outdir, 'iam'))).toBe(false);
});

test('an EdgeApp with a problem writes nothing at all', () => {
  const app = declare(edgeApp());
  new ExternalDns(edgeChart(new Cluster(app, 'west')), 'records', {
    ownerId: 'prod-1',
    zones: ZONES,
    provider: DnsProvider.route53(),
  });
  expect(() => app.synth()).toThrow(
    new TraefikHaError([
      {
        code: 'DNS-08',
        at: 'west/edge/records',
        value: 'prod-1',
        message: 'edge/external-dns has the same owner id, so each would remove the records of the other',
        fix: 'Give each ExternalDns an ownerId of its own',
      },
    ]),
  );
  expect(readdirSync(app.outdir)).toEqual([]);
});

test('the commands of docs/aws.md make each role with its policies and its association', () => {
  const folder = mkdtempSync(join(tmpdir(), 'traefik-ha-iam-'));
  try {
    const files = filesOf((app) => build(app, PRODUCTION));
    mkdirSync(join(folder, 'dist/iam'), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      if (path.startsWith('iam/')) writeFileSync(join(folder, 'dist', path), text);
    }
    // As where there are more zones than one policy can name.
    writeFileSync(join(folder, 'dist/iam/edge-cert-manager-2.policy.json'), '{}');
    const page = readFileSync(join(__dirname, '../docs/aws.md'), 'utf8');
    const [, block = ''] = /^## Making the roles$.*?```console\n(.*?)```/ms.exec(page) ?? [];
    // What the commands hand to `aws`, whose answers are names here.
    const aws = 'aws() { echo "$@" >&2; case $2 in create-policy) echo "arn:$4";; esac; }';
    const { stderr } = spawnSync('sh', ['-euc', `${aws}\n${block.replace(/^[$>] /gm, '')}`], {
      cwd: folder,
      encoding: 'utf8',
    });
    const made = (role: string, policies: readonly string[]) => [
      `iam create-role --role-name ${role} --assume-role-policy-document file://${role}.trust.json`,
      ...policies.flatMap((policy) => [
        `iam create-policy --policy-name ${policy} --policy-document file://${policy}.policy.json --query Policy.Arn --output text`,
        `iam attach-role-policy --role-name ${role} --policy-arn arn:${policy}`,
      ]),
      `eks create-pod-identity-association --cli-input-json file://${role}.association.json`,
    ];
    expect(stderr.trim().split('\n')).toEqual([
      ...made('edge-cert-manager', ['edge-cert-manager', 'edge-cert-manager-2']),
      ...made('edge-external-dns', ['edge-external-dns']),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

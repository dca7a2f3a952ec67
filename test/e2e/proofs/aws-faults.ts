import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as crossAccount from '../../../examples/cross-account/main';
import * as route53 from '../../../examples/route53/main';
import { AwsIdentity } from '../../../lib';
import type { PolicyDocument } from '../../../lib/model/iam';
import { until } from '../lab/wait';
import { OWN_ACCOUNT } from '../support/aws/accounts';
import { type AwsLab, ISSUER } from '../support/aws/aws-lab';
import { EdgeOnAws, type EdgeOptions } from '../support/aws/edge-on-aws';

const PAGE = join(__dirname, '../../../docs/troubleshooting.md');
const ZONE = route53.ZONE.id ?? '';
const WRONG = 'Z0000000000000000000A';

/** Mistakes that people make at AWS, and what docs/troubleshooting.md says of the message that they see. */
export function awsFaults(lab: () => AwsLab): void {
  beforeEach(async () => {
    await lab().api.useZones([route53.ZONE, route53.REGION_ZONE].map((zone) => ({ account: OWN_ACCOUNT, ...zone })));
  });

  afterEach(() => {
    lab().api.throttled = 0;
  });

  describe('cert-manager', () => {
    test('a zone id that is none', async () => {
      // Wrong where the zone is declared, and so in the policy as well.
      await challenged('cert-manager: no such zone', { change: (_, text) => text.replaceAll(ZONE, WRONG) });
    });

    test('a zone that the policy does not name', async () => {
      const change = (path: string, text: string) => (path.endsWith('.yaml') ? text.replaceAll(ZONE, WRONG) : text);
      await challenged('cert-manager: not permitted', { change });
    });

    test('no association of Pod Identity', async () => {
      const change = (path: string, text: string) =>
        path.endsWith('.association.json') ? text.replaceAll('"cert-manager"', '"elsewhere"') : text;
      await challenged('cert-manager: no role for its pod', { change });
    });

    test('a role for another ServiceAccount', async () => {
      const change = (path: string, text: string) =>
        path.endsWith('.trust.json') ? text.replaceAll('cert-manager:dns01', 'cert-manager:challenge') : text;
      await challenged('cert-manager: the role is for somebody else', { change }, irsa);
    });

    test('a token that it may not ask for', async () => {
      const change = (path: string, text: string) =>
        path.endsWith('.yaml') ? text.replaceAll('serviceaccounts/token', 'serviceaccounts/status') : text;
      await challenged('cert-manager: may not ask for a token', { change }, irsa);
    });

    test('throttling', async () => {
      const edge = route53Edge();
      await edge.play(async () => {
        lab().api.throttled = 12;
        await edge.certManager();
        await seen('cert-manager: throttled', challengeMessages);
        // It goes on by itself.
        await edge.certified();
      });
    });
  });

  describe('external-dns', () => {
    test('a zone id that is none', async () => {
      await logged('external-dns: no such zone', { change: (_, text) => text.replaceAll(ZONE, WRONG) });
    });

    test('a permission that is missing', async () => {
      await logged('external-dns: not permitted', {
        change: policies((policy) => without(policy, 'ChangeRecords')),
      });
    });

    test('zones that it may not list', async () => {
      await logged('external-dns: may not list zones', { change: policies((policy) => without(policy, 'FindZones')) });
    });

    test('throttling', async () => {
      lab().api.throttled = Number.POSITIVE_INFINITY;
      await logged('external-dns: throttled', {});
    });

    test('a wrong external id', async () => {
      const edge = new EdgeOnAws(lab(), (app) => crossAccount.build(app, { server: lab().acmeServer }), {
        change: (path, text) => (path.endsWith('.yaml') ? text.replaceAll('example-edge-prod', 'another-id') : text),
      });
      await edge.play(async () => {
        const program = await edge.externalDns('dns-partner');
        await seen('external-dns: a role of another account', async () => program.log());
      });
    });
  });

  test('no section is without its fault', () => {
    const titles = [...readFileSync(PAGE, 'utf8').matchAll(/^### (.+)$/gm)].map(([, title]) => title);
    expect(titles.sort()).toEqual([...MADE].sort());
  });

  function route53Edge(options: EdgeOptions = {}, identity = route53.PRODUCTION.identity): EdgeOnAws {
    const environment = { ...route53.PRODUCTION, server: lab().acmeServer, identity };
    return new EdgeOnAws(lab(), (app) => route53.build(app, environment), { quick: true, ...options });
  }

  /** Orders a certificate with that mistake, and reads what its challenge says. */
  async function challenged(title: string, options: EdgeOptions, identity?: typeof irsa): Promise<void> {
    const edge = route53Edge(options, identity);
    await edge.play(async () => {
      await edge.certManager();
      await seen(title, challengeMessages);
    });
  }

  /** Writes records with that mistake, and reads the log. */
  async function logged(title: string, options: EdgeOptions): Promise<void> {
    const edge = route53Edge(options);
    await edge.play(async () => {
      const program = await edge.externalDns();
      await seen(title, async () => program.log());
    });
  }

  /** The reason of each challenge, and what was said in Events. */
  async function challengeMessages(): Promise<string> {
    const challenges = await lab().kubectl.list('challenges');
    const events = await lab().kubectl.list('events', 'shop');
    return [
      ...challenges.map(({ status }) => status?.reason ?? ''),
      ...events.map(({ reason, message, note }) => `${reason} ${message ?? note}`),
    ].join('\n');
  }
}

const irsa = (roleName: string) =>
  AwsIdentity.irsa({
    oidcProviderArn: `arn:aws:iam::${OWN_ACCOUNT}:oidc-provider/${ISSUER.replace('https://', '')}`,
    roleName,
  });

/** The sections of the page that a fault was made for. */
const MADE = new Set<string>();

/** Waits until all of the message under that heading is seen: `…` stands for what differs. */
async function seen(title: string, look: () => Promise<string>): Promise<void> {
  MADE.add(title);
  const pieces = messageOf(title).split('…');
  let all = '';
  try {
    await until(title, { seconds: 60, everyMs: 500 }, async () => {
      all = stripVTControlCharacters(await look()).replaceAll('\\"', '"');
      return all.split('\n').some((line) => hasInOrder(line, pieces));
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\nexpected: ${pieces.join('…')}\nseen:\n${all.slice(-4000)}`);
  }
}

function hasInOrder(text: string, pieces: readonly string[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece.trim(), from);
    if (at < 0) return false;
    from = at + piece.trim().length;
  }
  return true;
}

/** The block below a heading of the page, in one line. */
function messageOf(title: string): string {
  const section = readFileSync(PAGE, 'utf8')
    .split(/^### /m)
    .find((part) => part.startsWith(`${title}\n`));
  const block = /```text\n([\s\S]*?)\n```/.exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`docs/troubleshooting.md has no message under ${title}`);
  return block
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}

/** Changes what policies say. */
function policies(edit: (policy: PolicyDocument) => PolicyDocument) {
  return (path: string, text: string) =>
    path.endsWith('.policy.json') ? JSON.stringify(edit(JSON.parse(text))) : text;
}

function without(policy: PolicyDocument, sid: string): PolicyDocument {
  return { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== sid) };
}

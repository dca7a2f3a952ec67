import type { JsonWebKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type IamRequest, isPermitted } from '../../../support/iam';
import { NODES, OWN_ACCOUNT, type Principal } from './accounts';
import { changesOf, route53Request, type WrittenRecord } from './route53-requests';
import { type Caller, type Claims, claimsOf, newCaller, takenByCaller, takenByToken, takenForPod } from './sessions';

export interface AwsApiOptions {
  /** The socket on which it listens. */
  readonly socket: string;
  /** The socket of moto's server, which keeps the records. */
  readonly moto: string;
  /** What the tokens of the cluster's ServiceAccounts are signed by, as its OIDC provider publishes it. */
  readonly tokenKeys: () => Promise<readonly JsonWebKey[]>;
  /** Told of each change that was made. */
  readonly written: (records: readonly WrittenRecord[], zoneId: string) => void;
}

/** A request, who made it, and what IAM says to it. */
export interface Recorded {
  readonly caller: string;
  /** Whose policies were asked; absent where a service or a token asks for a role. */
  readonly principal?: Principal;
  readonly request: IamRequest;
  readonly isPermitted: boolean;
}

interface Zone {
  readonly account: string;
  readonly id: string;
  /** What moto calls it. */
  readonly motoId: string;
}

/** What is answered. */
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Route 53, STS, and the credentials of EKS Pod Identity and of nodes, on a socket. Who asks is known by the access key; what it may
 * do, by exactly the documents that were emitted for it, as IAM evaluates them. What is permitted in Route 53 goes on to
 * moto, in the caller's account; signatures are not verified.
 */
export class AwsApi {
  public readonly recorded: Recorded[] = [];
  /** How many requests to Route 53 are still turned away for their number. */
  public throttled = 0;
  /** The cluster whose pods ask. */
  public cluster = `arn:aws:eks:eu-central-1:${OWN_ACCOUNT}:cluster/prod`;
  private readonly principals = new Map<string, Principal>();
  private readonly callers = new Map<string, Caller>();
  private readonly zones: Zone[] = [];
  private readonly server = createServer((request, response) => {
    this.answer(request).then(
      (answer) => reply(response, answer),
      (error) => reply(response, { status: 500, body: String(error?.stack ?? error) }),
    );
  });

  public constructor(private readonly options: AwsApiOptions) {}

  public async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.options.socket, resolve));
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Makes roles and users, in place of all that were there. */
  public grant(principals: readonly Principal[]): void {
    this.principals.clear();
    this.callers.clear();
    for (const principal of principals) this.principals.set(principal.arn, principal);
  }

  /** Keys of a user, or of a role as if it had been taken. */
  public keysOf(arn: string): Caller {
    const caller = newCaller(this.principal(arn), arn.includes(':user/') ? undefined : 'proof');
    this.callers.set(caller.accessKeyId, caller);
    return caller;
  }

  /**
   * Makes the hosted zones of an example, with the ids that it has, in place of all that were there: moto refuses to
   * make a record anew that was taken away.
   */
  public async useZones(zones: readonly { readonly account: string; readonly name: string; readonly id?: string }[]) {
    this.zones.splice(0);
    for (const { account, name, id = '' } of zones) await this.addZone(account, name, id);
  }

  private async addZone(account: string, name: string, id: string): Promise<void> {
    const body = `<CreateHostedZoneRequest xmlns="${ROUTE53}"><Name>${name}</Name><CallerReference>${id}</CallerReference></CreateHostedZoneRequest>`;
    const answer = await this.ask(account, 'POST', '/2013-04-01/hostedzone', body);
    const motoId = /<Id>\/hostedzone\/(\w+)<\/Id>/.exec(answer.body)?.[1];
    if (motoId === undefined) throw new Error(`no zone ${name}: ${answer.body}`);
    this.zones.push({ account, id, motoId });
  }

  /** The records of a zone, one text each, such as `shop.example.com. CNAME edge.example.com`. */
  public async records(zoneId: string): Promise<string[]> {
    const zone = this.zones.find(({ id }) => id === zoneId);
    if (zone === undefined) throw new Error(`no zone ${zoneId}`);
    const { body } = await this.ask(zone.account, 'GET', `/2013-04-01/hostedzone/${zoneId}/rrset`);
    const sets = [...body.matchAll(/<ResourceRecordSet>(.*?)<\/ResourceRecordSet>/gs)].map(([, set = '']) => set);
    return sets.map(described).filter((text) => !/ (?:NS|SOA) /.test(text));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const body = await textOf(request);
    const { pathname, search } = new URL(request.url ?? '/', 'http://aws');
    if (pathname.startsWith('/latest/')) return this.metadata(request.method ?? 'GET', pathname);
    if (pathname === '/v1/credentials') return this.podCredentials(request.headers.authorization ?? '');
    const caller = this.callers.get(/Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (pathname === '/') return this.takeRole(new URLSearchParams(body), caller);
    if (caller === undefined || caller.sessionToken !== request.headers['x-amz-security-token']) {
      return refusal(ROUTE53, 403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    return this.route53(caller, request.method ?? 'GET', pathname, search, body);
  }

  private async route53(caller: Caller, method: string, path: string, search: string, body: string): Promise<Answer> {
    if (this.throttled > 0) {
      this.throttled -= 1;
      return refusal(ROUTE53, 400, 'Throttling', 'Rate exceeded');
    }
    const asked = route53Request(method, path, body);
    if (!(await this.decide([{ ...asked, principal: caller.arn }], caller))) {
      const { action, resource } = asked;
      const where = resource === '*' ? '' : ` on resource: ${resource}`;
      const why = `because no identity-based policy allows the ${action} action`;
      return refusal(
        ...([ROUTE53, 403, 'AccessDenied'] as const),
        `User: ${caller.arn} is not authorized to perform: ${action}${where} ${why}`,
      );
    }
    const answer = await this.ask(caller.principal.account, method, `${path}${search}`, body);
    if (answer.status === 200 && asked.action === 'route53:ChangeResourceRecordSets') {
      this.options.written(changesOf(body), path.split('/')[3] ?? '');
    }
    return answer;
  }

  private async takeRole(form: URLSearchParams, caller: Caller | undefined): Promise<Answer> {
    const action = form.get('Action');
    const role = this.principals.get(form.get('RoleArn') ?? '');
    const session = form.get('RoleSessionName') ?? '';
    if (action === 'AssumeRoleWithWebIdentity') {
      const claims = claimsOf(form.get('WebIdentityToken') ?? '', await this.options.tokenKeys());
      if (claims === undefined) {
        return refusal(
          STS,
          400,
          'InvalidIdentityToken',
          "Couldn't retrieve verification key from your identity provider",
        );
      }
      const isTaken =
        role?.trust !== undefined && (await this.decide([takenByToken(role, providerOf(role, claims), claims)]));
      if (!isTaken) return refusal(STS, 403, 'AccessDenied', `Not authorized to perform sts:${action}`);
      return credentials(action, this.open(role, session));
    }
    if (action !== 'AssumeRole' || caller === undefined) {
      return refusal(STS, 403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    const requests = role && takenByCaller(role, caller, form.get('ExternalId') ?? undefined);
    if (role === undefined || requests === undefined || !(await this.decide(requests, caller))) {
      const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${form.get('RoleArn')}`;
      return refusal(STS, 403, 'AccessDenied', message);
    }
    return credentials(action, this.open(role, session, caller.tags));
  }

  /** What the agent of EKS gives a pod for its token. */
  private async podCredentials(token: string): Promise<Answer> {
    const claims = claimsOf(token, await this.options.tokenKeys());
    const [, , namespace = '', serviceAccount = ''] = claims?.sub.split(':') ?? [];
    const clusterName = this.cluster.split('/').at(-1) ?? '';
    const role = this.associated(namespace, serviceAccount);
    if (role === undefined || !claims?.aud.includes('pods.eks.amazonaws.com')) {
      return { status: 404, body: `[${clusterName}]: ResourceNotFoundException: no association` };
    }
    const tags = {
      ...{ 'eks-cluster-arn': this.cluster, 'eks-cluster-name': clusterName },
      ...{ 'kubernetes-namespace': namespace, 'kubernetes-service-account': serviceAccount },
    };
    if (!(await this.decide(takenForPod(role, tags)))) {
      return { status: 403, body: `[${clusterName}]: AccessDeniedException: the trust policy lets nobody take it` };
    }
    const { accessKeyId, secretAccessKey, sessionToken } = this.open(role, `eks-${clusterName}-pod`, tags);
    const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken };
    return { status: 200, body: JSON.stringify({ ...keys, AccountId: role.account, Expiration: inAnHour() }) };
  }

  /** Whether EKS gives the pods of an account a role. */
  public isAssociated(namespace: string, serviceAccount: string): boolean {
    return this.associated(namespace, serviceAccount) !== undefined;
  }

  private associated(namespace: string, serviceAccount: string): Principal | undefined {
    const clusterName = this.cluster.split('/').at(-1);
    return [...this.principals.values()].find(
      ({ association: its }) =>
        its?.clusterName === clusterName && its?.namespace === namespace && its.serviceAccount === serviceAccount,
    );
  }

  /** What the metadata service of a node gives every pod that reaches it (IMDSv2). */
  private metadata(method: string, path: string): Answer {
    const role = this.principals.get(NODES);
    const credentials = '/latest/meta-data/iam/security-credentials/';
    if (method === 'PUT' && path === '/latest/api/token') {
      return { status: 200, body: 'token', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' } };
    }
    if (role === undefined || !path.startsWith(credentials)) return { status: 404, body: 'Not Found' };
    if (path === credentials) return { status: 200, body: 'nodes' };
    const { accessKeyId, secretAccessKey, sessionToken } = this.open(role, 'i-0123456789abcdef0');
    const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken };
    return {
      status: 200,
      body: JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', ...keys, Expiration: inAnHour() }),
    };
  }

  private open(role: Principal, session: string, tags: Caller['tags'] = {}): Caller {
    const caller = newCaller(role, session, tags);
    this.callers.set(caller.accessKeyId, caller);
    return caller;
  }

  /** Whether all of it is permitted; what was asked is written down with its answer. */
  private async decide(requests: readonly IamRequest[], caller?: Caller): Promise<boolean> {
    const principal = caller?.principal;
    const answers = await Promise.all(requests.map((request) => isPermitted(principal?.policies ?? [], request)));
    for (const [index, request] of requests.entries()) {
      const who = caller?.arn ?? request.principal ?? '';
      this.recorded.push({ caller: who, principal, request, isPermitted: answers[index] === true });
    }
    return answers.every(Boolean);
  }

  private principal(arn: string): Principal {
    const principal = this.principals.get(arn);
    if (principal === undefined) throw new Error(`nobody is ${arn}`);
    return principal;
  }

  /** Asks moto, in whose answers zones have the ids that they have here. */
  private async ask(account: string, method: string, path: string, body = ''): Promise<Answer> {
    const [toMoto, fromMoto] = [
      (text: string) => this.zones.reduce((all, { id, motoId }) => all.replaceAll(id, motoId), text),
      (text: string) => this.zones.reduce((all, { id, motoId }) => all.replaceAll(motoId, id), text),
    ];
    const headers = {
      'content-type': 'text/xml',
      'x-moto-account-id': account,
      // By this moto knows which of AWS's services is meant.
      authorization: 'AWS4-HMAC-SHA256 Credential=moto/20260101/us-east-1/route53/aws4_request',
    };
    return new Promise((resolve, reject) => {
      const asked = send({ socketPath: this.options.moto, method, path: toMoto(path), headers }, (answer) => {
        textOf(answer).then((text) => resolve({ status: answer.statusCode ?? 500, body: fromMoto(text) }), reject);
      });
      asked.once('error', reject).end(toMoto(body));
    });
  }
}

const ROUTE53 = 'https://route53.amazonaws.com/doc/2013-04-01/';
const STS = 'https://sts.amazonaws.com/doc/2011-06-15/';

function refusal(namespace: string, status: number, code: string, message: string): Answer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    body: `<?xml version="1.0"?><ErrorResponse xmlns="${namespace}">${error}<RequestId>0</RequestId></ErrorResponse>`,
  };
}

function credentials(action: string, { accessKeyId, secretAccessKey, sessionToken, arn }: Caller): Answer {
  const keys = `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>`;
  const session = `<SessionToken>${sessionToken}</SessionToken><Expiration>${inAnHour()}</Expiration>`;
  const user = `<AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>AROA:proof</AssumedRoleId></AssumedRoleUser>`;
  const result = `<${action}Result>${user}<Credentials>${keys}${session}</Credentials></${action}Result>`;
  return { status: 200, body: `<${action}Response xmlns="${STS}">${result}</${action}Response>` };
}

/** The provider that was made in the role's account for who signed the token. */
function providerOf({ account }: Principal, { iss }: Claims): string {
  return `arn:aws:iam::${account}:oidc-provider/${iss.replace('https://', '')}`;
}

function described(set: string): string {
  const of = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(set)?.[1];
  const values = [...set.matchAll(/<Value>([^<]*)<\/Value>/g)].map(([, value]) => value);
  const target = of('DNSName') === undefined ? values.join(' ') : `ALIAS ${of('DNSName')} of ${of('HostedZoneId')}`;
  const steered = of('Weight') === undefined ? '' : ` ${of('SetIdentifier')} ${of('Weight')}`;
  return `${of('Name')} ${of('Type')} ${target}${steered}`.replaceAll('&quot;', '"');
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function reply(response: ServerResponse, { status, body, headers }: Answer): void {
  const type = body.startsWith('{') ? 'application/json' : 'text/xml';
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'proof', ...headers }).end(body);
}

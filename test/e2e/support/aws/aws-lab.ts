import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AcmeServer } from '../../../../lib';
import { crdFiles } from '../../../support/schemas';
import type { Manifest } from '../../../support/synthesize';
import { type CommandResult, run, runNow } from '../../lab/command';
import { ControlPlane } from '../../lab/control-plane';
import { Ground, type Surroundings } from '../../lab/ground';
import { type Kubectl, writeKubeconfig } from '../../lab/kubectl';
import { motoProgram } from '../../lab/moto';
import { ADDRESSES } from '../../lab/network';
import { program } from '../../lab/parts';
import { enter, type Server } from '../../lab/processes';
import { until } from '../../lab/wait';
import { labNamespace } from '../backends';
import { rbac } from '../cert-manager';
import { Figures } from '../figures';
import { AwsApi } from './aws-api';
import type { Caller } from './sessions';

/** Who issues the tokens of the cluster's ServiceAccounts, as the examples have it. */
export const ISSUER = 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';

/** Where AWS is in the lab: where EKS has its agent on every node. */
const AGENT = '169.254.170.23';
/** Where every node has its metadata service. */
const METADATA = '169.254.169.254';
const AWS = `http://${AGENT}`;
const REGION = 'eu-central-1';
/** All of DNS in one zone, as a resolver sees it that follows names from zone to zone. */
const ROOT = '';

/** What EKS's webhooks put into a pod, as the environment of a process. */
type PodEnvironment = Readonly<Record<string, string | undefined>>;

/** A variable of a container. */
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** A program that runs, with what it says. */
export interface Running {
  readonly log: () => string;
  stop(): Promise<void>;
}

/** An API server without nodes, and AWS as policies let it be seen: what runs in pods elsewhere are processes here. */
export class AwsLab extends Ground {
  public readonly figures = new Figures();

  private constructor(
    surroundings: Surroundings,
    private readonly controlPlane: ControlPlane,
    public readonly api: AwsApi,
  ) {
    super(surroundings);
  }

  public static start(): Promise<AwsLab> {
    return Ground.lay({ zones: [ROOT], program }, async (surroundings) => {
      const { state, network, processes, authority, dns } = surroundings;
      const namespace = network.hub;
      for (const address of [AGENT, METADATA]) {
        runNow(['ip', '-n', namespace, 'address', 'add', `${address}/32`, 'dev', 'lo']);
      }
      const [moto, socket] = [join(state.folder, 'moto.sock'), join(state.folder, 'aws.sock')];
      // Sockets are reached from every namespace, so that what answers can be in this process.
      processes.start('moto', [motoProgram('moto_server'), '-H', `unix://${moto}`], { namespace });
      processes.start('aws', [process.execPath, '-e', forwarder(socket)], { namespace });
      const folder = join(state.folder, 'control-plane');
      const common = { namespace, folder, processes, authority, program };
      const controlPlane = await ControlPlane.start({ ...common, nodes: 0, issuer: ISSUER });
      const api = new AwsApi({
        ...{ socket, moto },
        tokenKeys: async () => {
          const { stdout } = await controlPlane.kubectl.run(['get', '--raw', '/openid/v1/jwks']);
          return JSON.parse(stdout).keys;
        },
        written: (records) => {
          for (const { action, name, type, values } of records) {
            if (type !== 'TXT') continue;
            dns.setRecord(ROOT, name.replace(/\.$/, ''), type, action === 'DELETE' ? [] : values);
          }
        },
      });
      await api.listen();
      const { kubectl } = controlPlane;
      await kubectl.run(['apply', '--server-side', ...crdFiles().flatMap((file) => ['-f', file])]);
      await kubectl.apply([labNamespace('cert-manager'), ...rbac()]);
      return new AwsLab(surroundings, controlPlane, api);
    });
  }

  public get kubectl(): Kubectl {
    return this.controlPlane.kubectl;
  }

  /** The ACME server by its address, for processes that ask the machine's own DNS. */
  public get acmeServer(): AcmeServer {
    const directory = `https://${ADDRESSES.acme}:${new URL(this.acme.directory).port}/dir`;
    return AcmeServer.of(directory, { caBundle: this.acme.caBundle });
  }

  public override abandon(): void {
    this.api.close();
    super.abandon();
  }

  /** cert-manager in the environment of its pod. */
  public async certManager(): Promise<Running> {
    const env = await this.identityOf('cert-manager', 'cert-manager');
    const kubeconfig = await this.accountKubeconfig('cert-manager', 'cert-manager');
    return this.run('cert-manager', env, [
      program('cert-manager-controller'),
      `--kubeconfig=${kubeconfig}`,
      '--cluster-resource-namespace=cert-manager',
      `--dns01-recursive-nameservers=${ADDRESSES.dns}:53`,
      '--dns01-recursive-nameservers-only',
      '--dns01-check-retry-period=1s',
      '--certificate-request-minimum-backoff-duration=5s',
      '--certificate-request-maximum-backoff-duration=10s',
    ]);
  }

  /** external-dns with the arguments and variables of an emitted Deployment, in the environment of its pod. */
  public async externalDns(deployment: Manifest): Promise<Running> {
    const { name, namespace = '' } = deployment.metadata;
    const { serviceAccountName, containers } = deployment.spec.template.spec;
    const [{ args, env: variables }] = containers;
    const env = {
      ...(await this.identityOf(namespace, serviceAccountName)),
      ...(await this.values(namespace, variables)),
    };
    const kubeconfig = await this.accountKubeconfig(namespace, serviceAccountName);
    return this.run(name, env, [
      ...[program('external-dns'), ...args],
      ...[`--kubeconfig=${kubeconfig}`, '--metrics-address=127.0.0.1:0'],
    ]);
  }

  /** What EKS gives pods of an account when they start: by its association, or by what its annotations say. */
  private async identityOf(namespace: string, account: string): Promise<PodEnvironment> {
    if (this.api.isAssociated(namespace, account)) {
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${AWS}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await this.tokenFile(namespace, account, 'pods.eks.amazonaws.com'),
        AWS_REGION: REGION,
      };
    }
    const { metadata } = await this.kubectl.get('serviceaccount', account, namespace);
    const role = metadata.annotations?.['eks.amazonaws.com/role-arn'];
    if (role === undefined) return {};
    const audience = metadata.annotations?.['eks.amazonaws.com/audience'] ?? 'sts.amazonaws.com';
    const AWS_WEB_IDENTITY_TOKEN_FILE = await this.tokenFile(namespace, account, audience);
    return { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_REGION: REGION };
  }

  /** The variables of a container, those from Secrets as well. */
  private async values(namespace: string, variables: readonly Variable[]): Promise<PodEnvironment> {
    const entries = variables.map(async ({ name, value, valueFrom }) => {
      if (valueFrom === undefined) return [name, value];
      const { data } = await this.kubectl.get('secret', valueFrom.secretKeyRef.name, namespace);
      return [name, Buffer.from(data[valueFrom.secretKeyRef.key], 'base64').toString()];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Signed requests of AWS's SDK for Python, one after the other: what each gave, or the code of its error. */
  public async ask(caller: Caller, service: string, calls: readonly (readonly [string, object])[]): Promise<string[]> {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = caller;
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const { stdout } = await run([...enter(this.network.hub), motoProgram('python'), '-c', SDK, service], {
      input: JSON.stringify(calls),
      env: { ...endpoints(), ...keys, AWS_SESSION_TOKEN: sessionToken, AWS_DEFAULT_REGION: REGION },
    });
    return JSON.parse(stdout) as string[];
  }

  /** What the agent of EKS answers a pod of an account. */
  public async podCredentials(namespace: string, account: string): Promise<string> {
    const token = readFileSync(await this.tokenFile(namespace, account, 'pods.eks.amazonaws.com'), 'utf8');
    const command = ['curl', '--silent', '--header', `Authorization: ${token}`, `${AWS}/v1/credentials`];
    return (await run([...enter(this.network.hub), ...command])).stdout;
  }

  private run(name: string, env: PodEnvironment, command: readonly string[]): Running {
    const log = join(this.folder, 'logs', `${name}.log`);
    writeFileSync(log, '', { flag: 'a' });
    const before = readFileSync(log, 'utf8').length;
    const namespace = this.network.hub;
    const server: Server = this.processes.start(name, command, { namespace, env: { ...endpoints(), ...env } });
    return { log: () => readFileSync(log, 'utf8').slice(before), stop: () => server.stop('SIGKILL') };
  }

  private async accountKubeconfig(namespace: string, account: string): Promise<string> {
    const path = join(this.folder, `${namespace}-${account}.kubeconfig`);
    const authority = this.authority.certificate;
    writeKubeconfig(path, { server: this.controlPlane.url, authority, token: await this.token(namespace, account) });
    return path;
  }

  /** A file with a token for others, as the kubelet projects it. */
  public async tokenFile(namespace: string, account: string, audience: string): Promise<string> {
    const path = join(this.folder, `${namespace}-${account}-${audience}.token`);
    writeFileSync(path, await this.token(namespace, account, audience), { mode: 0o600 });
    return path;
  }

  private async token(namespace: string, account: string, audience?: string): Promise<string> {
    const given = audience === undefined ? [] : [`--audience=${audience}`];
    return until(`the account ${namespace}/${account}`, { seconds: 20 }, async () => {
      const { stdout }: CommandResult = await this.kubectl.run(['create', 'token', account, '-n', namespace, ...given]);
      return stdout.trim();
    });
  }
}

function endpoints(): PodEnvironment {
  return {
    ...{ AWS_ENDPOINT_URL_ROUTE_53: AWS, AWS_ENDPOINT_URL_STS: AWS },
    // Nothing of who runs the proofs.
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    ...{ AWS_PROFILE: undefined, AWS_CA_BUNDLE: undefined, HTTP_PROXY: undefined, http_proxy: undefined },
  };
}

/** A program that listens where AWS is, and hands each connection to a socket. */
function forwarder(socket: string): string {
  return `const net = require('net');
for (const address of ['${AGENT}', '${METADATA}']) net.createServer((one) => {
  const other = net.connect(${JSON.stringify(socket)});
  one.on('error', () => other.destroy()).pipe(other).on('error', () => one.destroy()).pipe(one);
}).listen(80, address);`;
}

const SDK = `
import sys, json, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
client = boto3.client(sys.argv[1], config=Config(retries={'total_max_attempts': 1}))
def ask(name, arguments):
    try:
        getattr(client, name)(**arguments)
        return 'permitted'
    except ClientError as error:
        return error.response['Error']['Code']
json.dump([ask(*call) for call in json.load(sys.stdin)], sys.stdout)
`;

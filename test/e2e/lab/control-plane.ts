import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kubectl, writeKubeconfig } from './kubectl';
import { ADDRESSES } from './network';
import { type Authority, type KeyPair, signingKey } from './pki';
import type { Processes, Server } from './processes';
import { until } from './wait';

export interface ControlPlaneOptions {
  readonly folder: string;
  /** The namespace that it runs in. */
  readonly namespace: string;
  readonly processes: Processes;
  readonly authority: Authority;
  /** The path of a program of the lab. */
  readonly program: (name: string) => string;
  /** How many nodes may join. */
  readonly nodes: number;
  /** Who its ServiceAccount tokens are from; the API server itself, unless told otherwise. */
  readonly issuer?: string;
}

/** Who may do what, by a token each. */
interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ADMIN: User = { name: 'admin', groups: ['system:masters'] };
const CONTROLLER_MANAGER: User = { name: 'system:kube-controller-manager', groups: [] };
const SCHEDULER: User = { name: 'system:kube-scheduler', groups: [] };
export const PROXY: User = { name: 'system:kube-proxy', groups: [] };
export const nodeUser = (index: number): User => ({ name: `system:node:node${index}`, groups: ['system:nodes'] });

/** etcd, the API server, the controller manager and the scheduler, with what is asked of them in an audit log. */
export class ControlPlane {
  public readonly url = `https://${ADDRESSES.controlPlane}:6443`;
  public readonly kubectl: Kubectl;
  /** One JSON document a line, at the level Metadata. */
  public readonly auditLog: string;
  private readonly serving: KeyPair;
  private readonly signing: string;
  private readonly tokens: string;
  /** When an API server began and was ready, in milliseconds since 1970: until then it does not know who may what. */
  public readonly starts: { readonly fromMs: number; readonly toMs: number }[] = [];
  private etcd: Server | undefined;
  private apiServer: Server | undefined;
  /** The controller manager and the scheduler. */
  private controllers: readonly Server[] = [];

  private constructor(private readonly options: ControlPlaneOptions) {
    const { folder, authority, nodes } = options;
    mkdirSync(folder, { recursive: true });
    this.auditLog = join(folder, 'audit.json');
    const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'];
    const addresses = [ADDRESSES.controlPlane, '10.96.0.1', '127.0.0.1'];
    this.serving = authority.issue('kubernetes', [
      ...names.map((name) => `DNS:${name}`),
      ...addresses.map((address) => `IP:${address}`),
    ]);
    this.signing = signingKey(folder);
    this.tokens = join(folder, 'tokens.csv');
    const nodeUsers = Array.from({ length: nodes }, (_, index) => nodeUser(index + 1));
    writeTokens(this.tokens, [ADMIN, CONTROLLER_MANAGER, SCHEDULER, PROXY, ...nodeUsers]);
    writeFileSync(join(folder, 'audit-policy.json'), JSON.stringify(AUDIT_POLICY));
    this.kubectl = new Kubectl(options.program('kubectl'), this.kubeconfig(ADMIN), options.namespace);
  }

  /** Starts it, and waits until the API server answers. */
  public static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const plane = new ControlPlane(options);
    plane.startEtcd();
    await plane.startApiServer();
    await until('the account of the first namespace', { seconds: 60 }, () =>
      plane.kubectl.find('serviceaccount', 'default', 'default'),
    );
    return plane;
  }

  /** A file by which a program speaks to the API server as `user`. */
  public kubeconfig(user: User): string {
    const path = join(this.options.folder, `${user.name.replaceAll(':', '-')}.kubeconfig`);
    const authority = this.options.authority.certificate;
    writeKubeconfig(path, { server: this.url, authority, token: tokenOf(this.tokens, user) });
    return path;
  }

  /** The one of the administrator, for a server that is reached at another address. */
  public adminKubeconfig(path: string, server: string): void {
    writeKubeconfig(path, {
      server,
      authority: this.options.authority.certificate,
      token: tokenOf(this.tokens, ADMIN),
    });
  }

  public startEtcd(): void {
    const { folder, namespace, program, processes } = this.options;
    const command = [
      program('etcd'),
      `--data-dir=${join(folder, 'etcd')}`,
      ...['--listen-client-urls', '--advertise-client-urls'].map((flag) => `${flag}=http://127.0.0.1:2379`),
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
      // Nothing of the lab outlives the machine.
      '--unsafe-no-fsync',
    ];
    this.etcd = processes.start('etcd', command, { namespace });
  }

  /** Ends etcd at once and starts it again. */
  public async restartEtcd(): Promise<void> {
    await this.etcd?.stop('SIGKILL');
    this.startEtcd();
    await this.ready();
  }

  /** Starts the API server and, when it is ready, those who work by it. */
  public async startApiServer(): Promise<void> {
    const fromMs = Date.now();
    this.startApiServerAlone();
    await this.ready();
    this.starts.push({ fromMs, toMs: Date.now() });
    this.controllers = this.startControllers();
  }

  private startApiServerAlone(): void {
    const { folder, namespace, program, processes, issuer = 'https://kubernetes.default.svc' } = this.options;
    const command = [
      program('kube-apiserver'),
      '--etcd-servers=http://127.0.0.1:2379',
      `--advertise-address=${ADDRESSES.controlPlane}`,
      '--secure-port=6443',
      `--cert-dir=${folder}`,
      `--tls-cert-file=${this.serving.certificate}`,
      `--tls-private-key-file=${this.serving.key}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--token-auth-file=${this.tokens}`,
      `--service-account-key-file=${this.signing}`,
      `--service-account-signing-key-file=${this.signing}`,
      `--service-account-issuer=${issuer}`,
      `--service-cluster-ip-range=${ADDRESSES.services}`,
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
      `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
      `--audit-log-path=${this.auditLog}`,
      '--audit-log-mode=blocking',
      // Never begun anew: what was asked at first counts as well.
      '--audit-log-maxsize=100000',
    ];
    this.apiServer = processes.start('kube-apiserver', command, { namespace });
  }

  /** Ends the API server, and with it those who lead by a lease that they cannot renew any more. */
  public async stopApiServer(): Promise<void> {
    await this.apiServer?.stop('SIGKILL');
    await Promise.all(this.controllers.map((server) => server.stop('SIGKILL')));
  }

  private startControllers(): Server[] {
    const { processes, namespace, program, authority } = this.options;
    const manager = [
      program('kube-controller-manager'),
      `--kubeconfig=${this.kubeconfig(CONTROLLER_MANAGER)}`,
      `--service-account-private-key-file=${this.signing}`,
      `--root-ca-file=${authority.certificate}`,
      // Each controller with the permissions of its own account, as in a real cluster.
      '--use-service-account-credentials=true',
      '--controllers=*,-node-ipam-controller',
      '--leader-elect=false',
    ];
    const scheduler = [program('kube-scheduler'), `--kubeconfig=${this.kubeconfig(SCHEDULER)}`, '--leader-elect=false'];
    return [
      processes.start('kube-controller-manager', manager, { namespace }),
      processes.start('kube-scheduler', scheduler, { namespace }),
    ];
  }

  /** Waits until the API server is ready. */
  public async ready(): Promise<void> {
    await until('the API server is ready', { seconds: 90 }, async () => {
      const { stdout } = await this.kubectl.run(['get', '--raw', '/readyz', '--request-timeout=5s']);
      return stdout === 'ok';
    });
  }
}

/** Everything at the level of who asked what, without bodies: a Secret's content is in none of it. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

function writeTokens(path: string, users: readonly User[]): void {
  const lines = users.map(({ name, groups }) => {
    const token = randomBytes(24).toString('hex');
    return `${token},${name},${name},"${groups.join(',')}"\n`;
  });
  writeFileSync(path, lines.join(''), { mode: 0o600 });
}

function tokenOf(path: string, { name }: User): string {
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((candidate) => candidate.split(',')[1] === name);
  if (line === undefined) throw new Error(`no token of ${name}`);
  return line.split(',')[0] as string;
}

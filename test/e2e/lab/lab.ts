import { join } from 'node:path';
import { AcmeServer } from './acme-server';
import { ControlPlane } from './control-plane';
import { DnsServer } from './dns-server';
import type { Image } from './images';
import type { Kubectl } from './kubectl';
import { Network } from './network';
import { Node } from './node';
import { Authority } from './pki';
import { groupOf, naming, Processes } from './processes';
import { claimState, keepLogs, type LabState, sweep } from './state';
import { until } from './wait';

export interface LabOptions {
  /** How many machines the cluster has. */
  readonly nodes: 1 | 3;
  /** The zones of its DNS server. */
  readonly zones: readonly string[];
  /** The path of a program that was built for it. */
  readonly program: (name: string) => string;
  /** What its nodes can run, the sandbox image among them. */
  readonly images: readonly Image[];
  readonly sandboxImage: string;
  /** Told what is being done, for people who wait. */
  readonly progress?: (message: string) => void;
}

/** A cluster with everything around it, on this machine alone: DNS, a certificate authority, a load balancer's address. */
export class Lab {
  private constructor(
    public readonly network: Network,
    public readonly processes: Processes,
    public readonly authority: Authority,
    public readonly dns: DnsServer,
    public readonly acme: AcmeServer,
    public readonly controlPlane: ControlPlane,
    public readonly nodes: readonly Node[],
    private readonly state: LabState,
    private readonly options: LabOptions,
  ) {}

  /** Starts all of it, and waits until every node is Ready. What was started is ended when something fails. */
  public static async start(options: LabOptions): Promise<Lab> {
    const { zones, program, progress = () => {} } = options;
    const state = claimState();
    const processes = new Processes(state.folder);
    try {
      progress('network, DNS, certificate authority');
      const network = new Network(state.prefix);
      const namespace = network.hub;
      const authority = new Authority(state.folder);
      const common = { namespace, processes, authority, program };
      const dns = DnsServer.start({ ...common, folder: join(state.folder, 'dns'), zones });
      const acme = await AcmeServer.start({ ...common, folder: join(state.folder, 'acme') });
      progress('control plane');
      const folder = join(state.folder, 'control-plane');
      const controlPlane = await ControlPlane.start({ ...common, folder, nodes: options.nodes });
      progress(`${options.nodes} ${options.nodes === 1 ? 'node' : 'nodes'}`);
      const indices = Array.from({ length: options.nodes }, (_, index) => index + 1);
      const nodes = await Promise.all(
        indices.map((index) => startNode(index, { ...common, network, controlPlane, state, options })),
      );
      const lab = new Lab(network, processes, authority, dns, acme, controlPlane, nodes, state, options);
      await lab.nodesReady();
      return lab;
    } catch (error) {
      processes.forget();
      try {
        progress(`logs in ${keepLogs(state)}`);
      } finally {
        sweep(state);
      }
      throw error;
    }
  }

  public get kubectl(): Kubectl {
    return this.controlPlane.kubectl;
  }

  /** Where its files are, until it stops. */
  public get folder(): string {
    return this.state.folder;
  }

  /** Waits until all nodes are Ready. */
  public async nodesReady(): Promise<void> {
    await until('the nodes are Ready', { seconds: 120 }, async () => {
      const nodes = await this.kubectl.list('nodes');
      const ready = nodes.filter(({ status }) =>
        status.conditions?.some(({ type, status }: Record<string, string>) => type === 'Ready' && status === 'True'),
      );
      return ready.length === this.options.nodes;
    });
  }

  /** A further certificate authority, such as one that is in trouble. */
  public startAcme(options: { name: string; port: number; refusedNonces: number }): Promise<AcmeServer> {
    const {
      processes,
      authority,
      options: { program },
    } = this;
    const folder = join(this.state.folder, 'acme');
    return AcmeServer.start({ ...options, folder, namespace: this.network.hub, processes, authority, program });
  }

  /** Ends a program of a pod at once, as the kernel does where memory runs out. */
  public killInPod(uid: string, program: string): void {
    const running = this.processesOf(uid, program);
    if (running.length === 0) throw new Error(`no ${program} runs in pod ${uid}`);
    for (const pid of running) process.kill(pid, 'SIGKILL');
  }

  /** The processes of a program of a pod. */
  public processesOf(uid: string, program: string): number[] {
    return naming(program).filter((pid) => groupOf(pid).includes(uid));
  }

  /** Ends everything and leaves nothing. */
  public stop(): void {
    this.processes.forget();
    sweep(this.state);
  }

  /** Lets this process end; whoever started it sweeps what it left. */
  public abandon(): void {
    this.processes.forget();
  }
}

interface NodeSurroundings {
  readonly network: Network;
  readonly processes: Processes;
  readonly controlPlane: ControlPlane;
  readonly state: LabState;
  readonly options: LabOptions;
}

function startNode(index: number, { network, processes, controlPlane, state, options }: NodeSurroundings) {
  const namespace = network.addNode(index);
  const { program, images, sandboxImage } = options;
  const folder = join(state.folder, `node${index}`);
  const cgroup = `${state.prefix}-node${index}`;
  return Node.start({ index, folder, namespace, cgroup, processes, controlPlane, program, images, sandboxImage });
}

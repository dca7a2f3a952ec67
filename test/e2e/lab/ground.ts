import { join } from 'node:path';
import { AcmeServer, type AcmeServerOptions } from './acme-server';
import { DnsServer } from './dns-server';
import { Network } from './network';
import { Authority } from './pki';
import { groupOf, naming, Processes } from './processes';
import { claimState, keepLogs, type LabState, sweep } from './state';

export interface GroundOptions {
  /** The zones of its DNS server. */
  readonly zones: readonly string[];
  /** The path of a program that was built for it. */
  readonly program: (name: string) => string;
  /** Told what is being done, for people who wait. */
  readonly progress?: (message: string) => void;
}

/** What stands around every lab, on this machine alone: a network without a way out, DNS, a certificate authority. */
export interface Surroundings {
  readonly state: LabState;
  readonly network: Network;
  readonly processes: Processes;
  readonly authority: Authority;
  readonly dns: DnsServer;
  readonly acme: AcmeServer;
  readonly program: (name: string) => string;
}

/** What a lab stands on, and how it ends. */
export class Ground {
  public readonly network: Network;
  public readonly processes: Processes;
  public readonly authority: Authority;
  public readonly dns: DnsServer;
  public readonly acme: AcmeServer;

  protected constructor(private readonly surroundings: Surroundings) {
    this.network = surroundings.network;
    this.processes = surroundings.processes;
    this.authority = surroundings.authority;
    this.dns = surroundings.dns;
    this.acme = surroundings.acme;
  }

  /** Starts what stands around, then what `build` starts. What was started is ended when something fails. */
  protected static async lay<Built>(
    { zones, program, progress = () => {} }: GroundOptions,
    build: (surroundings: Surroundings) => Promise<Built>,
  ): Promise<Built> {
    const state = claimState();
    const processes = new Processes(state.folder);
    try {
      progress('network, DNS, certificate authority');
      const network = new Network(state.prefix);
      const authority = new Authority(state.folder);
      const common = { namespace: network.hub, processes, authority, program };
      const dns = DnsServer.start({ ...common, folder: join(state.folder, 'dns'), zones });
      const acme = await AcmeServer.start({ ...common, folder: join(state.folder, 'acme') });
      return await build({ state, network, processes, authority, dns, acme, program });
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

  /** Where its files are, until it stops. */
  public get folder(): string {
    return this.surroundings.state.folder;
  }

  /** A further certificate authority, such as one that is in trouble. */
  public startAcme(
    options: { readonly name: string; readonly port: number } & Pick<
      AcmeServerOptions,
      'refusedNonces' | 'lifetimeSeconds'
    >,
  ): Promise<AcmeServer> {
    const { processes, authority, program } = this.surroundings;
    const folder = join(this.folder, 'acme');
    return AcmeServer.start({ ...options, folder, namespace: this.network.hub, processes, authority, program });
  }

  /** Ends a program of a pod or a container at once, as the kernel does where memory runs out. */
  public killIn(id: string, program: string): void {
    const running = this.processesOf(id, program);
    if (running.length === 0) throw new Error(`no ${program} runs in ${id}`);
    for (const pid of running) process.kill(pid, 'SIGKILL');
  }

  /** The processes of a program of a pod or a container. */
  public processesOf(id: string, program: string): number[] {
    return naming(program).filter((pid) => groupOf(pid).includes(id));
  }

  /** Ends everything and leaves nothing. */
  public stop(): void {
    this.processes.forget();
    sweep(this.surroundings.state);
  }

  /** Lets this process end; whoever started it sweeps what it left. */
  public abandon(): void {
    this.processes.forget();
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type CommandOptions, type CommandResult, runNow } from './command';
import { Engine } from './engine';
import { Ground, type GroundOptions, type Surroundings } from './ground';
import type { Image } from './images';
import { until } from './wait';

export interface SwarmLabOptions extends GroundOptions {
  /** How many machines the swarm has. The first is its manager. */
  readonly nodes: number;
  /** What they can run. */
  readonly images: readonly Image[];
}

/** A task of a service, as the manager has it. */
export interface Task {
  readonly id: string;
  /** The name of its machine; undefined while it has none. */
  readonly node: string | undefined;
  readonly image: string;
  /** Whether it is what its service says now, and not what it said before. */
  readonly current: boolean;
  /** What the manager wants: running, shutdown, complete and so on. */
  readonly desired: string;
  /** What it is: preparing, starting, running, complete, failed, rejected and so on. */
  readonly state: string;
  /** Why it is not what is wanted. */
  readonly error: string | undefined;
  readonly exitCode: number | undefined;
  /** When it came into its state, in milliseconds since 1970. */
  readonly sinceMs: number;
  readonly container: string | undefined;
}

/** A container of a task that runs. */
export interface Container {
  readonly id: string;
  readonly task: Task;
  readonly engine: Engine;
  /** Its first process, by the machine's numbers. */
  readonly pid: number;
  /** Its address in each network, by the network's name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Whether its health check says so; undefined without one. */
  readonly healthy: boolean | undefined;
}

/** How much the machines can share, unless a proof takes it away. */
const SHARED_SIZE = '256m';

/** A swarm of Docker engines with everything around it, on this machine alone: DNS and a certificate authority. */
export class SwarmLab extends Ground {
  /** What containers on all machines have at {@link SHARED}, as this process sees it. */
  public readonly shared: string;

  private constructor(
    surroundings: Surroundings,
    public readonly engines: readonly Engine[],
  ) {
    super(surroundings);
    this.shared = sharedBy(surroundings);
  }

  /** Starts all of it, and waits until every machine is Ready. What was started is ended when something fails. */
  public static start(options: SwarmLabOptions): Promise<SwarmLab> {
    const { progress = () => {} } = options;
    return Ground.lay(options, async (surroundings) => {
      progress(`${options.nodes} ${options.nodes === 1 ? 'engine' : 'engines'}`);
      const shared = sharedBy(surroundings);
      mkdirSync(shared);
      runNow(['mount', '-t', 'tmpfs', '-o', `size=${SHARED_SIZE},mode=755`, 'tmpfs', shared]);
      const indices = Array.from({ length: options.nodes }, (_, index) => index + 1);
      const engines = await Promise.all(indices.map((index) => startEngine(index, surroundings)));
      progress('swarm and images');
      await Promise.all(engines.map((engine) => engine.load(options.images)));
      const lab = new SwarmLab(surroundings, engines);
      await lab.join();
      return lab;
    });
  }

  /** The machine that says what runs where. */
  public get manager(): Engine {
    return this.engines[0] as Engine;
  }

  /** Docker's command line at the manager. */
  public docker(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.manager.docker.run(args, options);
  }

  /** The stack file as Docker reads it, with what it says to it; refuses what Docker refuses. */
  public config(stackFile: string): Promise<CommandResult> {
    return this.docker(['stack', 'config', '--compose-file', stackFile]);
  }

  /** Deploys a stack file, or deploys it anew, with the images that are there. */
  public deploy(stackFile: string, stack: string, args: readonly string[] = []): Promise<CommandResult> {
    const how = ['--resolve-image=never', '--detach=true', ...args];
    return this.docker(['stack', 'deploy', '--compose-file', stackFile, ...how, stack]);
  }

  /** Waits until every service of a stack runs, or has done, all that it should, and no update goes on. */
  public async converged(stack: string, seconds = 60): Promise<void> {
    await until(`stack ${stack} runs`, { seconds }, async () => {
      const names = await this.servicesOf(stack);
      const lagging = (await Promise.all(names.map((name) => this.lags(name)))).filter((why) => why !== undefined);
      if (lagging.length > 0) throw new Error(lagging.join('\n'));
      return true;
    });
  }

  /** Takes a stack away, its volumes too, and waits until nothing of it is left. */
  public async remove(stack: string): Promise<void> {
    await this.docker(['stack', 'rm', '--detach=true', stack]);
    const label = ['--filter', `label=com.docker.stack.namespace=${stack}`];
    await until(`stack ${stack} is gone`, { seconds: 120 }, async () => {
      const networks = await this.manager.docker.lines(['network', 'ls', '--quiet', ...label]);
      const running = this.engines.map(({ docker }) => docker.lines(['ps', '--quiet', ...label]));
      return [networks, ...(await Promise.all(running))].flat().length === 0;
    });
    for (const { docker } of this.engines) {
      // The manager leaves containers of jobs that are done; the engine may just be removing others.
      await until(`containers of stack ${stack} are gone`, { seconds: 30 }, async () => {
        const containers = await docker.lines(['ps', '--all', '--quiet', ...label]);
        if (containers.length > 0) await docker.run(['rm', '--force', ...containers]);
        return containers.length === 0;
      });
      const volumes = await docker.lines(['volume', 'ls', '--quiet', ...label]);
      if (volumes.length > 0) await docker.run(['volume', 'rm', ...volumes]);
    }
  }

  /** The services of a stack, by their full names. */
  public servicesOf(stack: string): Promise<string[]> {
    const label = `label=com.docker.stack.namespace=${stack}`;
    return this.manager.docker.lines(['service', 'ls', '--filter', label, '--format', '{{.Name}}']);
  }

  /** All tasks that a service has or had, newest first. A service is named `STACK_SERVICE`. */
  public async tasks(service: string): Promise<Task[]> {
    const ids = await this.manager.docker.lines(['service', 'ps', '--quiet', '--no-trunc', service]);
    const [tasks, names, { Spec: now, JobStatus: job }] = await Promise.all([
      this.manager.docker.inspect('task', ids),
      this.nodeNames(),
      this.manager.docker.declared(service),
    ]);
    return tasks
      .map(({ ID, NodeID, Spec, JobIteration, DesiredState, Status }) => ({
        id: ID,
        node: names.get(NodeID),
        image: Spec.ContainerSpec.Image,
        current:
          isDeepStrictEqual({ ...Spec, Runtime: now.TaskTemplate.Runtime }, now.TaskTemplate) &&
          JobIteration?.Index === job?.JobIteration.Index,
        desired: DesiredState,
        state: Status.State,
        error: Status.Err,
        exitCode: Status.ContainerStatus?.ExitCode,
        sinceMs: Date.parse(Status.Timestamp),
        container: Status.ContainerStatus?.ContainerID || undefined,
      }))
      .sort((one, other) => other.sinceMs - one.sinceMs);
  }

  /** The containers of a service that run, in the order of their machines. */
  public async containers(service: string): Promise<Container[]> {
    const running = (await this.tasks(service)).filter(
      ({ state, desired }) => state === desired && state === 'running',
    );
    const found = await Promise.all(running.map((task) => this.containerOf(task)));
    return found.sort((one, other) => one.engine.name.localeCompare(other.engine.name));
  }

  /** Runs a command in a container. */
  public exec(container: Container, command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const stdin = options.input === undefined ? [] : ['--interactive'];
    return container.engine.docker.run(['exec', ...stdin, container.id, ...command], options);
  }

  /** What a service, or one container, wrote until now. */
  public async logs(of: string | Container): Promise<string> {
    const { stdout, stderr } = await (typeof of === 'string'
      ? this.docker(['service', 'logs', '--raw', of])
      : of.engine.docker.run(['logs', of.id]));
    return stdout + stderr;
  }

  /** Sends a signal to a container's first process; the manager replaces a container that has ended. */
  public async signal(container: Container, signal: NodeJS.Signals): Promise<void> {
    await container.engine.docker.run(['kill', '--signal', signal, container.id]);
  }

  /** Stops every process of a container where it is, or lets it go on. */
  public async freeze(container: Container, frozen: boolean): Promise<void> {
    await container.engine.docker.run([frozen ? 'pause' : 'unpause', container.id]);
  }

  /** Sets how many tasks a replicated service has, and waits for them. */
  public async scale(service: string, replicas: number): Promise<void> {
    await this.docker(['service', 'scale', '--detach=true', `${service}=${replicas}`]);
    await until(`${service} has ${replicas} tasks`, { seconds: 60 }, async () => {
      return (await this.containers(service)).length === replicas && (await this.lags(service)) === undefined;
    });
  }

  /** Gives an image a further name on every machine. */
  public async alias(image: string, name: string): Promise<void> {
    for (const { docker } of this.engines) await docker.run(['tag', image, name]);
  }

  /** How much may lie in the shared folder from now on, as `mount` takes it: 256m, or 16k for a disk that is full. */
  public limitShared(size: string): void {
    runNow(['mount', '-o', `remount,size=${size}`, this.shared]);
  }

  public restoreShared(): void {
    this.limitShared(SHARED_SIZE);
  }

  /** Makes one swarm of the engines. */
  private async join(): Promise<void> {
    const [manager, ...workers] = this.engines as [Engine, ...Engine[]];
    const at = ({ address }: Engine) => ['--advertise-addr', address, '--listen-addr', `${address}:2377`];
    await manager.docker.run(['swarm', 'init', ...at(manager)]);
    const [token = ''] = await manager.docker.lines(['swarm', 'join-token', '--quiet', 'worker']);
    const door = `${manager.address}:2377`;
    await Promise.all(
      workers.map((worker) => worker.docker.run(['swarm', 'join', '--token', token, ...at(worker), door])),
    );
    await until('the machines are Ready', { seconds: 60 }, async () => {
      const states = await manager.docker.lines(['node', 'ls', '--format', '{{.Status}}']);
      return states.filter((state) => state === 'Ready').length === this.engines.length;
    });
  }

  /** Why a service is not yet as it should be. */
  private async lags(service: string): Promise<string | undefined> {
    const [spec, tasks] = await Promise.all([this.manager.docker.inspect('service', [service]), this.tasks(service)]);
    const [{ Spec, UpdateStatus }] = spec;
    const done = Spec.Mode.ReplicatedJob ?? Spec.Mode.GlobalJob;
    const state = done === undefined ? 'running' : 'complete';
    const desired = tasks.filter((task) => task.desired === state);
    // A global service has its tasks at once, on every machine that its constraints let it.
    const wanted = Spec.Mode.Replicated?.Replicas ?? done?.TotalCompletions ?? Math.max(1, desired.length);
    const right = desired.filter((task) => task.state === state && task.current);
    const updating = ['updating', 'rollback_started'].includes(UpdateStatus?.State);
    if (!updating && right.length >= wanted) return undefined;
    const last = tasks.map(({ node, state, error = '' }) => `${node} ${state} ${error}`).slice(0, 3);
    return `${service}: ${right.length} of ${wanted} ${state}${updating ? ', updating' : ''}; ${last.join('; ')}`;
  }

  private async containerOf(task: Task): Promise<Container> {
    const engine = this.engines.find(({ name }) => name === task.node);
    if (engine === undefined || task.container === undefined) throw new Error(`task ${task.id} has no container`);
    const [{ State, NetworkSettings }] = await engine.docker.inspect('container', [task.container]);
    const networks: [string, { IPAddress: string }][] = Object.entries(NetworkSettings.Networks);
    return {
      id: task.container,
      task,
      engine,
      pid: State.Pid,
      addresses: Object.fromEntries(networks.map(([name, { IPAddress }]) => [name, IPAddress])),
      healthy: State.Health === undefined ? undefined : State.Health.Status === 'healthy',
    };
  }

  private async nodeNames(): Promise<Map<string, string>> {
    const lines = await this.manager.docker.lines(['node', 'ls', '--format', '{{.ID}} {{.Hostname}}']);
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }
}

function sharedBy({ state }: Surroundings): string {
  return join(state.folder, 'shared');
}

function startEngine(index: number, surroundings: Surroundings): Promise<Engine> {
  const { state, network, processes, program } = surroundings;
  const namespace = network.addNode(index);
  const folder = join(state.folder, `engine${index}`);
  const cgroup = `${state.prefix}-engine${index}`;
  return Engine.start({ index, folder, namespace, cgroup, processes, program, shared: sharedBy(surroundings) });
}

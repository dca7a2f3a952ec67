import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from 'cdk8s';
import { STACK_EXTENSION } from '../../../lib/app-files';
import { filesOf } from '../../support/synthesize';
import { until } from '../lab/wait';
import { TSIG_SECRET } from './swarm-environments';
import type { SwarmStage } from './swarm-stage';

/** The stack `edge` of an example on the swarm. */
export class SwarmEdge {
  public constructor(
    private readonly onStage: () => SwarmStage,
    /** What the table of figures calls its proof. */
    public readonly proof: string,
  ) {}

  public get stage(): SwarmStage {
    return this.onStage();
  }

  private get lab() {
    return this.stage.lab;
  }

  /** Gives the swarm what the READMEs of the examples have people give theirs. */
  public async prepare(): Promise<void> {
    await this.lab.docker(['secret', 'create', TSIG_SECRET, '-'], { input: this.lab.dns.key.secret });
    await this.lab.docker(['node', 'update', '--label-add', 'renewer=true', 'node1']);
  }

  /** Takes it away again, and other stacks before it. */
  public async clear(others: readonly string[] = []): Promise<void> {
    for (const stack of [...others, 'edge']) await this.lab.remove(stack);
    await this.lab.docker(['node', 'update', '--label-rm', 'renewer', 'node1']);
    await this.lab.docker(['secret', 'rm', TSIG_SECRET]);
  }

  /** Writes what a program writes, and says where each stack file is, by the name of its stack. */
  public write(build: (app: App) => void): Map<string, string> {
    const folder = join(this.lab.folder, 'dist');
    rmSync(folder, { recursive: true, force: true });
    const files = Object.entries(filesOf(build));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const stacks = files.map(([path]) => path).filter((path) => path.endsWith(STACK_EXTENSION));
    return new Map(stacks.map((path) => [path.slice(0, -STACK_EXTENSION.length), join(folder, path)]));
  }

  /** Deploys the stacks that a program writes, as its reader does. */
  public async deploy(build: (app: App) => void): Promise<string[]> {
    const stacks = this.write(build);
    for (const [name, file] of stacks) await this.lab.deploy(file, name);
    return [...stacks.keys()];
  }

  /** The same, and waits until all that they say runs. */
  public async converge(build: (app: App) => void, seconds = 120): Promise<void> {
    for (const name of await this.deploy(build)) await this.lab.converged(name, seconds);
  }

  /** Who Traefik is on each machine: another container after it was replaced, another process after a restart. */
  public async traefiks(): Promise<string[]> {
    return (await this.lab.containers('edge_traefik')).map(({ engine, id, pid }) => `${engine.name} ${id} ${pid}`);
  }

  /** Why tasks of Traefik ended that nobody told to, such as by their health check. */
  public async failures(): Promise<string[]> {
    const tasks = await this.lab.tasks('edge_traefik');
    return tasks
      .filter(({ state }) => state === 'failed' || state === 'rejected')
      .map(({ node, state, error }) => `${node} ${state} ${error}`);
  }

  /** Waits until every machine has a healthy Traefik that is none of `before`. */
  public async replaced(before: readonly string[], seconds: number): Promise<void> {
    await until('every Traefik is replaced', { seconds, everyMs: 500 }, async () => {
      const containers = await this.lab.containers('edge_traefik');
      const ids = before.map((each) => each.split(' ')[1]);
      return containers.length === 3 && containers.every(({ id, healthy }) => healthy && !ids.includes(id));
    });
  }

  /**
   * When the renewer had published what it ordered last before `end` as the certificate of this name, in milliseconds
   * since 1970: by the engine's clock, when it was said.
   */
  public async publishedAt(certificate: string, end: number): Promise<number> {
    const { engine, id } = await this.stage.containerOf('edge_renewer');
    const { stdout } = await engine.docker.run(['logs', '--timestamps', id]);
    let ordered = false;
    let published = Number.NaN;
    for (const line of stdout.split('\n')) {
      const at = Date.parse(line.split(' ')[0] ?? '');
      if (at > end) break;
      if (line.includes(` event=ordered certificate=${certificate} `)) ordered = true;
      if (!ordered || !line.includes(' event=published ')) continue;
      ordered = false;
      published = at;
    }
    return published;
  }
}

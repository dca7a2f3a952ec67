import { writeFileSync } from 'node:fs';
import type { Manifest } from '../../support/synthesize';
import { type CommandOptions, type CommandResult, run } from './command';
import { enter } from './processes';

/** An object as the API server has it, with what it adds. */
export interface LiveObject extends Manifest {
  // biome-ignore lint/suspicious/noExplicitAny: objects are as the API server gives them
  readonly metadata: Manifest['metadata'] & Record<string, any>;
}

/** kubectl, speaking to the lab as its administrator. */
export class Kubectl {
  public constructor(
    private readonly program: string,
    public readonly kubeconfig: string,
    private readonly namespace: string,
  ) {}

  public run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return run([...enter(this.namespace), this.program, `--kubeconfig=${this.kubeconfig}`, ...args], options);
  }

  /** The object, or undefined when there is none. */
  public async find(kind: string, name: string, namespace?: string): Promise<LiveObject | undefined> {
    const { stdout } = await this.run(['get', kind, name, '--ignore-not-found', '-o', 'json', ...inside(namespace)]);
    return stdout === '' ? undefined : (JSON.parse(stdout) as LiveObject);
  }

  /** The object, which must be there. */
  public async get(kind: string, name: string, namespace?: string): Promise<LiveObject> {
    const { stdout } = await this.run(['get', kind, name, '-o', 'json', ...inside(namespace)]);
    return JSON.parse(stdout) as LiveObject;
  }

  /** All objects of a kind: those of a namespace, or of all. */
  public async list(kind: string, namespace?: string, selector?: string): Promise<LiveObject[]> {
    const where = namespace === undefined ? ['--all-namespaces'] : inside(namespace);
    const which = selector === undefined ? [] : ['--selector', selector];
    const { stdout } = await this.run(['get', kind, '-o', 'json', ...where, ...which]);
    return (JSON.parse(stdout) as { items: LiveObject[] }).items;
  }

  /** Applies objects as users do, and returns what kubectl said: a line for each object, and warnings. */
  public apply(objects: readonly object[], args: readonly string[] = []): Promise<CommandResult> {
    const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    return this.run(['apply', '--server-side', '--validate=strict', '-f', '-', ...args], { input });
  }

  /** Changes one object by a JSON merge patch. */
  public async patch(kind: string, name: string, namespace: string | undefined, patch: object, sub?: string) {
    const where = [...inside(namespace), ...(sub === undefined ? [] : [`--subresource=${sub}`])];
    await this.run(['patch', kind, name, '--type=merge', '-p', JSON.stringify(patch), ...where]);
  }

  public async delete(objects: readonly object[], args: readonly string[] = []): Promise<void> {
    const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    await this.run(['delete', '--ignore-not-found', '-f', '-', ...args], { input });
  }
}

export function writeKubeconfig(
  path: string,
  { server, authority, token }: { server: string; authority: string; token: string },
): void {
  const lab = { cluster: 'lab', user: 'lab' };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'lab', user: { token } }],
    contexts: [{ name: 'lab', context: lab }],
    'current-context': 'lab',
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function inside(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : ['--namespace', namespace];
}

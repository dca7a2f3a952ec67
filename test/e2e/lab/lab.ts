import { join } from 'node:path';
import { ControlPlane } from './control-plane';
import { Ground, type GroundOptions, type Surroundings } from './ground';
import type { Image } from './images';
import type { Kubectl } from './kubectl';
import { Node } from './node';
import { until } from './wait';

export interface LabOptions extends GroundOptions {
  /** How many machines the cluster has. */
  readonly nodes: 1 | 3;
  /** What its nodes can run, the sandbox image among them. */
  readonly images: readonly Image[];
  readonly sandboxImage: string;
}

/** A cluster with everything around it, on this machine alone: DNS, a certificate authority, a load balancer's address. */
export class Lab extends Ground {
  private constructor(
    surroundings: Surroundings,
    public readonly controlPlane: ControlPlane,
    public readonly nodes: readonly Node[],
  ) {
    super(surroundings);
  }

  /** Starts all of it, and waits until every node is Ready. What was started is ended when something fails. */
  public static start(options: LabOptions): Promise<Lab> {
    const { progress = () => {} } = options;
    return Ground.lay(options, async (surroundings) => {
      const { state, network, processes, program, authority } = surroundings;
      progress('control plane');
      const folder = join(state.folder, 'control-plane');
      const common = { namespace: network.hub, processes, authority, program };
      const controlPlane = await ControlPlane.start({ ...common, folder, nodes: options.nodes });
      progress(`${options.nodes} ${options.nodes === 1 ? 'node' : 'nodes'}`);
      const indices = Array.from({ length: options.nodes }, (_, index) => index + 1);
      const nodes = await Promise.all(indices.map((index) => startNode(index, surroundings, controlPlane, options)));
      const lab = new Lab(surroundings, controlPlane, nodes);
      await lab.nodesReady();
      return lab;
    });
  }

  public get kubectl(): Kubectl {
    return this.controlPlane.kubectl;
  }

  /** Waits until all nodes are Ready. */
  public async nodesReady(): Promise<void> {
    await until('the nodes are Ready', { seconds: 120 }, async () => {
      const nodes = await this.kubectl.list('nodes');
      const ready = nodes.filter(({ status }) =>
        status.conditions?.some(({ type, status }: Record<string, string>) => type === 'Ready' && status === 'True'),
      );
      return ready.length === this.nodes.length;
    });
  }
}

function startNode(
  index: number,
  { state, network, processes, program }: Surroundings,
  controlPlane: ControlPlane,
  { images, sandboxImage }: LabOptions,
): Promise<Node> {
  const namespace = network.addNode(index);
  const folder = join(state.folder, `node${index}`);
  const cgroup = `${state.prefix}-node${index}`;
  return Node.start({ index, folder, namespace, cgroup, processes, controlPlane, program, images, sandboxImage });
}

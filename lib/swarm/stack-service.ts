import { Construct } from 'constructs';
import type { StackServiceSpec } from './stack-file';
import { type SwarmStack, stackOf } from './swarm-stack';

/** Changes a service before it is looked at and written: the way out for what has no property. */
export type ServicePatch = (spec: StackServiceSpec) => StackServiceSpec;

/**
 * A service of a stack, as a stack file holds it: for what has no construct of its own. Whatever comes by it is held
 * against the same rules as all the others.
 *
 * Reports SWARM-11 a name that is none or that is taken, SWARM-14 where it is in no SwarmStack.
 *
 * @example
 * new StackService(stack, 'etcd', {
 *   image: 'quay.io/coreos/etcd:v3.6.7',
 *   networks: { [stack.network('control')]: {} },
 *   volumes: [{ type: 'volume', source: stack.volume('etcd'), target: '/var/lib/etcd' }],
 *   deploy: { mode: 'replicated', replicas: 1, placement: { constraints: ['node.labels.etcd == true'] } },
 * });
 */
export class StackService extends Construct {
  /** The name by which others of its networks reach it. */
  public readonly name: string;
  public readonly stack: SwarmStack;
  private readonly patches: ServicePatch[] = [];

  public constructor(scope: Construct, id: string, spec: StackServiceSpec | (() => StackServiceSpec)) {
    super(scope, id);
    this.stack = stackOf(this);
    // The main child of a construct stands for it.
    const declared = id === 'Resource' ? scope : this;
    this.name = this.stack.serviceName(declared);
    const produce = typeof spec === 'function' ? spec : () => spec;
    this.stack.addService(declared, this.name, () => this.patched(this.withEndpointMode(produce())));
  }

  /** Changes it before it is looked at and written. */
  public patch(patch: ServicePatch): void {
    this.patches.push(patch);
  }

  private withEndpointMode(spec: StackServiceSpec): StackServiceSpec {
    if (this.stack.endpointMode === 'vip' || spec.deploy?.endpoint_mode !== undefined) return spec;
    return { ...spec, deploy: { ...spec.deploy, endpoint_mode: this.stack.endpointMode } };
  }

  private patched(spec: StackServiceSpec): StackServiceSpec {
    return this.patches.reduce((changed, patch) => patch(changed), spec);
  }
}

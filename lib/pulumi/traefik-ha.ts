import type * as pulumi from '@pulumi/pulumi';
import { TraefikHA as Construct, type TraefikHAProps } from '../index';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, outputOfText, plain } from './outputs';

/** How a {@link TraefikHA} runs. */
export type TraefikHAArgs = Inputs<TraefikHAProps> & PlacedArgs;

/**
 * A Traefik of several instances that share their certificates, with everything around it: the construct `TraefikHA`.
 *
 * @example
 * const edge = new TraefikHA('edge', { namespace: 'edge', replicas: 3 }, { provider: cluster });
 * const { hostname } = edge;
 */
export class TraefikHA extends EdgeComponent<Construct> {
  /** The name or address that the load balancer has once it is there; empty while it has none. */
  public readonly address: pulumi.Output<string>;
  /** Where names of routes point: the name or address that was said, else {@link address}. */
  public readonly hostname: pulumi.Output<string>;

  public constructor(name: string, args: TraefikHAArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, ...props } = args;
    super(
      'TraefikHA',
      name,
      { namespace },
      options,
      ({ chart, id }) => new Construct(chart, id, plain<TraefikHAProps>(props)),
    );
    this.address = this.live(
      () => this.construct.service,
      ({ status }) => status.apply(addressOf),
    );
    const [known] = this.construct.dnsTargets ?? [];
    this.hostname = known === undefined ? this.address : outputOfText(known);
    this.registerOutputs({ address: this.address, hostname: this.hostname });
  }
}

/** The first name or address of a Service's load balancer; empty while it has none. */
function addressOf(status: Record<string, unknown> | undefined): string {
  const { ingress } = (status?.loadBalancer ?? {}) as {
    readonly ingress?: readonly { hostname?: string; ip?: string }[];
  };
  return ingress?.[0]?.hostname ?? ingress?.[0]?.ip ?? '';
}

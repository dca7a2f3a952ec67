import type * as pulumi from '@pulumi/pulumi';
import { EdgeNamespace as Construct, type EdgeNamespaceProps } from '../index';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, plain } from './outputs';

/** What an {@link EdgeNamespace} is labelled with. */
export type EdgeNamespaceArgs = Inputs<Omit<EdgeNamespaceProps, 'name'>> & PlacedArgs;

/**
 * A namespace that takes only pods of the restricted standard: the construct `EdgeNamespace`.
 *
 * @example new EdgeNamespace('edge-namespace', { namespace: 'edge' });
 */
export class EdgeNamespace extends EdgeComponent<Construct> {
  public constructor(name: string, args: EdgeNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, ...props } = args;
    super('EdgeNamespace', name, { namespace }, options, ({ chart, id }) => {
      return new Construct(chart, id, { ...plain<EdgeNamespaceProps>(props), name: chart.namespace });
    });
    this.registerOutputs({});
  }
}

import type * as pulumi from '@pulumi/pulumi';
import { type CertRotaterProps, CertRotater as Construct } from '../index';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, plain } from './outputs';

/** How a {@link CertRotater} runs. */
export type CertRotaterArgs = Inputs<CertRotaterProps> & PlacedArgs;

/** The controller that gives routes of others their certificates and records: the construct `CertRotater`. */
export class CertRotater extends EdgeComponent<Construct> {
  public constructor(name: string, args: CertRotaterArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, ...props } = args;
    super('CertRotater', name, { namespace }, options, ({ chart, id }) => {
      return new Construct(chart, id, plain<CertRotaterProps>(props));
    });
    this.registerOutputs({});
  }
}

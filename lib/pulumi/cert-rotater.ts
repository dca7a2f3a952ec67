import type * as pulumi from '@pulumi/pulumi';
import { type CertRotaterProps, CertRotater as Construct } from '../index';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, plain } from './outputs';

/** How a {@link CertRotater} runs; its settings are plain, since a digest of them replaces its pods. */
export type CertRotaterArgs = Inputs<Omit<CertRotaterProps, 'settings'>> &
  Pick<CertRotaterProps, 'settings'> &
  PlacedArgs;

/** The controller that gives routes of others their certificates and records: the construct `CertRotater`. */
export class CertRotater extends EdgeComponent<Construct> {
  public constructor(name: string, args: CertRotaterArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, ...props } = args;
    super('CertRotater', name, { namespace }, options, ({ chart, id }) => {
      return new Construct(chart, id, plain<CertRotaterProps>(props as Inputs<CertRotaterProps>));
    });
    this.registerOutputs({});
  }
}

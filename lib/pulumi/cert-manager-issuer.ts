import * as pulumi from '@pulumi/pulumi';
import { type CertManagerIssuerProps, CertManagerIssuer as Construct } from '../index';
import { beforeSolver } from './aws-access';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, outputOfText, plain } from './outputs';

/** How a {@link CertManagerIssuer} gets its certificates. */
export type CertManagerIssuerArgs = Inputs<CertManagerIssuerProps> & PlacedArgs;

/**
 * An ACME issuer of cert-manager: the construct `CertManagerIssuer`.
 *
 * @example
 * const issuer = new CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [challenge.solver] });
 */
export class CertManagerIssuer extends EdgeComponent<Construct> {
  /** How Certificates that are written elsewhere refer to it. */
  public readonly issuerRef: pulumi.Output<{ readonly group: string; readonly kind: string; readonly name: string }>;

  public constructor(name: string, args: CertManagerIssuerArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, ...props } = args;
    super('CertManagerIssuer', name, { namespace }, options, ({ chart, id, dependsOn }) => {
      const construct = new Construct(chart, id, plain<CertManagerIssuerProps>(props));
      // An account at the CA is of no use before its challenges can be answered.
      for (const { before, keys } of args.solvers.flatMap((solver) => beforeSolver.get(solver) ?? [])) {
        dependsOn.push(...before);
        if (keys) construct.node.addDependency(keys);
      }
      return construct;
    });
    const { kind, name: issuer } = this.construct;
    this.issuerRef = pulumi.output({ group: 'cert-manager.io', kind, name: outputOfText(issuer) });
    this.registerOutputs({ issuerRef: this.issuerRef });
  }
}

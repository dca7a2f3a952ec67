import type * as pulumi from '@pulumi/pulumi';
import { dnsChallengePolicy } from '../aws/policies';
import { Route53DnsChallengeIam as Construct, type Solver } from '../index';
import { type AwsAccess, beforeSolver, grantAccess, type ZoneArgs, zonesOf } from './aws-access';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { textOf } from './outputs';

/** Which zones are answered for, and how cert-manager gets at them. */
export interface Route53DnsChallengeIamArgs extends PlacedArgs {
  /** The zones whose names are certified. */
  readonly zones: readonly ZoneArgs[];
  /**
   * The zone that is written to in place of `zones`: `_acme-challenge.shop.example.com` is a CNAME to
   * `_acme-challenge.shop.example.com.<this zone>`, and the policy permits nothing in the zones themselves.
   * @default - the zones are written to
   * @see https://cert-manager.io/docs/configuration/acme/dns01/#delegated-domains-for-dns01
   */
  readonly delegatedTo?: ZoneArgs;
  /** How it gets at AWS; what it needs there is made. */
  readonly access: AwsAccess;
  /**
   * The account that takes the role, and where cert-manager looks for it. Pod Identity gives it to cert-manager's own.
   * @default - namespace cert-manager; the name of the component, and cert-manager for Pod Identity
   */
  readonly serviceAccount?: { readonly namespace?: pulumi.Input<string>; readonly name?: pulumi.Input<string> };
}

/**
 * What cert-manager needs at AWS to answer DNS-01 challenges in Route 53: a policy for exactly these zones, and a role
 * or a user that has it; and the solver that uses them. The construct is `Route53DnsChallengeIam`.
 *
 * @example
 * const challenge = new Route53DnsChallengeIam('dns01', {
 *   namespace: 'edge', zones: [zone], access: AwsAccess.irsa({ oidcProviderArn }),
 * });
 * new CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [challenge.solver] });
 */
export class Route53DnsChallengeIam extends EdgeComponent<Construct> {
  /** Answers challenges in the zones. */
  public readonly solver: Solver;
  /** The role; undefined where there is none. */
  public readonly roleArn: pulumi.Output<string> | undefined;

  public constructor(name: string, args: Route53DnsChallengeIamArgs, options?: pulumi.ComponentResourceOptions) {
    let roleArn: pulumi.Output<string> | undefined;
    super('Route53DnsChallengeIam', name, args, options, (context) => {
      const { chart, id, dependsOn } = context;
      const { access, serviceAccount = {} } = args;
      const account = {
        namespace: textOf(serviceAccount.namespace ?? 'cert-manager'),
        name: textOf(serviceAccount.name ?? (access.kind === 'pod-identity' ? 'cert-manager' : name)),
      };
      const zones = zonesOf(args.zones);
      const [delegatedTo] = args.delegatedTo ? zonesOf([args.delegatedTo]) : [];
      const written = delegatedTo ? [delegatedTo] : zones;
      const granted = grantAccess({ context, access, account, zones: written, policy: dnsChallengePolicy });
      dependsOn.push(...granted.before);
      roleArn = granted.roleArn;
      const construct = new Construct(chart, id, {
        zones,
        delegatedTo,
        identity: granted.identity,
        serviceAccountNamespace: account.namespace,
        name: access.kind === 'pod-identity' ? undefined : account.name,
      });
      beforeSolver.set(construct.solver, granted);
      return construct;
    });
    this.solver = this.construct.solver;
    this.roleArn = roleArn;
    this.registerOutputs({ roleArn });
  }
}

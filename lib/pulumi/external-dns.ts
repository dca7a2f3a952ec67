import type * as pulumi from '@pulumi/pulumi';
import { externalDnsPolicy } from '../aws/policies';
import { ExternalDns as Construct, DnsProvider, type ExternalDnsProps } from '../index';
import { type AwsAccess, grantAccess, type ZoneArgs, zonesOf } from './aws-access';
import { type DeclarationContext, EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, plain, textOf } from './outputs';

/** What is given as the construct has it. */
type OwnProps = Omit<ExternalDnsProps, 'zones' | 'provider'>;

/** What an {@link ExternalDns} writes, where, and as whom. */
export type ExternalDnsArgs = Inputs<OwnProps> &
  PlacedArgs & {
    /** The zones that it may write to, and nothing beside them. */
    readonly zones: readonly ZoneArgs[];
    /** Where it writes: Route 53, with access that is made for it, or any provider of the library. */
    readonly provider: AwsAccess | DnsProvider;
  };

/**
 * external-dns, writing the records of DNSEndpoints: the construct `ExternalDns`. For Route 53 it makes the policy for
 * exactly its zones, and the role or user that has it.
 *
 * @example
 * new ExternalDns('external-dns', {
 *   namespace: 'edge', ownerId: 'prod-1', zones: [zone], provider: AwsAccess.irsa({ oidcProviderArn }),
 * });
 */
export class ExternalDns extends EdgeComponent<Construct> {
  /** The role; undefined where there is none. */
  public readonly roleArn: pulumi.Output<string> | undefined;

  public constructor(name: string, args: ExternalDnsArgs, options?: pulumi.ComponentResourceOptions) {
    let roleArn: pulumi.Output<string> | undefined;
    super('ExternalDns', name, args, options, (context) => {
      const { namespace: _, zones: given, provider: wanted, ...props } = args;
      const zones = zonesOf(given);
      const granted = 'kind' in wanted ? accessOf(context, wanted, zones, props.name) : undefined;
      roleArn = granted?.roleArn;
      const provider = 'kind' in wanted ? DnsProvider.route53({ identity: granted?.identity }) : wanted;
      return new Construct(context.chart, context.id, {
        ...plain<OwnProps>(props),
        zones,
        provider,
      });
    });
    this.roleArn = roleArn;
    this.registerOutputs({ roleArn });
  }
}

function accessOf(
  context: DeclarationContext,
  access: AwsAccess,
  zones: ReturnType<typeof zonesOf>,
  accountName: pulumi.Input<string> | undefined,
) {
  const account = { namespace: context.chart.namespace ?? '', name: textOf(accountName ?? context.id) };
  const granted = grantAccess({ context, access, account, zones, policy: externalDnsPolicy });
  context.dependsOn.push(...granted.before);
  return granted;
}

import * as pulumi from '@pulumi/pulumi';
import {
  IngressRouteWithTls as Construct,
  type IngressRouteWithTlsProps,
  type Issuer,
  type Traefik as TraefikReference,
} from '../index';
import { type ZoneArgs, zonesOf } from './aws-access';
import { lateHost } from './canonical';
import { CertManagerIssuer } from './cert-manager-issuer';
import { EdgeComponent, type PlacedArgs } from './edge-component';
import { type Inputs, outputOfText, plain, textOf } from './outputs';
import { TraefikHA } from './traefik-ha';

/** What an {@link IngressRouteWithTls} routes, and who certifies and announces it. */
export type IngressRouteWithTlsArgs = Inputs<OwnProps> &
  PlacedArgs & {
    /** Who serves it: a component, or an `ExistingTraefik` of the library. */
    readonly traefik: TraefikHA | TraefikReference;
    /** Who certifies its hosts: a component, or `CertManagerIssuer.existing('letsencrypt')` of the library. */
    readonly issuer: CertManagerIssuer | Issuer;
    /**
     * The zones that its hosts may lie in; a host in none is refused.
     * @default - those of the issuer's solvers; where these have none, any
     */
    readonly zones?: readonly ZoneArgs[];
  };

/**
 * Routes with everything that HTTPS needs: the construct `IngressRouteWithTls`. Where nobody says where their hosts
 * point, they point to what the load balancer of their Traefik turns out to have.
 *
 * @example
 * new IngressRouteWithTls('web', {
 *   namespace: 'shop', traefik, issuer,
 *   routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
 * });
 */
export class IngressRouteWithTls extends EdgeComponent<Construct> {
  /** The hosts that it is certified and announced for. */
  public readonly hosts: pulumi.Output<readonly string[]>;

  public constructor(name: string, args: IngressRouteWithTlsArgs, options?: pulumi.ComponentResourceOptions) {
    const { namespace, traefik, issuer, zones, ...given } = args;
    const props = withHosts(given);
    super('IngressRouteWithTls', name, { namespace }, options, ({ chart, id }) => {
      return new Construct(chart, id, {
        ...withTargets(plain<OwnProps>(props), traefik),
        traefik: traefik instanceof TraefikHA ? traefik.construct : traefik,
        issuer: issuer instanceof CertManagerIssuer ? issuer.construct : issuer,
        zones: zones && zonesOf(zones),
      });
    });
    // The provider waits until a Deployment is ready: a route stands when it is served.
    if (args.traefik instanceof TraefikHA) this.construct.resource.addDependency(args.traefik.construct.deployment);
    this.hosts = pulumi.all(this.construct.hosts.map(outputOfText));
    this.registerOutputs({ hosts: this.hosts });
  }
}

/** Hosts that are Outputs, as they will be written. */
function withHosts<Given extends Inputs<OwnProps>>(given: Given): Given {
  const routes = given.routes.map((route) => {
    if (route.host === undefined) return route;
    const { host } = route;
    return { ...route, host: Array.isArray(host) ? host.map(lateHost) : lateHost(host as pulumi.Input<string>) };
  });
  return { ...given, routes, ...(given.hosts && { hosts: given.hosts.map(lateHost) }) };
}

type OwnProps = Omit<IngressRouteWithTlsProps, 'traefik' | 'issuer' | 'zones'>;

function withTargets(props: OwnProps, traefik: IngressRouteWithTlsArgs['traefik']): OwnProps {
  const isSaid = props.dns === false || props.dns?.targets !== undefined;
  if (isSaid || !(traefik instanceof TraefikHA) || traefik.construct.dnsTargets !== undefined) return props;
  return { ...props, dns: { ...(props.dns || {}), targets: [textOf(traefik.hostname)] } };
}

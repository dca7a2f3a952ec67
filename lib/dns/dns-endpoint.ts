import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Cluster } from '../cluster';
import { decideLate } from '../late';
import { canonicalHost, hostFindings } from '../model/host';
import { knownRecords, knownTargets, knownZones, textsOfTargets, textsOfZones } from '../model/known';
import { placementFindings } from '../model/placement';
import { type Finding, locate } from '../model/problem';
import { DEFAULT_TTL_SECONDS, type DnsTargets, recordSets, targetFindings } from '../model/records';
import { type DnsRouting, identified } from '../model/routing';
import { type HostedZone, zoneFindings, zoneMembershipFindings } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
import { identityOf, steeringOf } from '../steering';
import { dnsEndpointManifest } from './dns-endpoint-manifest';

/** What a {@link DnsEndpoint} announces. */
export interface DnsEndpointProps {
  /** The fully qualified name; `*.example.com` announces every name below. */
  readonly dnsName: string;
  /** Where it points: IPv4 and IPv6 addresses (A, AAAA), or one host name (CNAME). */
  readonly targets: readonly string[];
  /**
   * How long resolvers may keep the answer, in seconds, from 1.
   * @default 300 - a withdrawn address is still asked for that long, and shorter costs queries
   */
  readonly ttlSeconds?: number;
  /**
   * The zones that the name may lie in.
   * @default - not checked
   */
  readonly zones?: readonly HostedZone[];
  /**
   * How Route 53 chooses among this record and others of the name.
   * @default - it is the only one
   */
  readonly routing?: DnsRouting;
  /**
   * Whether an ALIAS, as at the apex of a zone of Route 53, is made for IPv6 too. What it points to has to have an AAAA
   * record then: Route 53 refuses an ALIAS to nothing.
   * @default - true for names of load balancers at AWS, false for names of the zone
   */
  readonly dualStack?: boolean;
  /**
   * The object's name.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Announces a name through external-dns.
 *
 * A host name as target is a CNAME; at the apex of a zone of Route 53 (one with an id), where no CNAME can be, an ALIAS.
 *
 * Reports DNS-01 no targets, DNS-02 a host name beside others, DNS-03 a target that is neither, DNS-05 the time to live,
 * HOST-01 and HOST-02 the name; with zones also ZONE-01, ZONE-02, ZONE-04, DNS-04 a private address and DNS-07 a CNAME at
 * the apex. Where it steers, DNS-20 to DNS-23, DNS-26, DNS-28 and DNS-31 what Route 53 does not take beside other records
 * of the app, DNS-24, DNS-25, DNS-27, DNS-29 and DNS-30 what is wrong with the record itself.
 *
 * @example
 * new DnsEndpoint(chart, 'shop', { dnsName: 'shop.example.com', targets: ['203.0.113.10'] });
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/sources/crd/
 */
export class DnsEndpoint extends Construct {
  public readonly dnsName: string;
  public readonly ttlSeconds: number;
  public readonly name: string;

  public constructor(scope: Construct, id: string, props: DnsEndpointProps) {
    super(scope, id);
    requireProps(this, props, 'dnsName', 'targets');
    this.dnsName = canonicalHost(props.dnsName);
    this.ttlSeconds = props.ttlSeconds ?? DEFAULT_TTL_SECONDS;
    this.name = nameOf(this, props.name);

    const { targets, routing, dualStack, zones = [] } = props;
    const dns: DnsTargets = {
      ...{ targets, dualStack, ttlSeconds: this.ttlSeconds },
      routing: routing && identified(routing, identityOf(this)),
    };
    report(this, endpointFindings(this.dnsName, dns, zones));
    const records = recordSets(this.dnsName, dns, zones);
    steeringOf(this).records.push({ at: this.node.path, cluster: Cluster.of(this), records });

    const object = new ApiObject(
      this,
      'Resource',
      dnsEndpointManifest({
        namespace: namespaceOf(this),
        name: this.name,
        records,
      }),
    );
    decideLate(object, {
      texts: () => [this.dnsName, ...textsOfTargets(dns), ...textsOfZones(zones)],
      problems: (reveal) => {
        const host = canonicalHost(reveal(this.dnsName));
        return locate(endpointFindings(host, knownTargets(dns, reveal), knownZones(zones, reveal)), this.node.path);
      },
      field: {
        name: 'endpoints',
        write: (written, reveal) => knownRecords(written, reveal, knownTargets(dns, reveal), knownZones(zones, reveal)),
      },
    });
  }
}

function endpointFindings(dnsName: string, dns: DnsTargets, zones: readonly HostedZone[]): Finding[] {
  return [
    ...hostFindings(dnsName),
    ...targetFindings(dns),
    ...zoneFindings(zones),
    ...zoneMembershipFindings([dnsName], zones),
    ...placementFindings(dnsName, dns, zones),
  ];
}

import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { decideLate } from '../late';
import { canonicalHost, hostFindings } from '../model/host';
import { knownRecords, knownZones, textsOfZones } from '../model/known';
import { type Finding, locate } from '../model/problem';
import { DEFAULT_TTL_SECONDS, type DnsTargets, placementFindings, recordSets, targetFindings } from '../model/records';
import { type HostedZone, zoneFindings, zoneMembershipFindings } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
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
   * The object's name.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Announces a name through external-dns.
 *
 * Reports DNS-01 no targets, DNS-02 a host name beside others, DNS-03 a target that is neither, DNS-05 the time to live,
 * HOST-01 and HOST-02 the name; with zones also ZONE-01, ZONE-02, ZONE-04, DNS-04 a private address and DNS-07 a CNAME at the apex.
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

    const dns = { targets: props.targets, ttlSeconds: this.ttlSeconds };
    const zones = props.zones ?? [];
    report(this, endpointFindings(this.dnsName, dns, zones));

    const object = new ApiObject(
      this,
      'Resource',
      dnsEndpointManifest({
        namespace: namespaceOf(this),
        name: this.name,
        records: recordSets(this.dnsName, dns),
      }),
    );
    decideLate(object, {
      texts: () => [this.dnsName, ...dns.targets, ...textsOfZones(zones)],
      problems: (reveal) => {
        const known = { ...dns, targets: dns.targets.map(reveal) };
        const host = canonicalHost(reveal(this.dnsName));
        return locate(endpointFindings(host, known, knownZones(zones, reveal)), this.node.path);
      },
      field: { name: 'endpoints', write: knownRecords },
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

import type { DnsTargets } from './records';
import { type HostedZone, isRoute53Id, zoneOf } from './zone';

/**
 * Names of load balancers at AWS (Application and Classic, Network, Global Accelerator) and of CloudFront: Route 53
 * answers for them with addresses of both families, those that they have.
 */
const AT_AWS = [
  /\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?$/,
  /\.elb\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
  /\.(awsglobalaccelerator\.com|cloudfront\.net)$/,
];

/** Whether `name` is one that AWS gave a load balancer or a distribution. */
export function isNameAtAws(name: string): boolean {
  return AT_AWS.some((form) => form.test(name));
}

/** Whether `zone` is known to be one of Route 53: by its id, which no other provider gives in that form. */
export function isRoute53Zone(zone: HostedZone | undefined): boolean {
  return zone?.id !== undefined && isRoute53Id(zone.id);
}

/** Whether `dnsName` is the apex of its zone, where no CNAME can be. */
export function isApex(dnsName: string, zones: readonly HostedZone[]): boolean {
  return zoneOf(dnsName, zones)?.name === dnsName;
}

/**
 * The families of addresses that an ALIAS of `dnsName` to `target`, a host name, answers with; undefined where a CNAME
 * does it, or no ALIAS can be. What steers is of Route 53, whatever is known of its zone.
 */
export function aliasTypes(
  dnsName: string,
  target: string,
  { routing, dualStack }: DnsTargets,
  zones: readonly HostedZone[],
): ('A' | 'AAAA')[] | undefined {
  if (routing === undefined && !isRoute53Zone(zoneOf(dnsName, zones))) return undefined;
  if (isNameAtAws(target)) {
    const isWanted = routing !== undefined || isApex(dnsName, zones);
    return isWanted ? typesOf(dualStack ?? true) : undefined;
  }
  const wanted = isApex(dnsName, zones) || (routing !== undefined && evaluates(routing) !== undefined);
  if (!wanted || !isSameZone(dnsName, target, zones)) return undefined;
  // Route 53 refuses an ALIAS to a record that is not there.
  return typesOf(dualStack ?? false);
}

/** What was said of the target's health; undefined where nothing was, or nothing can be. */
export function evaluates(routing: NonNullable<DnsTargets['routing']>): boolean | undefined {
  return routing.policy === 'multi-value' ? undefined : routing.evaluateTargetHealth;
}

function typesOf(dualStack: boolean): ('A' | 'AAAA')[] {
  return dualStack ? ['A', 'AAAA'] : ['A'];
}

/** Whether the records of both names are in one zone. */
function isSameZone(dnsName: string, target: string, zones: readonly HostedZone[]): boolean {
  const zone = zoneOf(dnsName, zones);
  return zone !== undefined && zoneOf(target, zones)?.name === zone.name;
}

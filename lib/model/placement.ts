import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { aliasTypes, isApex, isRoute53Zone } from './alias';
import type { Finding } from './problem';
import { canonicalTarget, type DnsTargets, recordTypeOf } from './records';
import type { DnsRouting } from './routing';
import { hasToken } from './token';
import { type HostedZone, zoneOf } from './zone';

/**
 * What keeps `dnsName` from pointing there: DNS-04 a private address under a public name, unless its zone is said to be
 * private, DNS-07 a CNAME at the apex of one of `zones`, DNS-24 a primary that nothing says the health of, DNS-29 a
 * target whose health is to be looked at, and which no ALIAS can have.
 */
export function placementFindings(dnsName: string, dns: DnsTargets, zones: readonly HostedZone[]): Finding[] {
  const { targets } = dns;
  const zone = zoneOf(dnsName, zones);
  const findings: Finding[] = [];
  const privateTargets = targets.filter(isPrivateAddress);
  if (privateTargets.length > 0 && (zone ? !mayBePrivate(zone, zones) : zones.length === 0)) {
    findings.push({
      code: 'DNS-04',
      value: privateTargets.join(', '),
      message: `a private address is announced to the public as ${dnsName}`,
      fix: `Give the public address, or say HostedZone.of('${zone?.name ?? 'example.com'}', { private: true })`,
    });
  }
  const name = targets.map(canonicalTarget).find((target) => recordTypeOf(target) === 'CNAME');
  const isAlias = name !== undefined && aliasTypes(dnsName, name, dns, zones) !== undefined;
  // What a late name turns out to be is judged when it is known.
  const isPlain = name !== undefined && !isAlias && !hasToken(name);
  if (isPlain && isApex(dnsName, zones)) findings.push(apexFinding(dnsName, name, zone));
  const { routing } = dns;
  if (routing === undefined || targets.some(hasToken)) return findings;
  return [...findings, ...healthFindings(routing, { dnsName, isAlias, target: name ?? targets[0] ?? '' })];
}

function apexFinding(dnsName: string, target: string, zone: HostedZone | undefined): Finding {
  const isOfRoute53 = isRoute53Zone(zone);
  return {
    code: 'DNS-07',
    value: dnsName,
    message: isOfRoute53
      ? `the apex of a zone cannot be a CNAME to ${target} (RFC 1912, 2.4), nor an ALIAS, which points to a name of the same zone or of a load balancer at AWS`
      : `the apex of a zone cannot be a CNAME to ${target} (RFC 1912, 2.4)`,
    fix: isOfRoute53
      ? 'Give addresses as targets, or announce the name in the zone and point to that'
      : 'Give addresses as targets, serve the host under a name below the apex, or give the zone its id, if it is one of Route 53',
  };
}

/** DNS-24 and DNS-29. */
function healthFindings(
  routing: DnsRouting,
  { dnsName, isAlias, target }: { readonly dnsName: string; readonly isAlias: boolean; readonly target: string },
): Finding[] {
  if (routing.policy === 'multi-value') return [];
  if (routing.evaluateTargetHealth !== undefined && !isAlias) {
    return [
      {
        code: 'DNS-29',
        value: target,
        message: `evaluateTargetHealth makes ${dnsName} an ALIAS, which points to a name of the same zone or of a load balancer at AWS`,
        fix: 'Give healthCheckId in its place, or point to such a name and give zones',
      },
    ];
  }
  const isWatched = routing.healthCheckId !== undefined || (isAlias && routing.evaluateTargetHealth !== false);
  if (routing.policy !== 'failover' || routing.role !== 'primary' || isWatched) return [];
  return [
    {
      code: 'DNS-24',
      value: dnsName,
      message: 'nothing tells Route 53 whether the primary is healthy, so it would never fail over',
      fix: 'Give healthCheckId, or evaluateTargetHealth: true where the target is a name of the zone or of a load balancer at AWS',
    },
  ];
}

/** Whether `zone`, or of zones without a known name any that a name may lie in, is seen inside a private network only. */
function mayBePrivate(zone: HostedZone, zones: readonly HostedZone[]): boolean {
  return hasToken(zone.name) ? zones.some((each) => each.isPrivate && hasToken(each.name)) : zone.isPrivate;
}

/** Networks whose addresses mean nothing elsewhere, in CIDR notation: RFC 1122, 1918, 3927, 4193, 4291, 6598. */
export const PRIVATE_NETWORKS: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::/127', 'fc00::/7', 'fe80::/10'],
];

const PRIVATE = new BlockList();
for (const cidr of PRIVATE_NETWORKS) {
  const [network = '', prefix] = cidr.split('/');
  PRIVATE.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
}

/** Whether `target` is an address that only its own network can reach. */
export function isPrivateAddress(target: string): boolean {
  // The look into the list costs more than the rest of a route's derivation, and few addresses need it.
  if (isIPv4(target)) return /^(?:0|10|100|127|169|172|192)\./.test(target) && PRIVATE.check(target, 'ipv4');
  return isIPv6(target) && PRIVATE.check(target, 'ipv6');
}

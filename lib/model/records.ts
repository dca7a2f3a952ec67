import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { canonicalHost, hostFindings } from './host';
import type { Finding } from './problem';
import { hasToken } from './token';
import { type HostedZone, zoneOf } from './zone';

/** The record types that a set of targets can need. */
export type RecordType = 'A' | 'AAAA' | 'CNAME';

/** One DNS record set, in the spelling of a DNSEndpoint. */
export interface DnsRecord {
  readonly dnsName: string;
  readonly recordType: RecordType;
  readonly recordTTL: number;
  readonly targets: readonly string[];
}

/** Where names point, and for how long resolvers may remember it. */
export interface DnsTargets {
  /** IPv4 and IPv6 addresses (A, AAAA), or one host name (CNAME). */
  readonly targets: readonly string[];
  /** How long resolvers may keep the answer, in seconds, from 1. */
  readonly ttlSeconds: number;
}

/** Resolvers keep a withdrawn address for that long, and a shorter time costs queries. */
export const DEFAULT_TTL_SECONDS = 300;

/**
 * The record sets that announce `dnsName`: IPv4 addresses in an A, IPv6 addresses in an AAAA, a host name in a CNAME.
 * The order of the targets does not matter.
 */
export function recordSets(dnsName: string, { targets, ttlSeconds }: DnsTargets): DnsRecord[] {
  const byType: Record<RecordType, string[]> = { A: [], AAAA: [], CNAME: [] };
  for (const target of [...new Set(targets.map(canonicalTarget))].sort()) byType[recordTypeOf(target)].push(target);
  return (['A', 'AAAA', 'CNAME'] as const)
    .filter((recordType) => byType[recordType].length > 0)
    .map((recordType) => ({ dnsName, recordType, recordTTL: ttlSeconds, targets: byType[recordType] }));
}

/**
 * What keeps `targets` from being announced under any name: DNS-01 none given, DNS-02 a host name beside others,
 * DNS-03 neither address nor host name, DNS-05 a time to live that no server takes.
 */
export function targetFindings({ targets, ttlSeconds }: DnsTargets): Finding[] {
  const names = targets.filter((target) => recordTypeOf(target) === 'CNAME').map(canonicalHost);
  const findings: Finding[] = names
    .filter((name) => name.includes('*') || hostFindings(name).length > 0)
    .map((name) => ({
      code: 'DNS-03',
      value: name,
      message: 'a target is an IP address or a host name',
      fix: 'Write 203.0.113.10, 2001:db8::10 or lb.example.net',
    }));
  if (targets.length === 0) {
    findings.push({
      code: 'DNS-01',
      value: '',
      message: 'no targets',
      fix: 'Give at least one address or one host name',
    });
  }
  if (names.length > 0 && new Set(targets.map(canonicalTarget)).size > 1) {
    findings.push({
      code: 'DNS-02',
      value: targets.join(', '),
      message: 'a host name stands alone as a CNAME (RFC 1034, 3.6.2)',
      fix: names.length === targets.length ? 'Keep one of them' : `Keep either ${names[0]} or the addresses`,
    });
  }
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > 2_147_483_647) {
    findings.push({
      code: 'DNS-05',
      value: String(ttlSeconds),
      message: 'a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8)',
      fix: 'Leave ttlSeconds out for 300',
    });
  }
  return findings;
}

/**
 * What keeps `dnsName` from pointing there: DNS-04 a private address under a public name,
 * unless its zone is said to be private, DNS-07 a CNAME at the apex of one of `zones`.
 */
export function placementFindings(dnsName: string, { targets }: DnsTargets, zones: readonly HostedZone[]): Finding[] {
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
  const alias = targets.find((target) => recordTypeOf(target) === 'CNAME');
  if (alias !== undefined && dnsName === zone?.name) {
    findings.push({
      code: 'DNS-07',
      value: dnsName,
      message: `the apex of a zone cannot be a CNAME to ${alias} (RFC 1912, 2.4)`,
      fix: 'Give addresses as targets, or serve the host under a name below the apex',
    });
  }
  return findings;
}

/** Whether `zone`, or of zones without a known name any that a name may lie in, is seen inside a private network only. */
function mayBePrivate(zone: HostedZone, zones: readonly HostedZone[]): boolean {
  return hasToken(zone.name) ? zones.some((each) => each.isPrivate && hasToken(each.name)) : zone.isPrivate;
}

/** Networks whose addresses mean nothing elsewhere: RFC 1122, 1918, 3927, 4193, 4291, 6598. */
const PRIVATE_NETWORKS = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE_NETWORKS.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE_NETWORKS.addSubnet(network, prefix, 'ipv6');
}

/** Whether `target` is an address that only its own network can reach. */
export function isPrivateAddress(target: string): boolean {
  // The look into the list costs more than the rest of a route's derivation, and few addresses need it.
  if (isIPv4(target)) return /^(?:0|10|100|127|169|172|192)\./.test(target) && PRIVATE_NETWORKS.check(target, 'ipv4');
  return isIPv6(target) && PRIVATE_NETWORKS.check(target, 'ipv6');
}

/** `target` in the one spelling that it is compared and announced in. */
function canonicalTarget(target: string): string {
  return isIPv6(target)
    ? new URL(`http://[${target.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
    : canonicalHost(target);
}

/** The record type that announces `target`. */
export function recordTypeOf(target: string): RecordType {
  if (isIPv4(target)) return 'A';
  // With a zone, as in fe80::1%eth0, it means something on one machine only.
  if (isIPv6(target) && !target.includes('%')) return 'AAAA';
  return 'CNAME';
}

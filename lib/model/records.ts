import { isIPv4, isIPv6 } from 'node:net';
import { aliasTypes, evaluates } from './alias';
import { canonicalHost, hostFindings } from './host';
import type { Finding } from './problem';
import { type DnsRouting, type ProviderSetting, routingFindings, routingSettings, SETTINGS, setting } from './routing';
import { hasToken } from './token';
import type { HostedZone } from './zone';

/** The record types that a set of targets can need. */
export type RecordType = 'A' | 'AAAA' | 'CNAME';

/** One DNS record set, in the spelling of a DNSEndpoint. */
export interface DnsRecord {
  readonly dnsName: string;
  readonly recordType: RecordType;
  readonly recordTTL: number;
  readonly targets: readonly string[];
  /** What tells it from others of its name and type, where Route 53 chooses among several. */
  readonly setIdentifier?: string;
  /** How it is chosen, and whether it is an ALIAS. */
  readonly providerSpecific?: readonly ProviderSetting[];
}

/** What `record` is told from others by, whatever its type. */
export function identityOf({ dnsName, setIdentifier }: DnsRecord): string {
  return setIdentifier === undefined ? dnsName : `${dnsName} ${setIdentifier}`;
}

/** Where names point, and for how long resolvers may remember it. */
export interface DnsTargets {
  /** IPv4 and IPv6 addresses (A, AAAA), or one host name (CNAME). */
  readonly targets: readonly string[];
  /** How long resolvers may keep the answer, in seconds, from 1. */
  readonly ttlSeconds: number;
  /** How the record is chosen among several of the name; undefined where it is the only one. */
  readonly routing?: DnsRouting;
  /** Whether an ALIAS is made for IPv6 as well; undefined for names at AWS only, which have both. */
  readonly dualStack?: boolean;
}

/** Resolvers keep a withdrawn address for that long, and a shorter time costs queries. */
export const DEFAULT_TTL_SECONDS = 300;

/**
 * The record sets that announce `dnsName`: IPv4 addresses in an A, IPv6 addresses in an AAAA, a host name in a CNAME, or
 * in an ALIAS where Route 53 has to have one. The order of the targets does not matter.
 */
export function recordSets(dnsName: string, dns: DnsTargets, zones: readonly HostedZone[] = []): DnsRecord[] {
  const { targets, ttlSeconds: recordTTL, routing } = dns;
  const byType: Record<RecordType, string[]> = { A: [], AAAA: [], CNAME: [] };
  for (const target of [...new Set(targets.map(canonicalTarget))].sort()) byType[recordTypeOf(target)].push(target);
  const sets = (['A', 'AAAA', 'CNAME'] as const)
    .filter((recordType) => byType[recordType].length > 0)
    .map((recordType): DnsRecord => ({ dnsName, recordType, recordTTL, targets: byType[recordType] }));
  const steered = routing === undefined ? sets : sets.flatMap((record) => steer(record, routing));
  return steered.flatMap((record) => aliased(record, dns, zones));
}

/** `record` as one of several; of a multi-value one there is one for each address. */
function steer(record: DnsRecord, routing: DnsRouting): DnsRecord[] {
  const { setIdentifier } = routing;
  if (routing.policy !== 'multi-value') {
    return [{ ...record, setIdentifier, providerSpecific: routingSettings(routing, routing.healthCheckId) }];
  }
  const checks = new Map(Object.entries(routing.healthChecks ?? {}).map(([key, id]) => [canonicalTarget(key), id]));
  return record.targets.map((target) => ({
    ...record,
    targets: [target],
    setIdentifier: `${setIdentifier} ${target}`,
    providerSpecific: routingSettings(routing, checks.get(target)),
  }));
}

/** `record` as an ALIAS, once for each family, where it has to be one. */
export function aliased(record: DnsRecord, dns: DnsTargets, zones: readonly HostedZone[]): DnsRecord[] {
  const [target = ''] = record.targets;
  const types = record.recordType === 'CNAME' ? aliasTypes(record.dnsName, target, dns, zones) : undefined;
  if (types === undefined) return [record];
  const health = dns.routing && evaluates(dns.routing);
  const providerSpecific = [
    setting('alias', 'true'),
    setting('evaluateTargetHealth', String(health ?? true)),
    ...(record.providerSpecific ?? []),
  ];
  return types.map((recordType) => ({ ...record, recordType, providerSpecific }));
}

/** Whether `record` is an ALIAS. */
export function isAlias({ providerSpecific = [] }: DnsRecord): boolean {
  return providerSpecific.some(({ name, value }) => name === SETTINGS.alias && value === 'true');
}

/**
 * What keeps `targets` from being announced under any name: DNS-01 none given, DNS-02 a host name beside others,
 * DNS-03 neither address nor host name, DNS-05 a time to live that no server takes; DNS-25 and DNS-30 what is wrong with
 * how they steer, DNS-27 host names where only addresses can be chosen from.
 */
export function targetFindings({ targets, ttlSeconds, routing }: DnsTargets): Finding[] {
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
  return routing === undefined ? findings : [...findings, ...steeringFindings(targets, routing)];
}

function steeringFindings(targets: readonly string[], routing: DnsRouting): Finding[] {
  const findings = routingFindings(routing);
  if (routing.policy !== 'multi-value' || targets.some(hasToken)) return findings;
  const known = targets.map(canonicalTarget);
  for (const address of Object.keys(routing.healthChecks ?? {})) {
    if (known.includes(canonicalTarget(address))) continue;
    findings.push({
      code: 'DNS-25',
      value: address,
      message: 'a health check is given for an address that is no target',
      fix: `Give one of ${known.join(', ')}, or add it to the targets`,
    });
  }
  const names = known.filter((target) => recordTypeOf(target) === 'CNAME');
  if (names.length > 0) {
    findings.push({
      code: 'DNS-27',
      value: names.join(', '),
      message: 'multi-value records hold addresses, and this is a host name',
      fix: 'Give the addresses, or use DnsRouting.weighted({ weight })',
    });
  }
  return findings;
}

/** `target` in the one spelling that it is compared and announced in. */
export function canonicalTarget(target: string): string {
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

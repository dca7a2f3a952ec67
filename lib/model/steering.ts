import { isPrivateAddress } from './placement';
import type { Problem } from './problem';
import { type DnsRecord, identityOf, isAlias } from './records';
import { SETTINGS } from './routing';
import { hasToken } from './token';
import type { HostedZone } from './zone';

/** Records, and where they are declared. */
export interface PlacedRecords {
  readonly at: string;
  /** What they are written by; routes of one that ask for the same record share it. */
  readonly cluster: object;
  readonly records: readonly DnsRecord[];
  /** Whether they were laid beside those of other routes of the cluster already, so that DNS-06 is said where it holds. */
  readonly arePlanned?: boolean;
}

/** Who writes records of a cluster, and whether it can steer. */
export interface ZoneWriter {
  readonly at: string;
  readonly zones: readonly HostedZone[];
  /** Whether it reads the policies of Route 53. */
  readonly steers: boolean;
}

interface Placed {
  readonly at: string;
  readonly cluster: object;
  readonly arePlanned: boolean;
  readonly record: DnsRecord;
}

/** What records of one name can share only once: by the setting that says it. */
const PLACES = [
  [SETTINGS.failover, 'role'],
  [SETTINGS.region, 'region'],
  [SETTINGS.continent, 'location'],
  [SETTINGS.country, 'location'],
] as const;

/** The settings by which a policy is told. */
const POLICIES: Readonly<Record<string, string>> = {
  [SETTINGS.weight]: 'weighted',
  [SETTINGS.region]: 'latency',
  [SETTINGS.failover]: 'failover',
  [SETTINGS.continent]: 'geolocation',
  [SETTINGS.country]: 'geolocation',
  [SETTINGS.multiValue]: 'multi-value',
};

/**
 * What Route 53 does not take side by side, over all records of an app that have a name in common with one that steers:
 * DNS-20 one that does not steer, DNS-21 two policies, DNS-22 one set identifier twice, DNS-23 one place twice, such as
 * two primaries, DNS-26 two times to live where there can be one, DNS-31 a CNAME beside another type.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 */
export function steeringProblems(placed: readonly PlacedRecords[]): Problem[] {
  const all = placed.flatMap(({ at, cluster, records, arePlanned = false }) =>
    records.map((record) => ({ at, cluster, arePlanned, record })),
  );
  const steered = new Set(all.flatMap(({ record }) => (policyOf(record) === undefined ? [] : record.dnsName)));
  const byName = new Map<string, Placed[]>();
  for (const each of all) {
    const { dnsName } = each.record;
    if (steered.has(dnsName)) byName.set(dnsName, [...(byName.get(dnsName) ?? []), each]);
  }
  return [...byName.values()].flatMap((group) => groupProblems(withoutShared(group)));
}

/** What routes of one cluster ask for alike is one record. */
function withoutShared(group: readonly Placed[]): Placed[] {
  const seen = new Map<object, Set<string>>();
  return group.filter(({ cluster, record }) => {
    const texts = seen.get(cluster) ?? new Set();
    seen.set(cluster, texts);
    const text = JSON.stringify(record);
    return !texts.has(text) && texts.add(text);
  });
}

function groupProblems(group: readonly Placed[]): Problem[] {
  const problems: Problem[] = [];
  for (const [index, next] of group.entries()) {
    // One sentence for each record: what is wrong with it beside the first that it cannot stand beside.
    for (const first of group.slice(0, index)) {
      const problem = conflict(first, next);
      if (problem === undefined) continue;
      problems.push({ at: next.at, value: next.record.dnsName, ...problem });
      break;
    }
  }
  return problems;
}

function conflict(first: Placed, next: Placed): Omit<Problem, 'at' | 'value'> | undefined {
  const [a, b] = [first.record, next.record];
  const policies = [policyOf(a), policyOf(b)];
  const [policy] = policies;
  if (policies.includes(undefined)) {
    if (policies.every((each) => each === undefined)) return undefined;
    return {
      code: 'DNS-20',
      message: `${first.at} announces the name ${spoken(policies[0])}, and this ${spoken(policies[1])}: Route 53 takes one or the other`,
      fix: 'Give both a routing, or the names of their own',
    };
  }
  if (a.recordType !== b.recordType) {
    if (a.recordType !== 'CNAME' && b.recordType !== 'CNAME') return undefined;
    return {
      code: 'DNS-31',
      message: `${first.at} announces the name by ${a.recordType}, and this by ${b.recordType}: a CNAME stands beside no other type (RFC 1034, 3.6.2)`,
      fix: 'Give both host names or both addresses; evaluateTargetHealth: true makes a name of the zone an ALIAS',
    };
  }
  if (policies[0] !== policies[1]) {
    return {
      code: 'DNS-21',
      message: `${first.at} announces the name as ${policies[0]}, and this as ${policies[1]}: all records of a name have one policy`,
      fix: 'Choose one, or give one of them another name and point to that',
    };
  }
  if (identityOf(a) === identityOf(b) && !hasToken(identityOf(a))) {
    if (first.arePlanned && next.arePlanned && first.cluster === next.cluster) return undefined;
    return {
      code: 'DNS-22',
      message: `${first.at} has the same set identifier ${a.setIdentifier}, so that one would overwrite the other`,
      fix: "Give each its own: setIdentifier: 'blue' and 'green'",
    };
  }
  const place = placeOf(a);
  if (place !== undefined && place.text === placeOf(b)?.text) {
    return {
      code: 'DNS-23',
      message: `${first.at} has the same ${place.kind} ${place.text}, and Route 53 takes one of each`,
      fix: `Give them different ones, or another policy`,
    };
  }
  const hasOneTtl = policy === 'weighted' || policy === 'multi-value';
  if (hasOneTtl && !isAlias(a) && !isAlias(b) && a.recordTTL !== b.recordTTL) {
    return {
      code: 'DNS-26',
      message: `${first.at} has a time to live of ${a.recordTTL} s, and this one of ${b.recordTTL} s: all ${policy} records of a name have one`,
      fix: 'Give both the same ttlSeconds',
    };
  }
  return undefined;
}

function spoken(policy: string | undefined): string {
  return policy === undefined ? 'by a record that does not steer' : `by one that does (${policy})`;
}

function policyOf({ providerSpecific = [] }: DnsRecord): string | undefined {
  return providerSpecific.flatMap(({ name }) => POLICIES[name] ?? [])[0];
}

/** What only one record of a name can have: its role, region or location. */
function placeOf({ providerSpecific = [] }: DnsRecord): { readonly kind: string; readonly text: string } | undefined {
  const said = (setting: string) => providerSpecific.find(({ name }) => name === setting)?.value;
  for (const [setting, kind] of PLACES) {
    const value = said(setting);
    if (value === undefined || hasToken(value)) continue;
    return { kind, text: [value, said(SETTINGS.subdivision)].filter(Boolean).join('-') };
  }
  return undefined;
}

/** DNS-28 where a record needs Route 53, and whoever writes its zone writes to something else. */
export function writerProblems(placed: readonly PlacedRecords[], writers: readonly ZoneWriter[]): Problem[] {
  return placed.flatMap(({ at, records }) => {
    const needing = records.filter(({ providerSpecific }) => providerSpecific !== undefined);
    const names = [...new Set(needing.map(({ dnsName }) => dnsName))];
    return names.flatMap((dnsName) => {
      const writing = writers.filter(({ zones }) => zones.some((zone) => zone.contains(dnsName)));
      const [other] = writing;
      if (other === undefined || writing.some(({ steers }) => steers)) return [];
      return [
        {
          code: 'DNS-28',
          at,
          value: dnsName,
          message: `only Route 53 steers and has ALIASes, and ${other.at}, which writes the zone, writes to another provider`,
          fix: 'Use DnsProvider.route53() there, or leave routing out and point to addresses',
        },
      ];
    });
  });
}

/**
 * DNS-32 where a private address would also be seen in public: external-dns writes each record to every private zone that
 * holds its name, and to the closest public one.
 */
export function leakProblems(placed: readonly PlacedRecords[], writers: readonly ZoneWriter[]): Problem[] {
  return placed.flatMap(({ at, records }) =>
    records.flatMap(({ dnsName, targets }) => {
      const target = targets.find(isPrivateAddress);
      if (target === undefined) return [];
      const holding = (writer: ZoneWriter) => writer.zones.filter((zone) => zone.contains(dnsName));
      const writer = writers.find((each) => new Set(holding(each).map(({ isPrivate }) => isPrivate)).size > 1);
      const [open] = writer ? holding(writer).filter(({ isPrivate }) => !isPrivate) : [];
      if (writer === undefined || open === undefined) return [];
      return [
        {
          code: 'DNS-32',
          at,
          value: target,
          message: `${writer.at} writes ${dnsName} to the public zone ${open.name} as well as to the private one`,
          fix: 'Give the private zones to an ExternalDns of their own: that of the public ones then leaves private addresses out',
        },
      ];
    }),
  );
}

/** Whether somebody else among `writers` writes private zones that hold names of `own`, which are all public. */
export function hasPrivateTwins(own: readonly HostedZone[], writers: readonly ZoneWriter[]): boolean {
  if (own.some(({ isPrivate }) => isPrivate)) return false;
  return writers.some(({ zones }) =>
    zones.some((zone) => zone.isPrivate && own.some((each) => each.contains(zone.name) || zone.contains(each.name))),
  );
}

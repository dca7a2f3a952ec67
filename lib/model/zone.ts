import { canonicalHost, hostFindings } from './host';
import type { Finding } from './problem';
import { hasToken } from './token';

/** What is known about a {@link HostedZone} beside its name. */
export interface HostedZoneProps {
  /**
   * The provider's identifier; on Route 53 such as `Z0123456789ABCDEFGHIJ`, without `/hostedzone/`.
   * @default - none: fine for DNS servers, refused where an IAM policy must name the zone; an ALIAS at the apex needs it
   */
  readonly id?: string;
  /**
   * Whether the zone is seen only inside a private network, so that its names may point to private addresses.
   * @default false
   */
  readonly private?: boolean;
}

/** `id` as policies name zones: Route 53 also gives it as a path. */
export function canonicalZoneId(id: string): string {
  return id.replace(/^\/hostedzone\//, '');
}

/** Whether `id` has the form of a Route 53 zone's. */
export function isRoute53Id(id: string): boolean {
  return /^Z[A-Z0-9]{1,31}$/.test(id);
}

/** A DNS zone whose records the edge may write. */
export class HostedZone {
  /**
   * The zone of `name`, such as `example.com`.
   * What cannot be one is reported by the construct that uses the zone: ZONE-02 the name, ZONE-03 an id at Route 53.
   */
  public static of(name: string, props: HostedZoneProps = {}): HostedZone {
    return new HostedZone(canonicalHost(name), props.id && canonicalZoneId(props.id), props.private ?? false);
  }

  private constructor(
    /** The zone's name: ASCII, lower case, without trailing dot. */
    public readonly name: string,
    /** The provider's identifier, if it was given. */
    public readonly id: string | undefined,
    /** Whether the zone is seen only inside a private network. */
    public readonly isPrivate: boolean,
  ) {}

  /** Whether `host` is the zone's apex or lies below it; of a zone or host whose name is not known yet, it may. */
  public contains(host: string): boolean {
    if (hasToken(this.name) || hasToken(host)) return true;
    return host === this.name || host.endsWith(`.${this.name}`);
  }
}

/**
 * The zone that holds `host`: of those that contain it, the one with the longest name.
 * Of a public and a private one of that name it is the public one, whose records everybody sees.
 */
export function zoneOf(host: string, zones: readonly HostedZone[]): HostedZone | undefined {
  return zones
    .filter((zone) => zone.contains(host))
    .reduce<HostedZone | undefined>((best, zone) => (best && !isCloser(zone, best) ? best : zone), undefined);
}

function isCloser(zone: HostedZone, other: HostedZone): boolean {
  if (hasToken(zone.name) !== hasToken(other.name)) return hasToken(other.name);
  if (zone.name.length !== other.name.length) return zone.name.length > other.name.length;
  return other.isPrivate && !zone.isPrivate;
}

/** ZONE-01 for each of `hosts` that lies in none of `zones`; without zones nothing is known and nothing is refused. */
export function zoneMembershipFindings(hosts: readonly string[], zones: readonly HostedZone[]): Finding[] {
  if (zones.length === 0) return [];
  return hosts
    .filter((host) => zoneOf(host, zones) === undefined)
    .map((host) => ({
      code: 'ZONE-01',
      value: host,
      message: `in none of the zones ${zones
        .map(({ name }) => name)
        .sort()
        .join(', ')}`,
      fix: `Add the zone that holds it to zones, or use a name below ${nearest(host, zones)}`,
    }));
}

/** What is wrong with the zones themselves: ZONE-02 no zone name, ZONE-04 one given twice. */
export function zoneFindings(zones: readonly HostedZone[]): Finding[] {
  return zones.flatMap((zone, index) => {
    const { name } = zone;
    const findings: Finding[] = [];
    if (name.startsWith('*') || hostFindings(name).length > 0) {
      findings.push({
        code: 'ZONE-02',
        value: name,
        message: 'not the name of a zone',
        fix: 'Give its apex, such as example.com',
      });
    }
    if (zones.findIndex((other) => other.name === name && other.isPrivate === zone.isPrivate) !== index) {
      findings.push({
        code: 'ZONE-04',
        value: name,
        message: 'the zone is given twice',
        fix: 'Keep the one whose id is right',
      });
    }
    return findings;
  });
}

/** The zone that shares most labels with `host`, from the right; of several, the shortest. */
function nearest(host: string, zones: readonly HostedZone[]): string {
  const labels = host.split('.').reverse();
  const shared = ({ name }: HostedZone) => {
    const own = name.split('.').reverse();
    return own.findIndex((label, index) => label !== labels[index]) >>> 0;
  };
  const sorted = [...zones].sort(
    (a, b) => shared(b) - shared(a) || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  return sorted[0]?.name ?? '';
}

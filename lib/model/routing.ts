import type { Finding } from './problem';
import { isPrintable } from './text';
import { hasToken } from './token';

/** What every record that steers can be told. */
export interface RoutingProps {
  /**
   * What tells this record from the others of its name: 1 to 128 printable characters, and the same for ever, since a
   * record with another one is another record.
   * @default - the path of the `Cluster` that it is declared in; without one it has to be given (DNS-30)
   */
  readonly setIdentifier?: string;
  /**
   * The Route 53 health check that the record depends on, by its id: while it fails, the record is left out of answers.
   * @default - none: the record is always answered with, or an ALIAS by its target's health
   */
  readonly healthCheckId?: string;
  /**
   * Whether an ALIAS is left out of answers while what it points to is unhealthy. Saying either makes the record an
   * ALIAS, which only a name of the same zone, or of a load balancer at AWS, can be the target of (DNS-29).
   * @default - true where the record is an ALIAS anyway: at the apex, and for load balancers at AWS
   */
  readonly evaluateTargetHealth?: boolean;
}

/** A share of the answers. */
export interface WeightedProps extends RoutingProps {
  /** The share, from 0 to 255, of the sum over all records of the name; 0 takes it out, unless all have 0. */
  readonly weight: number;
}

/** An answer for whoever is nearest to a region of AWS. */
export interface LatencyProps extends RoutingProps {
  /** The region, such as `eu-central-1`: where the edge is, or the closest to it. */
  readonly region: string;
}

/** Whose resolvers get an answer. The most specific location wins. */
export type GeoLocation =
  /** A continent: Africa, Antarctica, Asia, Europe, Oceania, North or South America. */
  | { readonly continent: 'AF' | 'AN' | 'AS' | 'EU' | 'OC' | 'NA' | 'SA' }
  /** A country by its code of two letters (ISO 3166), such as `DE`. */
  | { readonly country: string }
  /** A state of the United States by its code of two letters, or a region of Ukraine by its one of two digits. */
  | { readonly country: 'US' | 'UA'; readonly subdivision: string }
  /** Everyone else. Without such a record, who is nowhere else gets no answer. */
  | { readonly default: true };

/** The health checks of multi-value records. */
export interface MultiValueProps extends Pick<RoutingProps, 'setIdentifier'> {
  /**
   * The health check of each address, by its id: `{ '203.0.113.10': '0f1e…' }`. An address without one is always
   * answered with.
   * @default - none: all addresses, up to eight of them at a time
   */
  readonly healthChecks?: Readonly<Record<string, string>>;
}

/** How Route 53 chooses among the records of one name. */
export type DnsRouting =
  | ({ readonly policy: 'weighted' } & WeightedProps)
  | ({ readonly policy: 'latency' } & LatencyProps)
  | ({ readonly policy: 'failover'; readonly role: 'primary' | 'secondary' } & RoutingProps)
  | ({ readonly policy: 'geolocation'; readonly location: GeoLocation } & RoutingProps)
  | ({ readonly policy: 'multi-value' } & MultiValueProps);

/**
 * The policies to choose from. All records of one name have the same one (DNS-21), and each a set identifier of its own.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html
 */
export const DnsRouting = {
  /** A share of the answers: to move from one edge to another by one number. */
  weighted(props: WeightedProps): DnsRouting {
    return { ...props, policy: 'weighted' };
  },

  /** The edge that answers a client fastest, by what AWS measured between networks and regions. */
  latency(props: LatencyProps): DnsRouting {
    return { ...props, policy: 'latency' };
  },

  /** One edge for as long as it is healthy, and the other when it is not. */
  failover(role: 'primary' | 'secondary', props: RoutingProps = {}): DnsRouting {
    return { ...props, policy: 'failover', role };
  },

  /** An edge for each part of the world. */
  geolocation(location: GeoLocation, props: RoutingProps = {}): DnsRouting {
    return { ...props, policy: 'geolocation', location };
  },

  /** A record for each address, of which Route 53 answers with up to eight that are healthy. */
  multiValue(props: MultiValueProps = {}): DnsRouting {
    return { ...props, policy: 'multi-value' };
  },
} as const;

/** A setting of a record that only its provider reads, in the spelling of a DNSEndpoint. */
export interface ProviderSetting {
  readonly name: string;
  readonly value: string;
}

/** What external-dns calls the policies of Route 53. */
export const SETTINGS = {
  weight: 'aws/weight',
  region: 'aws/region',
  failover: 'aws/failover',
  continent: 'aws/geolocation-continent-code',
  country: 'aws/geolocation-country-code',
  subdivision: 'aws/geolocation-subdivision-code',
  multiValue: 'aws/multi-value-answer',
  healthCheck: 'aws/health-check-id',
  evaluateTargetHealth: 'aws/evaluate-target-health',
  alias: 'alias',
} as const;

/**
 * What external-dns is told of a record of `routing`, as it reads it back from Route 53: with another spelling it would
 * see a difference at each look, and write for ever.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/tutorials/aws/#routing-policies
 */
export function routingSettings(routing: DnsRouting, healthCheckId: string | undefined): ProviderSetting[] {
  return [...policySettings(routing), ...(healthCheckId === undefined ? [] : [setting('healthCheck', healthCheckId)])];
}

function policySettings(routing: DnsRouting): ProviderSetting[] {
  switch (routing.policy) {
    case 'weighted':
      return [setting('weight', String(routing.weight))];
    case 'latency':
      return [setting('region', routing.region)];
    case 'failover':
      return [setting('failover', routing.role.toUpperCase())];
    case 'geolocation':
      return locationSettings(routing.location);
    case 'multi-value':
      return [setting('multiValue', '')];
  }
}

function locationSettings(location: GeoLocation): ProviderSetting[] {
  if ('continent' in location) return [setting('continent', location.continent)];
  if ('default' in location) return [setting('country', '*')];
  const country = setting('country', location.country);
  return 'subdivision' in location ? [country, setting('subdivision', location.subdivision)] : [country];
}

/** One setting of a record. */
export function setting(name: keyof typeof SETTINGS, value: string): ProviderSetting {
  return { name: SETTINGS[name], value };
}

/** `routing` with what tells its record from others; `identity` is that of the cluster, if it has one. */
export function identified(routing: DnsRouting, identity: string | undefined): DnsRouting {
  return routing.setIdentifier === undefined ? { ...routing, setIdentifier: identity } : routing;
}

const CONTINENTS = ['AF', 'AN', 'AS', 'EU', 'OC', 'NA', 'SA'];

/** DNS-25 for each value of `routing` that Route 53 would refuse, DNS-30 where nothing tells its record from others. */
export function routingFindings(routing: DnsRouting): Finding[] {
  const { setIdentifier } = routing;
  const findings: Finding[] = [];
  const refuse = (value: string, message: string, fix: string) =>
    findings.push({ code: 'DNS-25', value, message, fix });
  if (setIdentifier === undefined) {
    findings.push({
      code: 'DNS-30',
      value: '',
      message: `nothing tells this ${routing.policy} record from the others of its name`,
      fix: "Give it setIdentifier: 'blue', or declare its cluster: new Cluster(app, 'blue')",
    });
  } else if (!isIdentifier(setIdentifier, routing)) {
    refuse(
      setIdentifier,
      `a set identifier is one line of 1 to ${longestIdentifier(routing)} characters`,
      "Write setIdentifier: 'blue'",
    );
  }
  for (const id of healthChecksOf(routing)) {
    if (hasToken(id) || /^[\w-]{1,64}$/.test(id)) continue;
    refuse(id, 'not the id of a health check', 'Copy it from `aws route53 list-health-checks`');
  }
  if (routing.policy === 'weighted' && !isWeight(routing.weight)) {
    refuse(String(routing.weight), 'a weight is a whole number from 0 to 255', 'Write shares, such as 90 and 10');
  }
  if (routing.policy === 'latency' && !hasToken(routing.region) && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(routing.region)) {
    refuse(routing.region, 'not a region of AWS', "Write region: 'eu-central-1'");
  }
  if (routing.policy === 'failover' && !['primary', 'secondary'].includes(routing.role)) {
    refuse(String(routing.role), 'not a role in a failover', "Write 'primary' or 'secondary'");
  }
  if (routing.policy === 'geolocation' && !isLocation(routing.location)) {
    refuse(
      JSON.stringify(routing.location),
      'not a location that Route 53 knows',
      "Write { continent: 'EU' }, { country: 'DE' }, { country: 'US', subdivision: 'NY' } or { default: true }",
    );
  }
  return findings;
}

/** Of a multi-value record it is followed by the address. */
function longestIdentifier({ policy }: DnsRouting): number {
  return policy === 'multi-value' ? 88 : 128;
}

function isIdentifier(text: string, routing: DnsRouting): boolean {
  return text.trim() !== '' && text.length <= longestIdentifier(routing) && isPrintable(text);
}

function healthChecksOf(routing: DnsRouting): string[] {
  if (routing.policy === 'multi-value') return Object.values(routing.healthChecks ?? {});
  return routing.healthCheckId === undefined ? [] : [routing.healthCheckId];
}

function isWeight(weight: number): boolean {
  return Number.isInteger(weight) && weight >= 0 && weight <= 255;
}

function isLocation(location: GeoLocation): boolean {
  if ('continent' in location) return CONTINENTS.includes(location.continent);
  if ('default' in location) return location.default === true;
  if (!('subdivision' in location)) return /^[A-Z]{2}$/.test(location.country);
  const form = { US: /^[A-Z]{2}$/, UA: /^\d{2}$/ }[location.country];
  return form?.test(location.subdivision) ?? false;
}

import type { Finding } from './problem';

/** How a proxy leaves without dropping a request; all times in seconds. */
export interface DrainTimes {
  /** From the order to stop until SIGTERM: the load balancer stops sending while everything still answers. */
  readonly preStopSeconds: number;
  /** From SIGTERM until requests that are still running are cut. */
  readonly graceSeconds: number;
  /** From the order to stop until the process is killed. */
  readonly terminationSeconds: number;
}

/** What a user may set of {@link DrainTimes}; the rest follows. */
export interface DrainProps {
  /**
   * Seconds between the order to stop and SIGTERM, at least what the load balancer needs to stop sending.
   * @default - what the load balancer needs
   */
  readonly preStopSeconds?: number;
  /**
   * Seconds that requests may still run after SIGTERM, from 1: as long as the longest request that must not be cut.
   * @default - 30 behind a load balancer that takes connections off slowly, up to 60 behind an NLB by ip
   */
  readonly graceSeconds?: number;
}

/** How fast what stands in front forgets an instance: a load balancer, or DNS for nodes that are reached directly. */
export type DrainProfile = 'generic' | 'node-local' | 'nlb-ip' | 'fixed-nodes' | WatchedRecord;

/** A record that loses an instance's address by itself when the instance begins to stop. */
export interface WatchedRecord {
  /** How long resolvers may keep the answer. */
  readonly ttlSeconds: number;
}

/** Traefik gives up this long after its own timers, so the kill must come later than that. */
const GIVE_UP_SECONDS = 10;

/**
 * Per profile: how long new connections still arrive after the order to stop, and the grace that goes with it.
 * - `generic`: endpoints leave kube-proxy within seconds; 15 leave room for a busy control plane.
 * - `node-local`: a node's health check must fail a few times first (externalTrafficPolicy Local, NLB by instance).
 * - `nlb-ip`: deregistration of an NLB target takes two minutes, whatever is set.
 * - `fixed-nodes`: nobody takes the address out of DNS, so that waiting helps only what is on its way.
 *
 * A {@link WatchedRecord} forgets as fast as DNS does.
 */
const PROFILES: Record<Extract<DrainProfile, string>, Needs> = {
  generic: { preStop: 15, grace: 30, slack: 5 },
  'node-local': { preStop: 40, grace: 30, slack: 10 },
  'nlb-ip': { preStop: 150, grace: 60, slack: 10 },
  'fixed-nodes': { preStop: 5, grace: 30, slack: 5 },
};

interface Needs {
  readonly preStop: number;
  readonly grace: number;
  readonly slack: number;
}

/**
 * How long until every server of a zone answers without an address that was taken out of a DNSEndpoint, at most:
 * external-dns looks once a minute, and servers of a zone agree within a further one.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-concepts.html
 */
export const PUBLISHED_SECONDS = 120;

/** Above that, an instance would sleep for more than an hour before it stops. */
const LONGEST_TTL_SECONDS = 3600 - PUBLISHED_SECONDS;

/** The time to live of a record of nodes: each is waited for that long when it leaves, and resolvers ask that often. */
export const NODE_TTL_SECONDS = 60;

/** How long until no client that honours the time to live comes to an address that was taken out of its DNSEndpoint. */
export function forgottenSeconds(ttlSeconds: number): number {
  return PUBLISHED_SECONDS + ttlSeconds;
}

function needsOf(profile: DrainProfile): Needs {
  return typeof profile === 'string'
    ? PROFILES[profile]
    : { preStop: forgottenSeconds(profile.ttlSeconds), grace: 30, slack: 10 };
}

/** The times for `profile`, with what the user set in their place: 15/30/60, 40/30/90 and 150/60/230 untouched. */
export function drainTimes(profile: DrainProfile, props: DrainProps = {}): DrainTimes {
  const { preStop, grace, slack } = needsOf(profile);
  const preStopSeconds = props.preStopSeconds ?? preStop;
  const graceSeconds = props.graceSeconds ?? grace;
  return { preStopSeconds, graceSeconds, terminationSeconds: preStopSeconds + graceSeconds + GIVE_UP_SECONDS + slack };
}

/**
 * DRAIN-01 where clients would still be sent after SIGTERM, DRAIN-02 where a time is no whole number of seconds, DRAIN-03
 * where a record lives so long that its nodes could hardly ever leave.
 */
export function drainFindings(profile: DrainProfile, props: DrainProps): Finding[] {
  const { preStop } = needsOf(profile);
  const findings: Finding[] = Object.entries(props)
    .filter(([, seconds]) => seconds !== undefined && !isTime(seconds))
    .map(([name, seconds]) => ({
      code: 'DRAIN-02',
      value: String(seconds),
      message: `drain.${name} is a whole number of seconds from 1 to 3600`,
      fix: 'Leave it out for what the load balancer needs',
    }));
  const { preStopSeconds } = props;
  if (isTime(preStopSeconds) && preStopSeconds < preStop) {
    findings.push({
      code: 'DRAIN-01',
      value: String(preStopSeconds),
      message: `${nameOf(profile)} still sends new connections for up to ${preStop} s after an instance began to stop`,
      fix: `Set drain.preStopSeconds to ${preStop} or more, or leave it out`,
    });
  }
  if (typeof profile === 'object' && profile.ttlSeconds > LONGEST_TTL_SECONDS) {
    findings.push({
      code: 'DRAIN-03',
      value: String(profile.ttlSeconds),
      message: `resolvers keep an address for so long, and each instance would wait ${preStop} s before it stops`,
      fix: `Leave ttlSeconds out for ${NODE_TTL_SECONDS}`,
    });
  }
  return findings;
}

function nameOf(profile: DrainProfile): string {
  if (profile === 'fixed-nodes') return 'the address of a node';
  return typeof profile === 'string' ? `this load balancer (${profile})` : `DNS (TTL ${profile.ttlSeconds} s)`;
}

function isTime(seconds: number | undefined): seconds is number {
  return seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600;
}

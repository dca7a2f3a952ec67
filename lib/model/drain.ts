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

/** How fast a load balancer forgets an instance. */
export type DrainProfile = 'generic' | 'node-local' | 'nlb-ip';

/** Traefik gives up this long after its own timers, so the kill must come later than that. */
const GIVE_UP_SECONDS = 10;

/**
 * Per profile: how long new connections still arrive after the order to stop, and the grace that goes with it.
 * - `generic`: endpoints leave kube-proxy within seconds; 15 leave room for a busy control plane.
 * - `node-local`: a node's health check must fail a few times first (externalTrafficPolicy Local, NLB by instance).
 * - `nlb-ip`: deregistration of an NLB target takes two minutes, whatever is set.
 */
const PROFILES: Record<DrainProfile, { preStop: number; grace: number; slack: number }> = {
  generic: { preStop: 15, grace: 30, slack: 5 },
  'node-local': { preStop: 40, grace: 30, slack: 10 },
  'nlb-ip': { preStop: 150, grace: 60, slack: 10 },
};

/** The times for `profile`, with what the user set in their place: 15/30/60, 40/30/90 and 150/60/230 untouched. */
export function drainTimes(profile: DrainProfile, props: DrainProps = {}): DrainTimes {
  const { preStop, grace, slack } = PROFILES[profile];
  const preStopSeconds = props.preStopSeconds ?? preStop;
  const graceSeconds = props.graceSeconds ?? grace;
  return { preStopSeconds, graceSeconds, terminationSeconds: preStopSeconds + graceSeconds + GIVE_UP_SECONDS + slack };
}

/** DRAIN-01 where the load balancer would still send after SIGTERM, DRAIN-02 where a time is no whole number of seconds. */
export function drainFindings(profile: DrainProfile, props: DrainProps): Finding[] {
  const { preStop } = PROFILES[profile];
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
      message: `this load balancer (${profile}) still sends new connections for up to ${preStop} s after an instance began to stop`,
      fix: `Set drain.preStopSeconds to ${preStop} or more, or leave it out`,
    });
  }
  return findings;
}

function isTime(seconds: number | undefined): seconds is number {
  return seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600;
}

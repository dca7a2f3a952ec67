import {
  type Check,
  type ExpectedCertificate,
  isTraefikDefault,
  type Observed,
  type SeenCertificate,
  type Served,
} from './check';
import { type Found, found } from './findings';
import { printTime } from './limits';
import { printNode } from './node';

/** What is known of the certificate that all nodes of a host are to serve. */
export interface SameExpectations {
  readonly now: Date;
  /** How long after a certificate was issued nodes may still serve the one before, in milliseconds. */
  readonly grace: number;
  /** The certificates that are to be served, by host. */
  readonly expected: ReadonlyMap<string, readonly ExpectedCertificate[]>;
}

/** A node, and the certificate that all others of a host are compared with. */
export interface Newest {
  readonly certificate: SeenCertificate;
  readonly node: string;
}

/**
 * The certificate that was issued last, of those that name the host, and are trusted where any is; of two of one time
 * that of more nodes.
 */
function newestOf(group: readonly Observed[]): Newest | undefined {
  const counted = new Map<string, Newest & { readonly isTrusted: boolean; count: number }>();
  for (const { check, observation } of group) {
    if (observation.kind !== 'served' || !observation.coversHost || isTraefikDefault(observation.certificate)) continue;
    const { certificate, chainError } = observation;
    const known = counted.get(certificate.fingerprint);
    const isTrusted = chainError === undefined;
    if (known) known.count += 1;
    else counted.set(certificate.fingerprint, { certificate, node: printNode(check.node), isTrusted, count: 1 });
  }
  return [...counted.values()].sort(
    (a, b) =>
      Number(b.isTrusted) - Number(a.isTrusted) ||
      b.certificate.issuedAt.getTime() - a.certificate.issuedAt.getTime() ||
      b.count - a.count ||
      (a.certificate.fingerprint < b.certificate.fingerprint ? -1 : 1),
  )[0];
}

/** The newest certificate of each host. */
export function newestByHost(observed: readonly Observed[]): Map<string, Newest> {
  const hosts = new Map<string, Observed[]>();
  for (const one of observed) {
    const group = hosts.get(one.check.host);
    if (group) group.push(one);
    else hosts.set(one.check.host, [one]);
  }
  const newest = new Map<string, Newest>();
  for (const [host, group] of hosts) {
    const one = newestOf(group);
    if (one) newest.set(host, one);
  }
  return newest;
}

/** The same certificate on all nodes, and where one is known that is to be served, that one. */
export function sameFindings(
  { host }: Check,
  { certificate, coversHost }: Served,
  newest: Newest | undefined,
  { now, grace, expected }: SameExpectations,
): Found[] {
  const wanted = expected.get(host) ?? [];
  const isIn = (issuedAt: Date) => now.getTime() - issuedAt.getTime() < grace;
  const since = (issuedAt: Date) => printTime(Math.max(0, now.getTime() - issuedAt.getTime()));
  const [first] = wanted;
  if (first !== undefined) {
    if (wanted.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) return [];
    return [found(isIn(first.issuedAt) ? 'ok' : 'critical', 'expected', first.source, since(first.issuedAt))];
  }
  // That it is for others is said already.
  if (newest === undefined || !coversHost || newest.certificate.fingerprint === certificate.fingerprint) return [];
  const { issuedAt } = newest.certificate;
  return [found(isIn(issuedAt) ? 'ok' : 'critical', 'differs', newest.node, since(issuedAt))];
}

/** The checks whose nodes do not serve yet what all are to serve. */
export function lagging(observed: readonly Observed[], expected: SameExpectations['expected']): Check[] {
  const newest = newestByHost(observed);
  return observed
    .filter(({ check, observation }) => {
      if (observation.kind !== 'served') return true;
      const wanted = expected.get(check.host) ?? [newest.get(check.host)?.certificate];
      return !wanted.some((one) => one?.fingerprint === observation.certificate.fingerprint);
    })
    .map(({ check }) => check);
}

import { isWildcard } from './host';
import type { Finding } from './problem';
import { hasToken, maybeSame } from './token';
import type { HostedZone } from './zone';

/** What one solver of an issuer answers for. */
export interface SolverScope {
  /** How the CA is convinced: a file under the host's own name, or a TXT record in its zone. */
  readonly challenge: 'http01' | 'dns01';
  /** The zones that it is limited to; absent for every name that no other solver is closer to. */
  readonly zones?: readonly HostedZone[];
  /** The zone that `_acme-challenge` names of its zones are CNAMEs into, where it is not these that it writes to. */
  readonly delegatedTo?: HostedZone;
  /** The class of the Ingress that answers HTTP-01. */
  readonly ingressClass?: string;
}

/** A way to convince the CA, ready to be given to an issuer. */
export interface Solver {
  /** One entry for each zone whose configuration differs. */
  readonly entries: readonly (SolverScope & {
    /** The `http01` or `dns01` part of a cert-manager solver. */
    readonly config: Readonly<Record<string, unknown>>;
  })[];
  /** The ServiceAccount that cert-manager asks tokens for, so that the issuer permits it. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Whether it relies on what the surroundings of cert-manager's pod give, which it grants to ClusterIssuers only. */
  readonly usesAmbientCredentials?: boolean;
  /** What is wrong with it, reported by the issuer that uses it. */
  readonly findings: readonly Finding[];
}

/** One key of a Secret that exists already: credentials are referred to, never written into a program. */
export interface SecretKey {
  readonly secretName: string;
  readonly key: string;
}

/** A cert-manager issuer, as far as routes and certificates must know it. */
export interface Issuer {
  readonly kind: 'ClusterIssuer' | 'Issuer';
  readonly name: string;
  /** Where an `Issuer` lives, and so the only namespace that it serves; absent for a `ClusterIssuer`. */
  readonly namespace?: string;
  /** Whether Let's Encrypt signs, so that its rules are known and held. */
  readonly letsEncrypt: boolean;
  /** The ACME profile that is asked for. */
  readonly profile?: string;
  /** Its solvers; empty where they are not known. */
  readonly solvers: readonly SolverScope[];
}

/**
 * The solver that cert-manager takes for `host`: the one whose zone is the longest that holds it, else one without zones.
 * For a wildcard it passes by HTTP-01, which no CA offers there, unless nothing else fits.
 * Undefined where none fits, or where the issuer's solvers are not known.
 *
 * @see https://cert-manager.io/docs/configuration/acme/#adding-multiple-solver-types
 */
export function solverFor(host: string, { solvers }: Issuer): SolverScope | undefined {
  if (!isWildcard(host)) return closest(host, solvers);
  const name = host.slice(2);
  const dns01 = solvers.filter(({ challenge }) => challenge === 'dns01');
  return closest(name, dns01) ?? closest(name, solvers);
}

function closest(name: string, solvers: readonly SolverScope[]): SolverScope | undefined {
  let best: SolverScope | undefined;
  let bestLength = -1;
  for (const solver of solvers) {
    const lengths = solver.zones?.filter((zone) => zone.contains(name)).map((zone) => zone.name.length) ?? [0];
    const length = Math.max(-1, ...lengths);
    if (length > bestLength) [best, bestLength] = [solver, length];
  }
  return best;
}

/** The zones that all of the issuer's DNS-01 solvers are limited to; empty where one of its solvers has no limit. */
export function zonesOf({ solvers }: Issuer): readonly HostedZone[] {
  return solvers.some(({ zones }) => zones === undefined) ? [] : solvers.flatMap(({ zones }) => zones ?? []);
}

/** The HTTP-01 solvers that `hosts` are certified by. */
export function http01Solvers(hosts: readonly string[], issuer: Issuer): SolverScope[] {
  const solvers = new Set(hosts.map((host) => solverFor(host, issuer)));
  // Whether another solver is closer turns out when its zones are known.
  const isOpen = issuer.solvers.some(({ zones }) => zones?.some(({ name }) => hasToken(name)));
  if (isOpen || hosts.some(hasToken)) for (const solver of issuer.solvers) solvers.add(solver);
  return [...solvers].flatMap((solver) => (solver?.challenge === 'http01' ? solver : []));
}

/** Whether `a` and `b` are one object in the cluster; of one whose name is not known yet, it may be. */
export function isSameIssuer(a: Issuer, b: Issuer): boolean {
  return a.kind === b.kind && maybeSame(a.name, b.name);
}

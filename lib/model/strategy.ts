/**
 * Which certificate serves a route.
 *
 * @see https://letsencrypt.org/docs/rate-limits/
 */
export type CertificateStrategy =
  | {
      readonly kind: 'per-route';
      /** Whether its names may repeat what another certificate's wildcard covers; the exact name is then served. */
      readonly besideWildcard: boolean;
    }
  | { readonly kind: 'wildcard-per-zone' };

/** The strategies to choose from. */
export const CertificateStrategy = {
  /**
   * A certificate for each route, in the route's namespace: the smallest blast radius, and the default.
   * Routes of one namespace that name the same Secret share one certificate.
   */
  perRoute(options: { readonly besideWildcard?: boolean } = {}): CertificateStrategy {
    return { kind: 'per-route', besideWildcard: options.besideWildcard ?? false };
  },

  /**
   * One certificate for each zone, holding the zone and `*.zone`, beside Traefik and served from its default TLSStore:
   * routes of any namespace use it without a Secret of their own, and a thousand routes cost the CA one order.
   * A host deeper than one label gets a certificate of its own. Needs a DNS-01 solver.
   */
  wildcardPerZone(): CertificateStrategy {
    return { kind: 'wildcard-per-zone' };
  },
} as const;

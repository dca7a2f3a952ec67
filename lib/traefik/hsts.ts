import { ApiObject, type Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Finding } from '../model/problem';

/** How long browsers remember that a host speaks HTTPS only. */
export interface HstsProps {
  /**
   * From one second; below half a year scanners complain.
   * @default Duration.days(365)
   */
  readonly maxAge?: Duration;
  /**
   * Whether it holds for every name below as well, also for those that the edge does not serve.
   * @default false
   */
  readonly includeSubdomains?: boolean;
  /**
   * Whether browsers may ship the host in their lists, which takes months to undo. Needs includeSubdomains and a year.
   * @default false
   */
  readonly preload?: boolean;
}

const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * The middleware that says so on every HTTPS answer.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/http/middlewares/headers/
 */
export function hstsMiddleware(
  scope: Construct,
  { name, labels, hsts }: { readonly name: string; readonly labels: Record<string, string>; readonly hsts: HstsProps },
): ApiObject {
  return new ApiObject(scope, 'Hsts', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name, labels },
    spec: {
      headers: hstsHeaders(hsts),
    },
  });
}

/** What its middleware is told, wherever that is declared. */
export function hstsHeaders(hsts: HstsProps) {
  return {
    stsSeconds: maxAgeSeconds(hsts),
    stsIncludeSubdomains: hsts.includeSubdomains,
    stsPreload: hsts.preload,
  };
}

/** HSTS-01 where a list of browsers would refuse what preload promises, HSTS-02 where nothing would be said at all. */
export function hstsFindings({ maxAge, includeSubdomains, preload }: HstsProps): Finding[] {
  const seconds = maxAgeSeconds({ maxAge });
  if (seconds < 1) {
    return [
      {
        code: 'HSTS-02',
        value: `maxAge ${seconds} s`,
        message: 'Traefik leaves the header out for a time of zero',
        fix: 'Set hsts: false for that, or a maxAge from one second',
      },
    ];
  }
  if (!preload || (includeSubdomains && seconds >= YEAR_SECONDS)) return [];
  return [
    {
      code: 'HSTS-01',
      value: `maxAge ${seconds} s, includeSubdomains ${includeSubdomains ?? false}`,
      message: 'preload is taken only with includeSubdomains and a year or more',
      fix: 'Set both, or leave preload out',
    },
  ];
}

/** The header knows whole seconds. */
function maxAgeSeconds({ maxAge }: HstsProps): number {
  return maxAge ? Math.floor(maxAge.toSeconds({ integral: false })) : YEAR_SECONDS;
}

import { locate, type Problem } from './problem';
import { hasToken } from './token';

/** A route, as far as others for the same requests are concerned. */
export interface Rival {
  /** Where it is declared. */
  readonly at: string;
  /** Its Traefik and protocol: routes of different ones do not meet. */
  readonly router: string;
  /** Its rule, as one text for all that mean the same; empty where it could not be read. */
  readonly rule: string;
  readonly entryPoints: readonly string[];
  readonly priority?: number;
  /** What requests pass and reach, as one text for all that are the same. */
  readonly answer: string;
}

/**
 * ROUTE-18 where the requests of a route are those of one before it, and neither comes first: of two routers with one
 * priority, Traefik makes no promise which answers. Routes whose texts are not all known are left out.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/http/routing/rules-and-priority/
 */
export function rivalProblems(rivals: readonly Rival[]): Problem[] {
  const before = new Map<string, Rival[]>();
  return rivals.flatMap((rival) => {
    const { at, router, rule, priority, answer, entryPoints } = rival;
    if (rule === '' || [router, rule, answer, ...entryPoints].some(hasToken)) return [];
    const key = JSON.stringify([router, rule, priority]);
    const others = before.get(key) ?? [];
    before.set(key, [...others, rival]);
    const other = others.find(
      (each) => each.answer !== answer && each.entryPoints.some((entryPoint) => entryPoints.includes(entryPoint)),
    );
    if (other === undefined) return [];
    return locate(
      [
        {
          code: 'ROUTE-18',
          value: rule,
          message: `${other.at === at ? 'another route of it' : other.at} has the same rule with other backends or middlewares, and which of the two answers is left to chance`,
          fix: 'Remove one of them, or give one a higher priority',
        },
      ],
      at,
    );
  });
}

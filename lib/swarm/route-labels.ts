import type { RouteRule } from '../edge/route-rule';

/** A route to a service, as labels tell it. */
export interface LabelledRoute {
  readonly rule: RouteRule;
  readonly port: number;
  readonly scheme?: 'http' | 'https' | 'h2c';
  /** With their providers. */
  readonly middlewares: readonly string[];
  readonly priority?: number;
}

/**
 * The labels that Traefik reads `routes` from. Several ports of one service are several services of Traefik's, named
 * after them.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/other-providers/swarm/
 */
export function routeLabels(
  name: string,
  protocol: 'http' | 'tcp',
  routes: readonly LabelledRoute[],
): Record<string, string> {
  const serviceOf = ({ port, scheme }: LabelledRoute) =>
    [name, port, scheme].filter((part) => part !== undefined).join('-');
  const labels: [string, string][] = [['traefik.enable', 'true']];
  for (const [index, route] of routes.entries()) {
    const router = `traefik.${protocol}.routers.${routes.length === 1 ? name : `${name}_${index}`}`;
    const server = `traefik.${protocol}.services.${serviceOf(route)}.loadbalancer.server`;
    labels.push(
      [`${router}.rule`, route.rule.text],
      [`${router}.entrypoints`, 'websecure'],
      [`${router}.tls`, 'true'],
      [`${router}.service`, serviceOf(route)],
      [`${server}.port`, String(route.port)],
    );
    if (route.scheme !== undefined) labels.push([`${server}.scheme`, route.scheme]);
    if (route.middlewares.length > 0) labels.push([`${router}.middlewares`, route.middlewares.join(',')]);
    if (route.priority !== undefined) labels.push([`${router}.priority`, String(route.priority)]);
  }
  return Object.fromEntries(labels);
}

import type { ApiObject } from 'cdk8s';
import { perCluster } from '../cluster';
import { checkLate } from '../late';
import type { Route } from '../model/derive';
import { locate, type Problem } from '../model/problem';
import { type Rival, rivalProblems } from '../model/rivals';
import { asGiven, type Reveal } from '../model/token';
import { check } from '../report';
import type { BackendRef } from './backend';

/** A route of the app, as far as other objects of the app are concerned. */
export interface DeclaredRoute {
  readonly route: Route;
  /** The TLSOption that its hosts are served with: namespace and name, or `default`. */
  readonly tlsOption: string;
  readonly backends: readonly BackendRef[];
  /** The kind of its middlewares, and the names of those that the app must declare. */
  readonly middlewareKind: string;
  readonly middlewareNames: readonly string[];
  /** Its rules, as far as they may be those of other routes; with `reveal`, when their texts are known. */
  readonly rivals: (reveal: Reveal) => readonly Rival[];
  /** The texts that these depend on. */
  readonly texts: () => readonly string[];
}

/** The routes of a cluster, with the rules about what they refer to. */
export const routesOf = perCluster((cluster) => {
  const routes: DeclaredRoute[] = [];
  const rivals = (reveal: Reveal) => rivalProblems(routes.flatMap((route) => route.rivals(reveal)));
  check(cluster, (objectsOf) => [
    ...tlsOptionProblems(routes),
    ...referenceProblems(objectsOf(cluster), routes),
    ...rivals(asGiven),
  ]);
  checkLate(cluster, { texts: () => routes.flatMap(({ texts }) => texts()), problems: rivals });
  return routes;
});

/** TLS-03 where one host is served with two TLSOptions: Traefik falls back to the default one, client certificates and all. */
function tlsOptionProblems(routes: readonly DeclaredRoute[]): Problem[] {
  const options = new Map<string, { option: string; at: string }>();
  return routes.flatMap(({ route, tlsOption }) =>
    route.hosts.flatMap((host) => {
      const first = options.get(host);
      if (!first) options.set(host, { option: tlsOption, at: route.at });
      if (!first || first.option === tlsOption) return [];
      return locate(
        [
          {
            code: 'TLS-03',
            value: host,
            message: `${first.at} serves the host with TLSOption ${first.option}, and this route with ${tlsOption}: Traefik would use neither`,
            fix: 'Give all routes of the host the same tlsOption',
          },
        ],
        route.at,
      );
    }),
  );
}

/** ROUTE-05 a middleware that the app does not declare, ROUTE-06 a port that a Service of the app does not have. */
function referenceProblems(objects: readonly ApiObject[], routes: readonly DeclaredRoute[]): Problem[] {
  const declared = servicesAndMiddlewares(objects);
  return routes.flatMap(({ route, middlewareKind, middlewareNames, backends }) => {
    const middlewares = middlewareNames
      .filter((name) => !declared.has(`${middlewareKind} ${route.namespace}/${name}`))
      .map((name) => ({
        code: 'ROUTE-05',
        value: name,
        message: `the app declares no ${middlewareKind} ${route.namespace}/${name}, and without it Traefik switches the route off`,
        fix: `Declare it, or write { name: '${name}', declaredElsewhere: true }`,
      }));
    const ports = backends.flatMap(({ name, port }) => {
      const service = declared.get(`Service ${route.namespace}/${name}`);
      const known = service ? portsOf(service) : [];
      if (!service || known === undefined || known.includes(port)) return [];
      return [
        {
          code: 'ROUTE-06',
          value: `${name}:${port}`,
          message: `the Service has ${known.length === 0 ? 'no ports' : `the ports ${known.join(', ')}`}, and not this one`,
          fix: 'Use a port of the Service, by number or name',
        },
      ];
    });
    return locate([...middlewares, ...ports], route.at);
  });
}

/** The Services and Middlewares among `objects` by kind, namespace and name. */
function servicesAndMiddlewares(objects: readonly ApiObject[]): Map<string, ApiObject> {
  return new Map(
    objects
      .filter(({ kind, apiVersion }) => isReferable(`${apiVersion} ${kind}`))
      .map((object) => [`${object.kind} ${object.metadata.namespace}/${object.name}`, object]),
  );
}

function isReferable(kind: string): boolean {
  return ['v1 Service', 'traefik.io/v1alpha1 Middleware', 'traefik.io/v1alpha1 MiddlewareTCP'].includes(kind);
}

/** Its ports by number and name; undefined where it needs none. */
function portsOf(service: ApiObject): (number | string)[] | undefined {
  const { type, ports } = service.toJson().spec ?? {};
  if (type === 'ExternalName') return undefined;
  if (!Array.isArray(ports)) return [];
  return (ports as { port: number; name?: string }[]).flatMap(({ port, name }) =>
    name === undefined ? [port] : [port, name],
  );
}

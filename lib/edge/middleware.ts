import { ApiObject } from 'cdk8s';
import { referenceFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import type { RouterKind } from '../model/rule/matchers';
import { asGiven, maybeSame, type Reveal } from '../model/token';
import { PROTOCOLS } from './protocol';

/**
 * A middleware of the route's namespace: an object of the program, the name of one, or one that is declared elsewhere,
 * which has to be said, because a route with an unknown middleware is silently switched off.
 */
export type MiddlewareRef = ApiObject | string | { readonly name: string; readonly declaredElsewhere: true };

/** The name of the middleware. */
export function middlewareName(middleware: MiddlewareRef): string {
  return typeof middleware === 'string' ? middleware : middleware.name;
}

/** The name that the program itself must declare; undefined where the object was given, or is declared elsewhere. */
export function nameToResolve(middleware: MiddlewareRef): string | undefined {
  return typeof middleware === 'string' ? middleware : undefined;
}

/** ROUTE-04 where it is no middleware of the protocol, or one of another namespace. */
export function middlewareFindings(
  middleware: MiddlewareRef,
  namespace: string,
  protocol: RouterKind = 'http',
  reveal: Reveal = asGiven,
): Finding[] {
  if (!(middleware instanceof ApiObject)) return referenceFindings('middlewares', reveal(middlewareName(middleware)));
  const { kind, name, metadata } = middleware;
  const wanted = PROTOCOLS[protocol].middleware;
  if (kind === wanted && maybeSame(reveal(metadata.namespace ?? ''), reveal(namespace))) return [];
  return [
    {
      code: 'ROUTE-04',
      value: `${kind} ${metadata.namespace}/${name}`,
      message: `a route takes a ${wanted} of its own namespace, ${namespace}`,
      fix: `Declare a ${wanted} in the chart of the route`,
    },
  ];
}

import type { RouterKind } from '../model/rule/matchers';

/** The kinds of Traefik that route a protocol, and that its middlewares have. */
export const PROTOCOLS = {
  http: { route: 'IngressRoute', middleware: 'Middleware' },
  tcp: { route: 'IngressRouteTCP', middleware: 'MiddlewareTCP' },
} as const satisfies Record<RouterKind, { readonly route: string; readonly middleware: string }>;

import type { Finding } from '../model/problem';
import type { RouterKind } from '../model/rule/matchers';
import { asGiven, hasToken, maybeSame, type Reveal } from '../model/token';

/** A Service of cdk8s-plus, of any version: its first port is meant. */
export interface ServiceLike {
  readonly name: string;
  readonly port: number;
  readonly metadata?: { readonly namespace?: string };
}

/** A Service by name, or as an object of the program, and one of its ports. */
export interface ServicePort {
  /** The Service, in the route's namespace. */
  readonly service: string | Pick<ServiceLike, 'name' | 'metadata'>;
  /** Its port, by number from 1 to 65535 or by name. */
  readonly port: number | string;
  /**
   * How Traefik speaks to it.
   * @default - https on port 443 or a port named https, http elsewhere; over TCP what the client sends
   */
  readonly scheme?: 'http' | 'https' | 'h2c';
  /**
   * Its share of the requests beside the other backends of the route, from 0.
   * @default - an equal share
   */
  readonly weight?: number;
}

/** Where a route leads. */
export type Backend = ServiceLike | ServicePort;

/** A backend as an IngressRoute or, without a kind, an IngressRouteTCP names it. */
export interface BackendRef {
  readonly kind?: 'Service';
  readonly name: string;
  readonly port: number | string;
  readonly scheme?: string;
  readonly weight?: number;
}

/** `backend` as a route of `protocol` names it. */
export function backendRef(backend: Backend, protocol: RouterKind = 'http'): BackendRef {
  const kind = protocol === 'http' ? 'Service' : undefined;
  if (!('service' in backend)) return { kind, name: backend.name, port: firstPort(backend) };
  const { service, port, scheme, weight } = backend;
  return { kind, name: typeof service === 'string' ? service : service.name, port, scheme, weight };
}

/** A Service of cdk8s-plus throws where it has none. */
function firstPort(service: ServiceLike): number | string {
  try {
    return service.port;
  } catch {
    return '';
  }
}

/** Where backends stand, and what is known of their texts. */
interface Placed {
  /** That of their route. */
  readonly namespace: string;
  /** @default 'http' */
  readonly protocol?: RouterKind;
  /** @default - as they are given */
  readonly reveal?: Reveal;
}

/** What is wrong with the backends of a route; ROUTE-01 where it has none. */
export function backendListFindings(backends: readonly Backend[], placed: Placed): Finding[] {
  if (backends.length > 0) return backends.flatMap((backend) => backendFindings(backend, placed));
  return [
    {
      code: 'ROUTE-01',
      value: '',
      message: 'a route without a backend leads nowhere',
      fix: "Write backend: { service: 'web', port: 80 }",
    },
  ];
}

/**
 * ROUTE-01 no Service or port, ROUTE-08 a Service of another namespace, which Traefik would not look into, ROUTE-16 a
 * scheme where bytes are passed on as they are.
 */
export function backendFindings(
  backend: Backend,
  { namespace, protocol = 'http', reveal = asGiven }: Placed,
): Finding[] {
  const { name: given, port: through, weight, scheme } = backendRef(backend, protocol);
  const name = reveal(given);
  const port = typeof through === 'string' ? reveal(through) : through;
  const findings = schemeFindings(scheme, protocol);
  const named =
    typeof port === 'string' && (hasToken(port) || /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(port));
  const numbered = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65536;
  if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || !(named || numbered)) {
    findings.push({
      code: 'ROUTE-01',
      value: `${name}:${port}`,
      message: 'not the name of a Service and one of its ports',
      fix: "Write backend: { service: 'web', port: 80 }",
    });
  }
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0)) {
    findings.push({
      code: 'ROUTE-03',
      value: String(weight),
      message: 'a weight is a whole number from 0',
      fix: 'Leave weight out for equal shares',
    });
  }
  const service = 'service' in backend ? backend.service : backend;
  const own = typeof service === 'string' ? undefined : service.metadata?.namespace;
  if (own !== undefined && !maybeSame(reveal(own), reveal(namespace))) {
    findings.push({
      code: 'ROUTE-08',
      value: `${own}/${name}`,
      message: `Traefik looks for the Service in the route's namespace, ${namespace}, and nowhere else`,
      fix: `Declare the route in a chart of namespace ${own}`,
    });
  }
  return findings;
}

/** ROUTE-16 a scheme where bytes are passed on as they are. */
export function schemeFindings(scheme: string | undefined, protocol: RouterKind | undefined): Finding[] {
  if (protocol !== 'tcp' || scheme === undefined) return [];
  return [
    {
      code: 'ROUTE-16',
      value: scheme,
      message: 'over TCP, bytes are passed on as they are, and no scheme is spoken',
      fix: "Leave scheme out, or leave out protocol: 'tcp'",
    },
  ];
}

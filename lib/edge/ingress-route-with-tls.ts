import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { CertManagerIssuer } from '../certificates/cert-manager-issuer';
import { certificateManifest } from '../certificates/certificate-manifest';
import { Cluster } from '../cluster';
import { planOf, type RouteShare } from '../cluster-plan';
import { dnsEndpointManifest } from '../dns/dns-endpoint-manifest';
import { recommendedLabels } from '../labels';
import { decideLate } from '../late';
import { type Derivation, derive, type Integrations, type Route } from '../model/derive';
import { canonicalHost } from '../model/host';
import { http01Solvers, type Issuer, zonesOf } from '../model/issuer';
import {
  knownIntegrations,
  knownNames,
  knownRecords,
  knownRoute,
  knownZones,
  textsOfRequest,
  textsOfTargets,
  textsOfZones,
} from '../model/known';
import { referenceFindings } from '../model/kube-name';
import { type Finding, locate } from '../model/problem';
import { DEFAULT_TTL_SECONDS, type DnsRecord, type DnsTargets } from '../model/records';
import type { Rival } from '../model/rivals';
import { type DnsRouting, identified } from '../model/routing';
import { CertificateStrategy } from '../model/strategy';
import { asGiven, type Reveal } from '../model/token';
import { type HostedZone, zoneFindings } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { report, reportAll } from '../report';
import { requireProps } from '../required';
import { identityOf, steeringOf } from '../steering';
import type { TlsOptionRef } from '../traefik/tls-option';
import type { Traefik } from '../traefik/traefik';
import { applyAfter } from './apply-order';
import { type Backend, backendListFindings, backendRef } from './backend';
import { type MiddlewareRef, middlewareFindings, middlewareName, nameToResolve } from './middleware';
import { PROTOCOLS } from './protocol';
import {
  clusterFindings,
  entryPointFindings,
  hostlessOptionFindings,
  otherTraefikFindings,
  priorityFindings,
  ruleListFindings,
  tlsOptionFindings,
  unknownStore,
  unknownTarget,
  unreadFindings,
  unusedSecretFindings,
} from './route-findings';
import { type RouteMatch, type RouteRule, routeRule } from './route-rule';
import { routesOf } from './routes';
import { serveWildcard } from './wildcards';

/** Which requests go where. */
export type RouteProps = RouteMatch & {
  /** Where they go: a Service, or several that share them. */
  readonly backend: Backend | readonly Backend[];
  /**
   * What they pass on the way, in this order.
   * @default - nothing
   */
  readonly middlewares?: readonly MiddlewareRef[];
  /**
   * Which of two matching routes wins: the higher, from 1.
   * @default - the length of the rule
   */
  readonly priority?: number;
};

/** How the names of a route are announced. */
export interface RouteDnsProps {
  /**
   * Where they point: addresses, or one host name.
   * @default - where Traefik's load balancer is reached, if that is known
   */
  readonly targets?: readonly string[];
  /**
   * How long resolvers may keep the answer, in seconds, from 1.
   * @default 300
   */
  readonly ttlSeconds?: number;
  /**
   * How Route 53 chooses among this edge and others that announce the same names.
   * @default - the names are announced by this edge alone
   */
  readonly routing?: DnsRouting;
  /**
   * Whether an ALIAS, as at the apex of a zone of Route 53, is made for IPv6 too. What it points to has to have an AAAA
   * record then: Route 53 refuses an ALIAS to nothing.
   * @default - true for names of load balancers at AWS, false for names of the zone
   */
  readonly dualStack?: boolean;
}

/** What an {@link IngressRouteWithTls} routes, and who certifies and announces it. */
export interface IngressRouteWithTlsProps {
  /** Who serves it: a `TraefikHA`, or an `ExistingTraefik`. */
  readonly traefik: Traefik;
  /** Who certifies its hosts: a `CertManagerIssuer`, or `CertManagerIssuer.existing('letsencrypt')`. */
  readonly issuer: Issuer;
  /** The routes, one or more. */
  readonly routes: readonly RouteProps[];
  /**
   * What is routed: requests, or whole TLS connections by their server name, ended by Traefik and passed on as they are.
   * Over TCP a `host` is a `HostSNI`, rules hold `HostSNI`, `HostSNIRegexp`, `ALPN` and `ClientIP`, and middlewares are
   * of the kind MiddlewareTCP.
   * @default 'http'
   */
  readonly protocol?: 'http' | 'tcp';
  /**
   * The zones that its hosts may lie in; a host in none is refused.
   * @default - those of the issuer's solvers; where these have none, any
   */
  readonly zones?: readonly HostedZone[];
  /**
   * Which certificate serves it.
   * @default CertificateStrategy.perRoute()
   */
  readonly certificate?: CertificateStrategy;
  /**
   * The Secret of its certificate. Routes of one namespace that name the same share one certificate.
   * @default - the name of the route with `-tls`
   */
  readonly secretName?: string;
  /**
   * Hosts to certify and announce beside those of the rules, which cannot always tell them, as with HostRegexp.
   * @default - none beside those of the rules, without negated ones
   */
  readonly hosts?: readonly string[];
  /**
   * How its hosts are announced; false where that is somebody else's.
   * @default - they point to Traefik's load balancer, for 300 s
   */
  readonly dns?: RouteDnsProps | false;
  /**
   * How TLS is spoken with its clients.
   * @default - as the TLSOption `default` says
   */
  readonly tlsOption?: TlsOptionRef;
  /**
   * The entry points that it is attached to.
   * @default - the first of its Traefik's: websecure
   */
  readonly entryPoints?: readonly string[];
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Routes with everything that HTTPS needs: the certificate of their hosts, and the records that lead to them.
 *
 * Reports RULE-01 to RULE-10 for rules; HOST-01 to HOST-03 for hosts, ZONE-01 to ZONE-04 for zones; CERT-01 to CERT-04,
 * CERT-06, CERT-08, CERT-10 for certificates; DNS-01 to DNS-07 for records, DNS-12 where no target is known; ISSUER-05
 * where HTTP-01 would be answered by another Traefik; TLS-03, TLS-04, TLS-06, TLS-08 for TLS; ROUTE-01 to ROUTE-12,
 * ROUTE-16 and ROUTE-18 for routes, backends, middlewares.
 *
 * @example
 * new IngressRouteWithTls(chart, 'web', {
 *   traefik, issuer,
 *   routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }],
 * });
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/kubernetes/crd/http/ingressroute/
 */
export class IngressRouteWithTls extends Construct {
  public readonly name: string;
  public readonly namespace: string;
  /** The hosts that it is certified and announced for, sorted. */
  public readonly hosts: readonly string[];
  /** The IngressRoute or IngressRouteTCP, to patch what has no property here. */
  public readonly resource: ApiObject;
  /**
   * The Certificate, where the route has one of its own. When the app is synthesized, it gives way to that of the first
   * of the routes that share its Secret.
   */
  public readonly certificate: ApiObject | undefined;
  /** The DNSEndpoint; likewise, it gives way for the names that other routes announce. */
  public readonly endpoint: ApiObject | undefined;
  private readonly certificateNames: string[];
  private readonly records: DnsRecord[];

  public constructor(scope: Construct, id: string, props: IngressRouteWithTlsProps) {
    super(scope, id);
    requireProps(this, props, 'traefik', 'issuer', 'routes');
    this.name = nameOf(this, props.name);
    this.namespace = namespaceOf(this);
    const { issuer } = props;
    const strategy = props.certificate ?? CertificateStrategy.perRoute();
    const zones = props.zones ?? zonesOf(issuer);
    const rules = props.routes.map((route) => routeRule(route, props.protocol));
    this.hosts = hostsOfRules(rules, props.hosts);
    const dns = targetsOf(props, identityOf(this));

    const route = {
      namespace: this.namespace,
      name: this.name,
      at: this.node.path,
      hosts: this.hosts,
      secretName: strategy.kind === 'per-route' ? (props.secretName ?? `${this.name}-tls`) : props.secretName,
    };
    const integrations = {
      zones,
      certificates: { issuer, strategy },
      dns: dns === 'unknown' ? undefined : dns,
    };
    const derivation = derive(route, integrations);
    reportAll(this, derivation.problems);
    report(this, [
      ...ruleListFindings(rules, props.hosts),
      ...propsFindings(this, props, rules),
      ...(dns === 'unknown' && this.hosts.length > 0 ? [unknownTarget(this.hosts)] : []),
      ...unusedSecretFindings(props.secretName, this.hosts.length === 0 || derivation.certificate !== undefined),
      ...this.answerChallenges(derivation, props),
      ...this.serveWildcards(derivation, props),
    ]);

    this.resource = this.ingressRoute(props, rules, derivation);
    const { certificate } = derivation;
    this.certificateNames = [...(certificate?.dnsNames ?? [])];
    this.records = [...derivation.records];
    this.certificate =
      certificate &&
      new ApiObject(
        this,
        'Certificate',
        certificateManifest({ ...certificate, dnsNames: this.certificateNames }, { instance: this.name }),
      );
    this.endpoint =
      this.records.length > 0
        ? new ApiObject(this, 'DnsEndpoint', dnsEndpointManifest({ ...this.identity, records: this.records }))
        : undefined;
    this.applyInOrder(props);
    this.register(props, rules, derivation);
    this.decideLate(props, rules, route, integrations);
  }

  /** Derives the route once more when its texts are known; none of its objects is applied where it is wrong then. */
  private decideLate(
    props: IngressRouteWithTlsProps,
    rules: readonly RouteRule[],
    route: Route,
    integrations: Integrations,
  ): void {
    const { zones, certificates, dns } = integrations;
    const knownRules = (reveal: Reveal) => props.routes.map((each) => routeRule(each, props.protocol, reveal));
    const texts = () => [
      ...textsOfProps(this, props, rules),
      ...textsOfZones(zones),
      ...(dns ? textsOfTargets(dns) : []),
      ...(certificates ? textsOfRequest({ ...this.identity, secretName: '', dnsNames: [], ...certificates }) : []),
    ];
    const derived = (reveal: Reveal) => derive(knownRoute(route, reveal), knownIntegrations(integrations, reveal));
    const rule = {
      texts,
      problems: (reveal: Reveal) => {
        const known = knownRules(reveal);
        const findings = [...ruleListFindings(known, props.hosts), ...propsFindings(this, props, known, reveal)];
        return [...derived(reveal).problems, ...locate(findings, this.node.path)];
      },
    };
    const routes = (written: unknown, reveal: Reveal) => {
      const known = knownRules(reveal);
      // But for what was patched by hand.
      return (written as { readonly match: string }[]).map((each, index) => {
        const isOurs = each.match === rules[index]?.text;
        return isOurs ? { ...each, match: known[index]?.text } : each;
      });
    };
    decideLate(this.resource, { ...rule, field: { name: 'routes', write: routes } });
    if (this.certificate) decideLate(this.certificate, { ...rule, field: { name: 'dnsNames', write: knownNames } });
    if (!this.endpoint) return;
    const write = (written: unknown, reveal: Reveal) => {
      // The name that the load balancer turns out to have needs no record.
      const announced = new Set(derived(reveal).records.map(({ dnsName }) => dnsName));
      const { dns: targets, zones: known } = knownIntegrations(integrations, reveal);
      return knownRecords(written, reveal, targets, known).filter(({ dnsName }) => announced.has(dnsName));
    };
    decideLate(this.endpoint, { ...rule, field: { name: 'endpoints', write } });
  }

  private get identity(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name: this.name };
  }

  private ingressRoute(
    props: IngressRouteWithTlsProps,
    rules: readonly RouteRule[],
    { certificate }: Derivation,
  ): ApiObject {
    const { traefik, tlsOption, protocol = 'http' } = props;
    return new ApiObject(this, 'Resource', {
      apiVersion: 'traefik.io/v1alpha1',
      kind: PROTOCOLS[protocol].route,
      metadata: { ...this.identity, labels: recommendedLabels({ instance: this.name, component: 'route' }) },
      spec: {
        ingressClassName: traefik.ingressClass,
        entryPoints: props.entryPoints ?? traefik.entryPoints.slice(0, 1),
        routes: props.routes.map(({ backend, middlewares, priority }, index) => ({
          kind: protocol === 'http' ? 'Rule' : undefined,
          match: rules[index]?.text,
          priority,
          middlewares: middlewares?.map((middleware) => ({ name: middlewareName(middleware) })),
          services: backendsOf(backend).map((each) => backendRef(each, protocol)),
        })),
        tls: {
          secretName: certificate?.secretName,
          // The default one holds for every route that names none, and is not found under its own name.
          options:
            tlsOption && tlsOption.name !== 'default'
              ? { name: tlsOption.name, namespace: tlsOption.namespace }
              : undefined,
        },
      },
    });
  }

  private serveWildcards({ wildcardZones }: Derivation, { traefik, issuer }: IngressRouteWithTlsProps): Finding[] {
    if (wildcardZones.length === 0) return [];
    const store = traefik.defaultStore();
    return store ? wildcardZones.flatMap((zone) => serveWildcard(store, zone, issuer)) : [unknownStore(wildcardZones)];
  }

  /** Has Traefik let HTTP-01 through where a host needs it. */
  private answerChallenges({ certificate }: Derivation, { issuer, traefik }: IngressRouteWithTlsProps): Finding[] {
    const solvers = http01Solvers(certificate?.dnsNames ?? [], issuer);
    if (solvers.length > 0) traefik.acceptHttp01();
    return otherTraefikFindings(solvers, traefik);
  }

  private applyInOrder({ traefik, issuer }: IngressRouteWithTlsProps): void {
    applyAfter(this.resource, traefik.applyBefore);
    if (issuer instanceof CertManagerIssuer) applyAfter(this.resource, ApiObject.of(issuer));
  }

  private register(props: IngressRouteWithTlsProps, rules: readonly RouteRule[], derivation: Derivation): void {
    const { routes, tlsOption, protocol = 'http' } = props;
    const { records } = derivation;
    steeringOf(this).records.push({ at: this.node.path, cluster: Cluster.of(this), records, arePlanned: true });
    planOf(this).routes.push({ derivation, take: (share) => this.take(share) });
    routesOf(this).push({
      route: derivation.route,
      tlsOption: tlsOption ? `${tlsOption.namespace}/${tlsOption.name}` : 'default',
      backends: routes.flatMap(({ backend }) => backendsOf(backend).map((each) => backendRef(each, protocol))),
      middlewareKind: PROTOCOLS[protocol].middleware,
      middlewareNames: routes.flatMap(({ middlewares = [] }) => middlewares.flatMap((ref) => nameToResolve(ref) ?? [])),
      rivals: (reveal) => rivalsOf(this, props, reveal),
      texts: () => textsOfProps(this, props, rules),
    });
  }

  private take({ certificateNames, records }: RouteShare): void {
    if (certificateNames) replaceAll(this.certificateNames, certificateNames);
    else this.node.tryRemoveChild('Certificate');
    if (records.length > 0) replaceAll(this.records, records);
    else this.node.tryRemoveChild('DnsEndpoint');
  }
}

/** Objects read their lists at synthesis. */
function replaceAll<T>(list: T[], items: readonly T[]): void {
  list.length = 0;
  for (const item of items) list.push(item);
}

function backendsOf(backend: Backend | readonly Backend[]): readonly Backend[] {
  return Array.isArray(backend) ? backend : [backend as Backend];
}

function hostsOfRules(rules: readonly RouteRule[], listed: readonly string[] | undefined): string[] {
  const hosts = [...(listed ?? []).map(canonicalHost), ...rules.flatMap((rule) => rule.hosts)];
  return [...new Set(hosts)].sort();
}

function targetsOf(
  { dns, traefik }: IngressRouteWithTlsProps,
  identity: string | undefined,
): DnsTargets | 'unknown' | undefined {
  if (dns === false) return undefined;
  const targets = dns?.targets ?? traefik.dnsTargets;
  const { ttlSeconds = DEFAULT_TTL_SECONDS, routing, dualStack } = dns ?? {};
  return targets ? { targets, ttlSeconds, dualStack, routing: routing && identified(routing, identity) } : 'unknown';
}

/** The rules of a route, each beside what it leads to. */
function rivalsOf(
  { node, namespace }: IngressRouteWithTls,
  { routes, traefik, entryPoints = traefik.entryPoints.slice(0, 1), protocol = 'http' }: IngressRouteWithTlsProps,
  reveal: Reveal,
): Rival[] {
  // Constructs of one class that read the same namespaces are one Traefik, as far as routes know.
  const router = JSON.stringify([protocol, reveal(traefik.ingressClass), traefik.namespaces?.map(reveal).sort()]);
  return routes.map((route) => {
    const backends = backendsOf(route.backend).map((each) => backendRef(each, protocol));
    const middlewares = (route.middlewares ?? []).map(middlewareName);
    const { canonical: rule } = routeRule(route, protocol, reveal);
    const answer = reveal(JSON.stringify([namespace, backends, middlewares]));
    return { at: node.path, router, rule, entryPoints, priority: route.priority, answer };
  });
}

/** The texts that a route is judged by. */
function textsOfProps(
  { namespace, hosts }: IngressRouteWithTls,
  { routes, traefik, issuer, tlsOption, secretName }: IngressRouteWithTlsProps,
  rules: readonly RouteRule[],
): string[] {
  const backends = routes.flatMap(({ backend }) => backendsOf(backend).map((each) => backendRef(each)));
  const middlewares = routes.flatMap(({ middlewares: given = [] }) => given.map(middlewareName));
  return [
    ...[namespace, ...hosts, ...rules.map(({ text }) => text)],
    ...backends.flatMap(({ name, port }) => [name, String(port)]),
    ...middlewares,
    ...[traefik.ingressClass, ...(traefik.namespaces ?? []), issuer.name, secretName ?? ''],
    ...(tlsOption ? [tlsOption.name, tlsOption.namespace] : []),
  ];
}

function propsFindings(
  construct: IngressRouteWithTls,
  props: IngressRouteWithTlsProps,
  rules: readonly RouteRule[],
  reveal: Reveal = asGiven,
): Finding[] {
  const { namespace } = construct;
  const { routes, traefik, issuer, zones = [], tlsOption, secretName, protocol } = props;
  const reference = (property: string, name: string | undefined) =>
    name === undefined ? [] : referenceFindings(property, reveal(name));
  return [
    ...routes.flatMap(({ backend, middlewares = [], priority }) => [
      ...backendListFindings(backendsOf(backend), { namespace, protocol, reveal }),
      ...middlewares.flatMap((middleware) => middlewareFindings(middleware, namespace, protocol, reveal)),
      ...priorityFindings(priority),
    ]),
    ...unreadFindings(namespace, traefik, reveal),
    ...entryPointFindings(props.entryPoints ?? traefik.entryPoints.slice(0, 1), traefik),
    ...tlsOptionFindings(tlsOption, namespace, reveal),
    ...clusterFindings(construct, { traefik, issuer }),
    ...zoneFindings(knownZones(zones, reveal)),
    ...(tlsOption ? hostlessOptionFindings(rules) : []),
    ...reference('secretName', secretName),
    ...reference('ingressClass', traefik.ingressClass),
    ...reference('issuer', issuer.name),
    ...reference('tlsOption', tlsOption?.name),
  ];
}

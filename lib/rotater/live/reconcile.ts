import { createHash } from 'node:crypto';
import { MANAGED_BY } from '../../labels';
import type { Problem } from '../../model/problem';
import { contains } from '../contains';
import { type DerivedObject, deriveRoutes } from '../derive-routes';
import { type NodeRecord, nodeRecord } from '../node-record';
import { isMeant, type KubeObject, type ReadRoute, readRoute } from '../route-object';
import { serviceTargets } from '../service-targets';
import type { RotaterSettings } from '../settings';
import { identityOf, type LiveObject, type OwnerReference } from './live-object';

/** What there is in the cluster, at one time. */
export interface ClusterView {
  readonly routes: readonly LiveObject[];
  /** The Service that targets come from, if the settings name one and it is there. */
  readonly service: LiveObject | undefined;
  /** The nodes that the settings are about. */
  readonly nodes: readonly LiveObject[];
  /** The EndpointSlices of the Service that the settings name for them. */
  readonly slices: readonly LiveObject[];
  /** All Certificates and DNSEndpoints, whoever made them. */
  readonly objects: readonly LiveObject[];
}

/** An object that is to be as it says here, and nothing else of it. */
export type AppliedObject = DerivedObject & {
  readonly metadata: { readonly ownerReferences: readonly OwnerReference[] };
};

/** What is wrong with a route, to be said where its owner looks. */
export interface RouteProblem {
  /** Undefined where it is no single route's matter. */
  readonly route: LiveObject | undefined;
  readonly problem: Problem;
  /** Whether nothing is wrong, but nothing is derived either. */
  readonly isNotice?: boolean;
}

/** What is to be done so that the cluster is as its routes ask. */
export interface Changes {
  readonly apply: readonly AppliedObject[];
  readonly remove: readonly LiveObject[];
  readonly problems: readonly RouteProblem[];
  /** The route that one of the objects of `apply` is for; undefined for those of whole zones. */
  readonly routeOf: (object: AppliedObject) => LiveObject | undefined;
  /** How many there should be, for those who watch. */
  readonly derived: number;
  readonly routes: number;
  /** How many nodes have the labels, and how many of these are announced; undefined where no record of nodes is kept. */
  readonly nodes: Pick<NodeRecord, 'matching' | 'announced'> | undefined;
}

/** Who is looking: several rotaters, each with settings of its own, may work in one cluster. */
export interface Rotater {
  /** What its objects are marked with; its instances have the same. */
  readonly name: string;
  readonly settings: RotaterSettings;
}

/** Marks an object as a rotater's, by the rotater's name. */
export const ROTATER_ANNOTATION = 'traefik-ha/rotater';

/** The digest of what the rotater last wanted of the object. */
export const DERIVED_ANNOTATION = 'traefik-ha/derived';

/**
 * Compares what the routes of `view` ask for with what is there. Pure: asked twice, it answers the same, and once what
 * it said is done, there is nothing left to do.
 *
 * A route with a problem keeps what it has: nothing is made, changed or removed for it.
 */
export function reconcile(view: ClusterView, rotater: Rotater): Changes {
  const { settings } = rotater;
  const isOurs = (object: LiveObject) => isMarked(object, rotater);
  const routes = new Map<ReadRoute, LiveObject>();
  for (const route of view.routes) {
    const object = route as unknown as KubeObject;
    if (route.metadata.deletionTimestamp !== undefined || !isMeant(object, settings)) continue;
    const at = identityOf(route);
    routes.set(readRoute({ object, at, placeOf: (path) => [at, ...path].join(' ') }), route);
  }
  const targets = targetsOf(view, settings);
  const derived = deriveRoutes([...routes.keys()], settings, targets);
  const byPlace = new Map([...routes].map(([read, route]) => [read.route.at, route]));
  const told = (isNotice: boolean) => (problem: Problem) => {
    const route = byPlace.get(routeOf(problem));
    return route ? [{ route, problem, isNotice }] : [];
  };
  const problems: RouteProblem[] = [
    ...derived.problems.flatMap(told(false)),
    ...derived.notices.flatMap(told(true)),
    ...(targets === undefined ? [noTarget(settings)] : []),
  ];
  const troubled = new Set(derived.problems.map(routeOf));

  const wanted = new Map<string, { readonly object: AppliedObject; readonly route: LiveObject | undefined }>();
  for (const [read, objects] of derived.objects) {
    const route = routes.get(read) as LiveObject;
    for (const object of troubled.has(read.route.at) ? [] : objects)
      wanted.set(identityOf(object), { object: owned(object, rotater, route), route });
  }
  for (const object of derived.wildcards)
    wanted.set(identityOf(object), { object: owned(object, rotater), route: undefined });

  const ofNodes = nodesOf(view, settings);
  problems.push(...(ofNodes?.problems ?? []).map((problem) => ({ route: undefined, problem })));
  if (ofNodes?.endpoint) {
    const object = owned(ofNodes.endpoint, rotater);
    wanted.set(identityOf(object), { object, route: undefined });
  }
  // What cannot be told now stays.
  const isOfNodes = (live: LiveObject) =>
    ofNodes !== undefined && identityOf(live) === identityOf({ kind: 'DNSEndpoint', metadata: ofNodes.home });

  const existing = new Map(view.objects.map((object) => [identityOf(object), object]));
  // What a route with a problem keeps has its Secrets and names until the problem is mended.
  const taken = new Set(
    view.objects
      .filter(
        (live) => isOurs(live) && !wanted.has(identityOf(live)) && ownersOf(live).some((own) => troubled.has(own)),
      )
      .flatMap(claimsOf),
  );
  const apply: AppliedObject[] = [];
  for (const [identity, { object, route }] of wanted) {
    const live = existing.get(identity);
    if (claimsOf(object).some((claim) => taken.has(claim))) continue;
    if (live === undefined || (isOurs(live) && !isAsWanted(live, object))) apply.push(object);
    else if (!isOurs(live) && !contains(live.spec, object.spec)) problems.push(foreign(route, live));
  }
  // A Service that is just being made anew has no address for a while, and must not take all names with it.
  // A certificate of a zone has no owner, and may be of a route whose hosts cannot be read at this time.
  const mayBeOfTroubled = (live: LiveObject) => troubled.size > 0 && ownersOf(live).length === 0;
  const isUndecided = ({ kind }: LiveObject) => kind === 'DNSEndpoint' && targets === undefined;
  const remove = view.objects.filter(
    (live) =>
      isOurs(live) &&
      live.metadata.deletionTimestamp === undefined &&
      !wanted.has(identityOf(live)) &&
      !isOfNodes(live) &&
      !mayBeOfTroubled(live) &&
      !ownersOf(live).some((owner) => troubled.has(owner) || (isUndecided(live) && byPlace.has(owner))),
  );
  return {
    ...{ apply, remove, problems },
    routeOf: (object) => wanted.get(identityOf(object))?.route,
    ...{ derived: wanted.size, routes: routes.size },
    nodes: ofNodes && { matching: ofNodes.matching, announced: ofNodes.announced },
  };
}

/** The record of nodes, and the object that it stands in. */
function nodesOf({ nodes, slices }: ClusterView, { nodes: settings, zones }: RotaterSettings) {
  if (settings === undefined) return undefined;
  const objects = (live: readonly LiveObject[]) => live as unknown as readonly KubeObject[];
  return { ...nodeRecord(objects(nodes), objects(slices), settings, zones), home: settings.endpoint };
}

/** The identity that the place of a problem begins with; what follows says where in the route. */
function routeOf({ at }: Problem): string {
  return at.split(' ').slice(0, 2).join(' ');
}

/** Undefined where they come from a Service that has none at this time. */
function targetsOf({ service }: ClusterView, { dns }: RotaterSettings): readonly string[] | undefined {
  if (dns?.targets.kind !== 'service') return [];
  const targets = service === undefined ? [] : serviceTargets(service as unknown as KubeObject, dns.targets);
  return targets.length > 0 ? targets : undefined;
}

/** `object` as the route's own, so that it goes with the route, and marked as the rotater's. */
function owned(object: DerivedObject, { name }: Rotater, route?: LiveObject): AppliedObject {
  const ownerReferences = route === undefined ? [] : [ownerReference(route)];
  const withOwner = { ...object, metadata: { ...object.metadata, ownerReferences } };
  const digest = createHash('sha256').update(JSON.stringify(withOwner)).digest('hex').slice(0, 16);
  const annotations = { ...object.metadata.annotations, [ROTATER_ANNOTATION]: name, [DERIVED_ANNOTATION]: digest };
  return { ...withOwner, metadata: { ...withOwner.metadata, annotations } } as AppliedObject;
}

function ownerReference({ apiVersion, kind, metadata: { name, uid } }: LiveObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true };
}

/** By label and mark: what constructs, people, or other rotaters made has not both. */
function isMarked({ metadata: { labels, annotations } }: LiveObject, { name }: Rotater): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === MANAGED_BY && annotations?.[ROTATER_ANNOTATION] === name;
}

/** Whether nothing is missing, and nothing is left of what was wanted before. */
export function isAsWanted(live: LiveObject | undefined, wanted: AppliedObject): boolean {
  if (live === undefined) return false;
  const { metadata, spec } = live;
  const { labels, annotations, ownerReferences } = wanted.metadata;
  return (
    contains(metadata.annotations, annotations) &&
    contains(metadata.labels, labels) &&
    ownerReferences.every((own) => metadata.ownerReferences?.some((live) => contains(live, own))) &&
    contains(spec, wanted.spec)
  );
}

function ownersOf({ metadata: { namespace, ownerReferences = [] } }: LiveObject): string[] {
  return ownerReferences.map(({ kind, name }) => `${kind} ${namespace}/${name}`);
}

/** What no two objects may have: the Secret that a Certificate writes, the names that a DNSEndpoint announces. */
function claimsOf({ kind, metadata: { namespace }, spec }: LiveObject | AppliedObject): string[] {
  const { secretName, endpoints } = spec as {
    readonly secretName?: string;
    readonly endpoints?: readonly { readonly dnsName: string }[];
  };
  if (kind === 'Certificate') return [`Secret ${namespace}/${secretName}`];
  return (endpoints ?? []).map(({ dnsName }) => `name ${dnsName}`);
}

/** DNS-12: the Service that names point to has no address, or is not there. */
function noTarget({ dns }: RotaterSettings): RouteProblem {
  const { targets } = dns ?? {};
  const service = targets?.kind === 'service' ? `${targets.namespace}/${targets.name}` : '';
  return {
    route: undefined,
    problem: {
      code: 'DNS-12',
      at: `Service ${service}`,
      value: '',
      message: 'it is not there, or has no address yet; records are neither made nor changed until it has one',
      fix: 'Name the Service of the load balancer in dns.service, and see why it has no address',
    },
  };
}

/** ROUTE-17: the API server refuses what the route needs. */
export function refused(route: LiveObject, identity: string, message: string): RouteProblem {
  return {
    route,
    problem: {
      code: 'ROUTE-17',
      at: identityOf(route),
      value: identity,
      message: `the API server refuses it: ${message.slice(0, 400)}`,
      fix: 'Change the route or the settings so that it is taken; it is tried again once a minute',
    },
  };
}

/** ROUTE-15: the name is taken by what somebody else made. */
function foreign(route: LiveObject | undefined, live: LiveObject): RouteProblem {
  return {
    route,
    problem: {
      code: 'ROUTE-15',
      at: route ? identityOf(route) : identityOf(live),
      value: identityOf(live),
      message: 'somebody else made the object of that name, with another content; it is left alone',
      fix: 'Remove or rename it, or have the route ignored by the annotation traefik-ha/ignore',
    },
  };
}

import type { Problem } from '../model/problem';
import { contains } from './contains';
import { type DerivedObject, type DerivedRoutes, deriveRoutes } from './derive-routes';
import {
  isIgnored,
  isMeant,
  isOldRoute,
  isRoute,
  type KubeObject,
  metadataOf,
  type PlacedObject,
  type ReadRoute,
  readRoute,
  record,
  text,
} from './route-object';
import type { RotaterSettings } from './settings';

/** What the objects of an input lack. */
export interface DerivedInput extends Omit<DerivedRoutes, 'objects'> {
  /** By route, as it stands in the input. */
  readonly objects: ReadonlyMap<PlacedObject, readonly DerivedObject[]>;
}

/** What the routes among `input` need and is not among it: derived once more from what came out, nothing is added. */
export function deriveInput(input: readonly PlacedObject[], settings: RotaterSettings): DerivedInput {
  const routes = new Map<PlacedObject, ReadRoute>();
  for (const placed of input) {
    if (isRoute(placed.object) && isMeant(placed.object, settings)) routes.set(placed, readRoute(placed));
  }
  const derived = deriveRoutes([...routes.values()], settings);
  const present = presentIn(input);
  const problems = [...derived.problems];
  const notices = [...derived.notices, ...oldRoutes(input, settings)];
  const lacking = (objects: readonly DerivedObject[], at: string) =>
    objects.filter((object) => {
      problems.push(...otherWriters(object, present).map((writer) => sameSecret(object, writer, at)));
      const there = present.objects.get(keyOf(object));
      if (there !== undefined && !contains(record(there.object).spec, object.spec)) notices.push(otherContent(there));
      return there === undefined;
    });
  const all = [...derived.objects.values()].flat().concat(derived.wildcards);
  if (all.length === 0 && problems.length === 0 && notices.length === 0) notices.push(...nothing(input));
  return {
    objects: new Map(
      [...routes].map(([placed, read]) => [placed, lacking(derived.objects.get(read) ?? [], read.route.at)]),
    ),
    wildcards: derived.wildcards.flatMap((object) => lacking([object], `Certificate ${object.metadata.name}`)),
    problems,
    notices,
  };
}

/** The objects of an input by what they are, and the Certificates among them by their Secrets. */
interface Present {
  readonly objects: ReadonlyMap<string, PlacedObject>;
  readonly writers: ReadonlyMap<string, readonly PlacedObject[]>;
}

function presentIn(input: readonly PlacedObject[]): Present {
  const writers = new Map<string, PlacedObject[]>();
  for (const placed of input) {
    const secret = secretOf(placed.object);
    if (secret !== undefined) writers.set(secret, [...(writers.get(secret) ?? []), placed]);
  }
  return { objects: new Map(input.map((placed) => [keyOf(placed.object), placed])), writers };
}

/** Its group, kind, namespace and name. */
function keyOf(object: KubeObject | DerivedObject): string {
  const { namespace, name } = metadataOf(object as KubeObject);
  return JSON.stringify([String(object.apiVersion).split('/')[0], object.kind, namespace, name]);
}

/** The Secret that a Certificate writes; undefined for all else. */
function secretOf(object: KubeObject): string | undefined {
  if (object.kind !== 'Certificate' || !String(object.apiVersion).startsWith('cert-manager.io/')) return undefined;
  const secretName = text(record(object.spec).secretName);
  return secretName === undefined ? undefined : `${metadataOf(object).namespace}/${secretName}`;
}

function otherWriters(object: DerivedObject, { writers }: Present): PlacedObject[] {
  const secret = secretOf(object as unknown as KubeObject);
  const all = secret === undefined ? [] : (writers.get(secret) ?? []);
  return all.filter((writer) => keyOf(writer.object) !== keyOf(object)).slice(0, 1);
}

function sameSecret(object: DerivedObject, writer: PlacedObject, at: string): Problem {
  return {
    code: 'CERT-11',
    at,
    value: secretOf(object as unknown as KubeObject) ?? '',
    message: `Certificate ${metadataOf(writer.object).name}, at ${writer.at}, writes the Secret already, and each would undo the other`,
    fix: 'Remove that one, or have the route ignored by the annotation traefik-ha/ignore: certificates',
  };
}

function otherContent({ object, placeOf }: PlacedObject): Problem {
  return {
    code: 'ROUTE-15',
    at: placeOf(['metadata', 'name']),
    value: `${object.kind} ${metadataOf(object).name}`,
    message: 'the object that would be derived is there already, with another content; it is left alone',
    fix: 'Remove or rename it, or have the route ignored by the annotation traefik-ha/ignore',
  };
}

/** ROUTE-19 for routes that Traefik reads no more. */
function oldRoutes(input: readonly PlacedObject[], settings: RotaterSettings): Problem[] {
  return input
    .filter(({ object }) => isOldRoute(object) && isMeant(object, settings))
    .map(({ object, placeOf }) => ({
      code: 'ROUTE-19',
      at: placeOf(['apiVersion']),
      value: String(object.apiVersion),
      message: `Traefik 3 reads no routes of this group, and nothing is derived from ${metadataOf(object).name}`,
      fix: 'Write apiVersion: traefik.io/v1alpha1',
    }));
}

/** ROUTE-20 where there are routes, and nothing comes of any. */
function nothing(input: readonly PlacedObject[]): Problem[] {
  const routes = input.filter(({ object }) => isRoute(object) && !isIgnored(object));
  return routes.slice(0, 1).map(({ placeOf }) => ({
    code: 'ROUTE-20',
    at: placeOf(['metadata', 'name']),
    value: routes.length === 1 ? 'one route' : `${routes.length} routes`,
    message: 'nothing is derived from any route of the input',
    fix: 'Give routes a tls.secretName for Certificates and say --target for DNSEndpoints, and see whether their class, namespace and labels are those of the settings',
  }));
}

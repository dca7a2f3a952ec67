import * as pulumi from '@pulumi/pulumi';
import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { TraefikHaError } from '../index';
import { lateOf, lateRulesOf } from '../late';
import { areTokensIssued, hasToken } from '../model/token';
import { CLUSTER_SCOPED } from '../naming';
import { markApplied } from '../tokens-in-files';
import type { Claims } from './claims';
import { refuseDigests } from './digests';
import { revealedWithin } from './documents';
import { groupOf, KubeObject, type Manifest } from './kube-object';
import { type AppObject, identityOf, inOrder } from './object-order';
import { outputOfText, revealOf } from './outputs';
import { remainsIn } from './remains';
import { judged, RAW_OUTPUT, rawOutput, refusal } from './run-error';
import { writtenRules } from './written-rules';

/** The component that an object is a part of, and how it is created. */
export interface Owner {
  readonly name: string;
  readonly options: pulumi.CustomResourceOptions;
  /** Resources that come before all of its objects. */
  readonly before?: readonly pulumi.Resource[];
}

/** Objects that were created, by the construct that they stand for. */
export type Created = Map<ApiObject, { readonly resource: KubeObject; readonly manifest: Manifest }>;

/** The objects of charts, as cdk8s writes them; throws what is wrong with their app. */
export function objectsOf(charts: readonly Chart[]): AppObject[] {
  // Looks at the whole app, and settles what can be said only when it is complete.
  const constructs = new Set(charts.flatMap((chart) => chart.node.root.node.findAll()));
  for (const chart of charts) markApplied(chart.node.root);
  const invalid = [...constructs].flatMap(({ node }) =>
    node.validate().map((message) => ({
      ...{ code: 'PULUMI-07', at: node.path, value: '', message },
      fix: 'See the construct that says so',
    })),
  );
  if (invalid.length > 0) throw new TraefikHaError(invalid);
  const objects = scoped(
    charts.flatMap((chart) =>
      ownConstructs(chart)
        .filter((construct) => ApiObject.isApiObject(construct))
        .map((object) => ({ object, manifest: manifestOf(object) })),
    ),
  );
  if (areTokensIssued()) refuseDigests(objects);
  return objects;
}

/** Groups whose kinds are known; others may use the same names. */
const OF_KUBERNETES = /^[^.]*$|\.k8s\.io$|^cert-manager\.io$/;

function manifestOf(object: ApiObject): Manifest {
  const { path } = object.node;
  if (RAW_OUTPUT.test(path)) throw refusal(rawOutput(path));
  if (hasToken(path)) {
    throw refusal({
      code: 'PULUMI-06',
      at: path,
      message: 'an id holds an Output, and names are made of ids',
      fix: 'Give the object a name by its props',
    });
  }
  return rendered(object);
}

/** `objects` without the namespace that cdk8s gives to all, where their kind has none: one of Kubernetes, or of the app. */
function scoped(objects: readonly AppObject[]): AppObject[] {
  const defined = new Map(
    objects.flatMap(({ manifest: { kind, spec } }) => {
      if (kind !== 'CustomResourceDefinition') return [];
      const { group, names, scope } = spec as { group: string; names: { kind: string }; scope?: string };
      return [[`${group} ${names.kind}`, scope === 'Cluster'] as const];
    }),
  );
  return objects.map((each) => {
    const { apiVersion, kind, metadata } = each.manifest;
    const group = groupOf(apiVersion);
    const hasNone = defined.get(`${group} ${kind}`) ?? (OF_KUBERNETES.test(group) && CLUSTER_SCOPED.has(kind));
    return hasNone
      ? { ...each, manifest: { ...each.manifest, metadata: { ...metadata, namespace: undefined } } }
      : each;
  });
}

/** The object as cdk8s writes it; PULUMI-05 where an Output was given as it is. */
function rendered(object: ApiObject): Manifest {
  let manifest: Manifest;
  try {
    manifest = object.toJson() as Manifest;
  } catch (error) {
    if (/non-simple object of type '(?:OutputImpl|Promise)'/.test(String(error)))
      throw refusal(rawOutput(object.node.path));
    throw error;
  }
  // What a template literal, or JSON, makes of an Output.
  if (/Calling \[to(?:String|JSON)\] on an \[Output/.test(JSON.stringify(manifest)))
    throw refusal(rawOutput(object.node.path));
  const left = areTokensIssued() ? remainsIn(manifest) : undefined;
  if (left !== undefined) {
    throw refusal({
      code: 'PULUMI-09',
      at: object.node.path,
      value: left,
      message:
        'the text of an Output was cut, changed or encoded on its way, and what is left of it stands for nothing',
      fix: 'Do that to the Output itself, by apply, and give what comes out',
    });
  }
  return manifest;
}

/** Creates `objects` in order, each by what `ownerOf` says, but for those in `created`, and adds them there. */
export function register(
  objects: readonly AppObject[],
  ownerOf: (object: ApiObject) => Owner | undefined,
  { claims, created = new Map() }: { readonly claims: Claims; readonly created?: Created },
): Created {
  const ordered = inOrder(objects)
    .filter(({ object }) => !created.has(object))
    .map((each) => ({ ...each, owner: ownerOf(each.object) ?? refuseOwnerless(each.object) }));
  claims.add(ordered.map(({ object, manifest, owner }) => ({ object, manifest, component: owner.name })));
  for (const { object, manifest, after, owner } of ordered) {
    const needed = after.flatMap((each) => created.get(each.object)?.resource ?? []);
    const late = decided(object, manifest);
    const resource = new KubeObject(nameOf(owner.name, object, manifest), late.manifest, {
      ...owner.options,
      aliases: formerNames(owner.name, manifest),
      dependsOn: joined(owner.options.dependsOn, [...(owner.before ?? []), ...needed], late.verdict),
    });
    created.set(object, { resource, manifest });
  }
  return created;
}

function refuseOwnerless(object: ApiObject): never {
  throw refusal({
    code: 'PULUMI-10',
    at: object.node.path,
    message: 'an object that is part of no component would not be created',
    fix: 'Declare it below the construct of a component, or apply its app with SynthesizedApp',
  });
}

/**
 * `manifest` with the field that depends on values rather than repeats them, and what it waits for: the judgement of
 * the rules that could not be asked before.
 */
function decided(object: ApiObject, manifest: Manifest): { manifest: Manifest; verdict?: pulumi.Output<never[]> } {
  const late = areTokensIssued() ? (lateOf(object) ?? writtenRules({ object, manifest })) : undefined;
  const spec = manifest.spec as Readonly<Record<string, unknown>> | undefined;
  const written = late?.field && spec?.[late.field.name];
  const reveal = late && revealOf([...late.texts(), JSON.stringify(written ?? '')]);
  if (!reveal) return { manifest };
  const verdict = judged(reveal, late.problems).apply((): never[] => []);
  const { field } = late;
  if (!field || !hasToken(JSON.stringify(written ?? ''))) return { manifest, verdict };
  const value = reveal.apply((known) => revealedWithin(field.write(written, known), known));
  return { manifest: { ...manifest, spec: { ...spec, [field.name]: value } }, verdict };
}

/** Judges the apps of `charts` as a whole, when what their tokens stand for is known. */
export function judgeLate(charts: readonly Chart[]): void {
  if (!areTokensIssued()) return;
  for (const app of new Set(charts.map((chart) => chart.node.root))) {
    for (const { texts, problems } of lateRulesOf(app)) {
      const reveal = revealOf(texts());
      if (reveal) judged(reveal, problems);
    }
  }
}

/** By what the object is in its cluster, so that it keeps its URN wherever it is declared. */
function nameOf(component: string, object: ApiObject, { kind, metadata }: Manifest): string {
  const { namespace, name } = metadata;
  if (![namespace ?? '', name].some(hasToken)) return `${component}/${identityOf(kind, namespace, name)}`;
  // Where it is declared tells it from others until its name is known; charts of late namespaces have no ids of their own.
  return `${component}/${kind}/${object.node.path.replace(/^namespace-\d+\//, '')}`;
}

/** What an object whose name or namespace is an Output was called while they were plain texts. */
function formerNames(
  component: string,
  { kind, metadata: { namespace, name } }: Manifest,
): pulumi.Input<pulumi.Alias>[] {
  const former = `${component}/${identityOf(kind, namespace, name)}`;
  if (!hasToken(former)) return [];
  // Pulumi takes no alias that is unknown: in such a preview there is none.
  const late = outputOfText(former) as pulumi.Output<string> & { readonly isKnown?: Promise<boolean> };
  const alias = Promise.resolve(late.isKnown).then((isKnown) => (isKnown ? { name: late } : {}));
  return [pulumi.output(alias) as pulumi.Output<pulumi.Alias>];
}

function joined(
  given: pulumi.ResourceOptions['dependsOn'],
  own: readonly pulumi.Resource[],
  verdict: pulumi.Output<never[]> | undefined,
): pulumi.ResourceOptions['dependsOn'] {
  const all = given === undefined ? [...own] : together(given, own);
  // Of no resource, but it is waited for; in a preview it may stay open.
  return verdict === undefined ? all : ([all, verdict] as unknown as pulumi.Input<pulumi.Resource>[]);
}

function together(given: NonNullable<pulumi.ResourceOptions['dependsOn']>, own: readonly pulumi.Resource[]) {
  const list = pulumi.output(given).apply((one) => (Array.isArray(one) ? one : [one]) as pulumi.Resource[]);
  return list.apply((resources) => [...resources, ...own]);
}

/** Without those of charts within it, which are charts of their own. */
function ownConstructs(chart: Chart): IConstruct[] {
  return chart.node.findAll().filter((construct) => nearestChart(construct) === chart);
}

function nearestChart(construct: IConstruct): IConstruct | undefined {
  return [...construct.node.scopes].reverse().find((scope) => Chart.isChart(scope));
}

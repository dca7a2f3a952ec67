import * as pulumi from '@pulumi/pulumi';
import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { TraefikHaError } from '../index';
import { hasToken } from '../model/token';
import { CLUSTER_SCOPED } from '../naming';
import { markApplied } from '../tokens-in-files';
import { KubeObject, type Manifest } from './kube-object';
import { type AppObject, identity, inOrder } from './object-order';
import { refusal } from './run-error';

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
  return charts.flatMap((chart) =>
    ownConstructs(chart)
      .filter((construct) => ApiObject.isApiObject(construct))
      .map((object) => ({ object, manifest: manifestOf(object) })),
  );
}

/** cdk8s gives every object its chart's namespace, also those that can have none. */
function manifestOf(object: ApiObject): Manifest {
  const { path } = object.node;
  if (hasToken(path)) {
    throw refusal({
      code: 'PULUMI-06',
      at: path,
      message: 'an id holds an Output, and names are made of ids',
      fix: 'Give the object a name by its props',
    });
  }
  const manifest = rendered(object);
  if (!CLUSTER_SCOPED.has(manifest.kind)) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace: undefined } };
}

/** The object as cdk8s writes it; PULUMI-05 where an Output was given as it is. */
function rendered(object: ApiObject): Manifest {
  let manifest: Manifest;
  try {
    manifest = object.toJson() as Manifest;
  } catch (error) {
    if (/non-simple object of type 'OutputImpl'/.test(String(error))) throw rawOutput(object);
    throw error;
  }
  // What a template literal makes of an Output.
  if (JSON.stringify(manifest).includes('Calling [toString] on an [Output')) throw rawOutput(object);
  return manifest;
}

function rawOutput({ node: { path } }: ApiObject): Error {
  return refusal({
    code: 'PULUMI-05',
    at: path,
    message: 'an Output stands where cdk8s takes texts',
    fix: 'Write text(output), also within a longer text',
  });
}

/** Creates `objects` in order, each by what `ownerOf` says, but for those in `created`, and adds them there. */
export function register(
  objects: readonly AppObject[],
  ownerOf: (object: ApiObject) => Owner | undefined,
  created: Created = new Map(),
): Created {
  for (const { object, manifest, after } of inOrder(objects)) {
    const owner = ownerOf(object);
    if (owner === undefined || created.has(object)) continue;
    const needed = after.flatMap((each) => created.get(each.object)?.resource ?? []);
    const resource = new KubeObject(nameOf(owner.name, object, manifest), manifest, {
      ...owner.options,
      dependsOn: joined(owner.options.dependsOn, [...(owner.before ?? []), ...needed]),
    });
    created.set(object, { resource, manifest });
  }
  return created;
}

/** By what the object is in its cluster, so that it keeps its URN wherever it is declared. */
function nameOf(component: string, object: ApiObject, { kind, metadata }: Manifest): string {
  const { namespace, name } = metadata;
  const known = namespace === undefined || hasToken(namespace) ? undefined : namespace;
  return `${component}/${identity(kind, known, hasToken(name) ? object.node.id : name)}`;
}

function joined(given: pulumi.ResourceOptions['dependsOn'], own: readonly pulumi.Resource[]) {
  if (given === undefined) return [...own];
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

import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { groupOf, type Manifest } from './kube-object';
import { refusal } from './run-error';
import { waitForWebhook, webhooksOf } from './webhooks';

/** An object of an app, and what it becomes. */
export interface AppObject {
  readonly object: ApiObject;
  readonly manifest: Manifest;
}

/** An object, and those that must be there first. */
export interface OrderedObject extends AppObject {
  readonly after: readonly AppObject[];
}

/**
 * `objects` in an order in which each comes after what it needs: its namespace, its kind, the accounts with their
 * permissions, settings and Secrets that its pods name, what has a say in its group, and what the app itself says.
 *
 * Throws PULUMI-02 where they wait for one another in a circle.
 */
export function inOrder(objects: readonly AppObject[]): OrderedObject[] {
  const index = new Needed(objects);
  const after = new Map(objects.map((each) => [each, [...index.of(each)].filter((needed) => needed !== each)]));
  for (const webhook of webhooksOf(objects)) waitForWebhook(webhook, after);
  const ordered: OrderedObject[] = [];
  const state = new Map<AppObject, 'open' | 'done'>();
  const visit = (each: AppObject, path: readonly AppObject[]) => {
    if (state.get(each) === 'done') return;
    if (state.get(each) === 'open') throw circle([...path.slice(path.indexOf(each)), each]);
    state.set(each, 'open');
    const needed = [...new Set(after.get(each))];
    for (const one of needed) visit(one, [...path, each]);
    state.set(each, 'done');
    ordered.push({ ...each, after: needed });
  };
  for (const each of objects) visit(each, []);
  return ordered;
}

function circle(path: readonly AppObject[]): Error {
  const paths = path.map(({ object }) => object.node.path);
  return refusal({
    code: 'PULUMI-02',
    at: paths[0] ?? '',
    message: `objects wait for one another in a circle: ${paths.join(' → ')}`,
    fix: 'Take one of the dependencies away',
  });
}

/** What each object of an app needs, found by name. */
class Needed {
  private readonly byIdentity = new Map<string, AppObject>();
  private readonly definitions = new Map<string, AppObject>();
  private readonly bindings = new Map<string, AppObject[]>();
  private readonly byConstruct = new Map<IConstruct, AppObject>();

  public constructor(objects: readonly AppObject[]) {
    for (const each of objects) {
      const { kind, metadata } = each.manifest;
      this.byConstruct.set(each.object, each);
      this.byIdentity.set(identity(each.manifest), each);
      if (kind === 'CustomResourceDefinition') {
        const { group, names } = each.manifest.spec as { group: string; names: { kind: string } };
        this.definitions.set(`${group} ${names.kind}`, each);
      }
      for (const { kind: who, namespace, name } of subjectsOf(each.manifest)) {
        const key = identityOf(who, namespace ?? metadata.namespace, name);
        this.bindings.set(key, [...(this.bindings.get(key) ?? []), each]);
      }
    }
  }

  public *of({ object, manifest }: AppObject): Iterable<AppObject> {
    const { kind, metadata, apiVersion } = manifest;
    const found = (wanted: string, namespace: string | undefined, name: string) => {
      const known = this.byIdentity.get(identityOf(wanted, namespace, name));
      return known ? [known] : [];
    };
    if (metadata.namespace !== undefined) yield* found('Namespace', undefined, metadata.namespace);
    const definition = this.definitions.get(`${groupOf(apiVersion)} ${kind}`);
    if (definition) yield definition;
    const { roleRef } = manifest as { readonly roleRef?: { readonly kind: string; readonly name: string } };
    if (roleRef) {
      const namespace = roleRef.kind === 'Role' ? metadata.namespace : undefined;
      yield* found(`${roleRef.kind}.rbac.authorization.k8s.io`, namespace, roleRef.name);
    }
    for (const subject of subjectsOf(manifest)) {
      yield* found(subject.kind, subject.namespace ?? metadata.namespace, subject.name);
    }
    for (const [wanted, name] of namedByPods(manifest)) {
      yield* found(wanted, metadata.namespace, name);
      if (wanted === 'ServiceAccount') yield* this.bindings.get(identityOf(wanted, metadata.namespace, name)) ?? [];
    }
    // Dependencies of cdk8s are between constructs: all objects of the one come first.
    for (let scope: IConstruct | undefined = object; scope !== undefined; scope = scope.node.scope) {
      for (const dependency of scope.node.dependencies) {
        for (const construct of dependency.node.findAll()) {
          const known = this.byConstruct.get(construct);
          if (known && !isWithin(object, dependency)) yield known;
        }
      }
    }
  }
}

function isWithin(object: IConstruct, scope: IConstruct): boolean {
  return object.node.scopes.includes(scope);
}

/** Kind with its group, namespace and name: one object of a cluster has them. */
export function identity({ apiVersion, kind, metadata: { namespace, name } }: Manifest): string {
  const group = groupOf(apiVersion);
  return identityOf(group === '' ? kind : `${kind}.${group}`, namespace, name);
}

/** Kind, namespace and name, as far as there are any. */
export function identityOf(kind: string, namespace: string | undefined, name: string): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/');
}

function subjectsOf(manifest: Manifest) {
  const { subjects } = manifest as {
    readonly subjects?: readonly { kind: string; namespace?: string; name: string }[];
  };
  return subjects ?? [];
}

/** The kinds and names of what pods of a workload use: their account, and what is mounted or read. */
function* namedByPods({ kind, spec }: Manifest & { readonly spec?: PodSpecs }): Iterable<readonly [string, string]> {
  yield* named(kind === 'Pod' ? spec : (spec?.jobTemplate?.spec ?? spec)?.template?.spec);
}

/** Where workloads have the spec of their pods. */
interface PodSpecs {
  readonly template?: { readonly spec?: unknown };
  readonly jobTemplate?: { readonly spec?: PodSpecs };
}

const REFERENCES: Readonly<Record<string, readonly [kind: string, ...fields: string[]]>> = {
  configMap: ['ConfigMap', 'name'],
  configMapRef: ['ConfigMap', 'name'],
  configMapKeyRef: ['ConfigMap', 'name'],
  // Of a volume, and of one of several sources.
  secret: ['Secret', 'secretName', 'name'],
  secretRef: ['Secret', 'name'],
  secretKeyRef: ['Secret', 'name'],
};

function* named(value: unknown): Iterable<readonly [kind: string, name: string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    const [kind, ...fields] = REFERENCES[key] ?? [];
    if (key === 'serviceAccountName' && typeof part === 'string') yield ['ServiceAccount', part];
    if (key === 'imagePullSecrets') for (const { name } of part as { name: string }[]) yield ['Secret', name];
    for (const field of fields) {
      const name = (part as Record<string, unknown> | null)?.[field];
      if (kind !== undefined && typeof name === 'string') yield [kind, name];
    }
    yield* named(part);
  }
}

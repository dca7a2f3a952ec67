import { type ApiObject, Chart, Lazy } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { perCluster } from './cluster';
import { checkLate } from './late';
import { isLabel } from './model/kube-name';
import type { Problem } from './model/problem';
import { asGiven, hasToken, type Reveal } from './model/token';
import { check, report } from './report';

/**
 * The name of the object that `construct` stands for: `given`, else its ids below the chart, joined by hyphens.
 * There is no hash in it, so that it stays when the library's inside changes.
 *
 * Reports NAME-02 where that is no DNS label, the narrowest form that Kubernetes asks for.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export function nameOf(construct: IConstruct, given?: string): string {
  uniqueNames(construct);
  const name = given ?? pathBelowChart(construct).join('-');
  if (isLabel(name)) return name;
  report(construct, [
    {
      code: 'NAME-02',
      value: name,
      message: 'not a name that Kubernetes takes',
      fix:
        given === undefined
          ? 'Use lower-case letters, digits and hyphens in the ids, 63 characters at most in all, or give name'
          : 'Use lower-case letters, digits and hyphens, 63 characters at most',
    },
  ]);
  // Several of them must not look like duplicates of one another.
  return `unnamed-${unnamed(construct).push(construct)}`;
}

/** Constructs without a usable name; nothing of them is written. */
const unnamed = perCluster((): IConstruct[] => []);

/**
 * The namespace that objects of `construct` go to: its chart's.
 * Reports NAME-03 where the chart has none, since certificates, Secrets and routes find one another by it.
 */
export function namespaceOf(construct: IConstruct): string {
  const { namespace } = Chart.of(construct);
  if (namespace !== undefined && isLabel(namespace)) return namespace;
  report(construct, [
    {
      code: 'NAME-03',
      value: namespace ?? '',
      message: `chart ${Chart.of(construct).node.path} has no namespace that Kubernetes takes, and Secrets are found by it`,
      fix: "Write new Chart(app, 'edge', { namespace: 'edge' })",
    },
  ]);
  return 'default';
}

/**
 * The namespace of objects that have none. cdk8s would give them their chart's, and what is cluster-wide should say so;
 * undefined is what it falls back from, so this turns into nothing at synthesis only.
 */
export const NO_NAMESPACE = Lazy.any({ produce: () => undefined }) as string;

/**
 * Makes NAME-01 of every object whose kind, namespace and name another object of the cluster has as well, or turns out to
 * have when it is known.
 */
export const uniqueNames = perCluster((cluster) => {
  let objects: readonly ApiObject[] = [];
  check(cluster, (objectsOf) => {
    objects = objectsOf(cluster);
    return duplicateNames(objects);
  });
  checkLate(cluster, {
    texts: () => objects.flatMap((object) => [object.name, namespaceIn(object)]),
    problems: (reveal) => duplicateNames(objects, reveal),
  });
  return true;
});

/** Kinds whose objects have no namespace, also where cdk8s wrote their chart's. */
export const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  ...['ClusterIssuer', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass', 'Namespace', 'GatewayClass'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'CustomResourceDefinition', 'APIService'],
  ...['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding', 'ClusterTrustBundle', 'CertificateSigningRequest'],
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'PriorityClass', 'RuntimeClass'],
  ...['PersistentVolume', 'StorageClass', 'VolumeAttributesClass', 'VolumeAttachment', 'CSIDriver', 'CSINode'],
  ...['FlowSchema', 'PriorityLevelConfiguration'],
]);

function duplicateNames(objects: readonly ApiObject[], reveal: Reveal = asGiven): Problem[] {
  const seen = new Map<string, ApiObject>();
  const problems: Problem[] = [];
  for (const object of objects) {
    const { apiGroup, kind } = object;
    const name = reveal(object.name);
    const namespace = reveal(namespaceIn(object));
    const identity = `${apiGroup}/${kind}/${namespace}/${name}`;
    const first = seen.get(identity);
    if (first === undefined || !isPart(first)) seen.set(identity, object);
    else if (isPart(object)) {
      problems.push({
        code: 'NAME-01',
        at: object.node.path,
        value: `${kind} ${[namespace, name].filter(Boolean).join('/')}`,
        message: `${first.node.path} makes the same object, and the one applied last would win`,
        fix: 'Give one of them another id, name or namespace, or put them into two Cluster scopes',
      });
    }
  }
  return problems;
}

/** The namespace of `object`; empty where it has none, whatever cdk8s says. */
function namespaceIn({ kind, metadata: { namespace } }: ApiObject): string {
  return CLUSTER_SCOPED.has(kind) || typeof namespace !== 'string' ? '' : namespace;
}

/** Whether `object` was not left out when the app was settled. */
function isPart(object: ApiObject): boolean {
  return object.node.scope?.node.tryFindChild(object.node.id) === object;
}

/** An id for what `text`, one of several, is for: ids are plain, so that one which is not known yet is told by its place. */
export function idFor(text: string, place: number): string {
  return hasToken(text) ? `late-${place + 1}` : text;
}

function pathBelowChart(construct: IConstruct): string[] {
  const ids: string[] = [];
  for (let scope = construct; scope.node.scope !== undefined && !Chart.isChart(scope); scope = scope.node.scope) {
    ids.unshift(scope.node.id);
  }
  return ids;
}

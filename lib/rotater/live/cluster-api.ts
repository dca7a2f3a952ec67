import { createHash } from 'node:crypto';
import type { KubeConfig, KubernetesObject, KubernetesObjectApi, ListWatch } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import { printProblem } from '../../model/problem';
import type { LiveObject } from './live-object';
import type { AppliedObject, RouteProblem } from './reconcile';

/** Who writes, as the API server keeps it for each field. */
const FIELD_MANAGER = 'traefik-ha-rotater';

/** Objects of one kind: all of a cluster, those of a namespace, or a single one. */
export interface WatchedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** As it stands in paths of the API. */
  readonly plural: string;
  /** Undefined for all. */
  readonly namespace?: string;
  readonly name?: string;
}

/** Objects as they are, kept up by a watch. */
export type Watched = ListWatch<KubernetesObject>;

/** What the controller asks of an API server. */
export class ClusterApi {
  private readonly objects: KubernetesObjectApi;

  private constructor(
    private readonly client: typeof import('@kubernetes/client-node', { with: { 'resolution-mode': 'import' }}),
    private readonly config: KubeConfig,
  ) {
    this.objects = client.KubernetesObjectApi.makeApiClient(config);
  }

  /** By the account of the pod, or as a kubeconfig says. The client is an ES module, which nothing else loads. */
  public static async connect(kubeconfig?: string): Promise<ClusterApi> {
    const client = await import('@kubernetes/client-node');
    const config = new client.KubeConfig();
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    return new ClusterApi(client, config);
  }

  /** A watch that is not started yet. */
  public watch({ apiVersion, kind, plural, namespace, name }: WatchedKind): Watched {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const path = `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
    const which = name === undefined ? undefined : `metadata.name=${name}`;
    const list = () => this.objects.list(apiVersion, kind, namespace, undefined, undefined, undefined, which);
    return new this.client.ListWatch(path, new this.client.Watch(this.config), list, false, undefined, which);
  }

  /** Makes the object what it is to be, and returns what it is then. */
  public async apply(object: AppliedObject): Promise<LiveObject> {
    const { ServerSideApply } = this.client.PatchStrategy;
    const spec = object as unknown as KubernetesObject;
    const applied = await this.objects.patch(spec, undefined, undefined, FIELD_MANAGER, true, ServerSideApply);
    return applied as unknown as LiveObject;
  }

  /** Takes the object away, unless it has become another one meanwhile. */
  public async remove(object: LiveObject): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const body = { preconditions: { uid, resourceVersion } };
    const given = object as unknown as KubernetesObject;
    try {
      await this.objects.delete(given, undefined, undefined, undefined, undefined, undefined, body);
    } catch (error) {
      // Somebody was faster, such as a second controller or the garbage collector.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  /** Says a problem on the route, once: two controllers give the Event the same name. */
  public async warn({ route, problem }: RouteProblem, instance: string): Promise<void> {
    const { apiVersion, kind, metadata } = route;
    const { namespace, name, uid } = metadata;
    const note = printProblem(problem).slice(0, 1024);
    const digest = createHash('sha256').update(`${uid} ${note}`).digest('hex').slice(0, 16);
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 200)}.${digest}`, namespace },
      eventTime: new this.client.V1MicroTime(),
      reportingController: 'traefik-ha/rotater',
      reportingInstance: instance,
      action: 'Derive',
      reason: problem.code,
      type: 'Warning',
      note,
      regarding: { apiVersion, kind, namespace, name, uid },
    };
    try {
      await this.objects.create(event as KubernetesObject, undefined, undefined, FIELD_MANAGER);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }
}

/** The status that the API server answered with, if it did. */
export function statusOf(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  return [code, statusCode].find((status) => typeof status === 'number') as number | undefined;
}

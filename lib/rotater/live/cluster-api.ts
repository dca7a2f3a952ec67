import { createHash } from 'node:crypto';
import { printProblem } from '../../model/problem';
import { ApiClient, ApiError, type ApiRequest } from './api-client';
import type { Connection } from './connection';
import { KINDS, type WatchedKind } from './kinds';
import { type LiveObject, trimmed } from './live-object';
import type { AppliedObject, RouteProblem } from './reconcile';

/** Who writes, as the API server keeps it for each field. */
const FIELD_MANAGER = 'traefik-ha-rotater';

/** How many objects are asked for at a time. */
const PAGE = '500';

/** How long a watch lasts. */
const WATCH_SECONDS = 240;

/** How long a watch may be silent: bookmarks come once a minute. */
const SILENT_SECONDS = 90;

/** How long a write may take; admission webhooks have 10 s by default. */
const WRITE_SECONDS = 15;

/** What a watch tells. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: LiveObject;
}

/** What the controller asks of an API server. */
export class ClusterApi {
  private readonly client: ApiClient;

  public constructor(connection: Connection) {
    this.client = new ApiClient(connection);
  }

  /** All objects of a kind, page by page, and the version that a watch goes on from. */
  public async list(kind: WatchedKind, signal: AbortSignal): Promise<{ objects: LiveObject[]; version: string }> {
    const objects: LiveObject[] = [];
    let next: string | undefined;
    for (;;) {
      const query = { limit: PAGE, continue: next, ...selectorsOf(kind) };
      const page = await this.client.send<ObjectList>({ path: pathOf(kind), query, signal });
      objects.push(...page.items.map((item) => trimmed(item, kind)));
      next = page.metadata.continue || undefined;
      if (next === undefined) return { objects, version: page.metadata.resourceVersion };
    }
  }

  /** What happens to the objects of a kind from `version` on, until the API server ends the watch. */
  public async *watch(kind: WatchedKind, version: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const query = {
      watch: '1',
      resourceVersion: version,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
      ...selectorsOf(kind),
    };
    const request = { path: pathOf(kind), query, signal, idleSeconds: SILENT_SECONDS };
    for await (const { type, object } of this.client.stream<RawEvent>(request)) {
      if (type === 'ERROR') throw new ApiError(object.code ?? 0, object.message ?? 'the watch failed');
      yield { type, object: trimmed(object, kind) };
    }
  }

  /**
   * Makes the object what it is to be, and returns what it is then. Undefined where its namespace is just going, and
   * where somebody else made one of that name that was not seen yet: the watch will tell of it.
   */
  public async apply(
    object: AppliedObject,
    { isOurs, signal }: { readonly isOurs: boolean; readonly signal?: AbortSignal },
  ): Promise<LiveObject | undefined> {
    const kind = kindOf(object);
    const request = { path: pathOf({ ...kind, namespace: object.metadata.namespace }, object.metadata.name), signal };
    try {
      // What is ours is made right whoever changed it; nothing is taken from others.
      const live = await this.patch(request, object, isOurs);
      if (isOurs || !isOfOthers(live)) return trimmed(live, kind);
      // It had the same content. What was just added to it is taken back.
      const { apiVersion, metadata } = object;
      const nothing = { apiVersion, kind: kind.kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
      await this.patch(request, nothing, true);
      return undefined;
    } catch (error) {
      if (error instanceof ApiError && error.causes.includes('NamespaceTerminating')) return undefined;
      throw error;
    }
  }

  private patch(request: Pick<ApiRequest, 'path' | 'signal'>, body: object, force: boolean): Promise<RawObject> {
    return this.client.send<RawObject>({
      ...request,
      method: 'PATCH',
      query: { fieldManager: FIELD_MANAGER, force: String(force) },
      contentType: 'application/apply-patch+yaml',
      body,
      idleSeconds: WRITE_SECONDS,
    });
  }

  /** Takes the object away, unless it has become another one meanwhile. */
  public async remove(object: LiveObject, signal?: AbortSignal): Promise<void> {
    const { uid, resourceVersion, namespace, name } = object.metadata;
    const path = pathOf({ ...kindOf(object), namespace }, name);
    const body = { preconditions: { uid, resourceVersion } };
    try {
      await this.client.send({ method: 'DELETE', path, body, signal, idleSeconds: WRITE_SECONDS });
    } catch (error) {
      // Somebody was faster, such as a second controller or the garbage collector.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  /** Says a problem on the route, once: two controllers give the Event the same name. What no route has is not said. */
  public async warn({ route, problem, isNotice }: RouteProblem, instance: string, signal?: AbortSignal): Promise<void> {
    if (route === undefined) return;
    const { apiVersion, kind, metadata } = route;
    const { namespace, name, uid } = metadata;
    const note = Buffer.from(printProblem(problem)).subarray(0, 1000).toString();
    const digest = createHash('sha256').update(`${uid} ${note}`).digest('hex').slice(0, 16);
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 200).replace(/[^a-z0-9]+$/, '')}.${digest}`, namespace },
      // To the microsecond, as the API server wants it.
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'traefik-ha/rotater',
      reportingInstance: instance,
      action: 'Derive',
      reason: problem.code,
      type: isNotice ? 'Normal' : 'Warning',
      // A character that was cut in two is left out.
      note: note.replace(/\ufffd$/, ''),
      regarding: { apiVersion, kind, namespace, name, uid },
    };
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const query = { fieldManager: FIELD_MANAGER };
    try {
      await this.client.send({ method: 'POST', path, query, body: event, signal, idleSeconds: WRITE_SECONDS });
    } catch (error) {
      const isGoing = error instanceof ApiError && error.causes.includes('NamespaceTerminating');
      if (statusOf(error) !== 409 && !isGoing) throw error;
    }
  }

  public close(): void {
    this.client.close();
  }
}

interface ObjectList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly LiveObject[];
}

/** An object with who wrote what of it. */
type RawObject = LiveObject & {
  readonly metadata: {
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly subresource?: string;
      readonly fieldsV1?: Readonly<Record<string, unknown>>;
    }[];
  };
};

/** Whether somebody else than a rotater said what the object is to be. */
function isOfOthers({ metadata: { managedFields = [] } }: RawObject): boolean {
  return managedFields.some(
    ({ manager, subresource, fieldsV1 = {} }) =>
      manager !== FIELD_MANAGER && subresource === undefined && 'f:spec' in fieldsV1,
  );
}

interface RawEvent {
  readonly type: WatchEvent['type'] | 'ERROR';
  readonly object: LiveObject & { readonly code?: number; readonly message?: string };
}

function pathOf({ apiVersion, plural, namespace }: WatchedKind, name?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const where = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${group}${where}/${plural}${name === undefined ? '' : `/${name}`}`;
}

function selectorsOf({ name, labelSelector }: WatchedKind) {
  return { fieldSelector: name === undefined ? undefined : `metadata.name=${name}`, labelSelector };
}

function kindOf(object: { readonly kind: string }): WatchedKind {
  const kind = KINDS.find((each) => each.kind === object.kind);
  if (kind === undefined) throw new Error(`no kind of the controller's: ${object.kind}`);
  return kind;
}

/** The status that the API server answered with, if it did. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined;
}

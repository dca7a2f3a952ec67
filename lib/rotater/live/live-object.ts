import { ENDPOINT_SLICE_KIND, NODE_KIND, SERVICE_KIND, type WatchedKind } from './kinds';

/** An object as the API server has it, as far as the controller looks into it. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
  /** Of an EndpointSlice. */
  readonly endpoints?: unknown;
}

/** What of an object the controller keeps: who wrote which field, and what others say of its state, is most of it. */
export function trimmed(object: LiveObject, { apiVersion, kind }: WatchedKind): LiveObject {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences, deletionTimestamp } = object.metadata;
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  return {
    // Items of a list do not say themselves what they are.
    apiVersion,
    kind,
    metadata: { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences, deletionTimestamp },
    spec: object.spec,
    ...(kind === SERVICE_KIND.kind && { status: object.status }),
    ...(kind === NODE_KIND.kind && { status: nodeStatus(object.status as NodeStatus | undefined) }),
    ...(kind === ENDPOINT_SLICE_KIND.kind && { endpoints: object.endpoints }),
  };
}

interface NodeStatus {
  readonly addresses?: unknown;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** Where a node is reached, and whether it is Ready: not when that was last said, which changes all the time. */
function nodeStatus({ addresses, conditions = [] }: NodeStatus = {}) {
  const ready = conditions.filter(({ type }) => type === 'Ready').map(({ type, status }) => ({ type, status }));
  return { addresses, conditions: ready };
}

/** The whole object once more, as `kubectl apply` leaves it. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whose an object is: it goes when its owner goes. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** `kind namespace/name`, which only one object has. */
export function identityOf(object: {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string {
  return `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

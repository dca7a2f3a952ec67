import { SERVICE_KIND, type WatchedKind } from './kinds';

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
  };
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

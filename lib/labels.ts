/** Labels that tell people and tools what an object is, and let a deploy prune what left the program. */
export interface Labelled {
  /** What the object is part of: the name of the construct that was declared. */
  readonly instance: string;
  /** What it is in it, such as `edge` or `certificate`. */
  readonly component: string;
}

/**
 * The recommended labels.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function recommendedLabels({ instance, component }: Labelled): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'traefik-ha',
    'app.kubernetes.io/instance': instance,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': MANAGED_BY,
  };
}

/** The value of `app.kubernetes.io/managed-by` on every object that this library makes. */
export const MANAGED_BY = 'traefik-ha';

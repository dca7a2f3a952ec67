import type { ApiObject, Chart } from 'cdk8s';
import { isAppliedAfter } from '../chart-order';

/** What each chart is known to be applied after. */
const ordered = new WeakMap<Chart, Set<ApiObject>>();

/**
 * Has the chart of `object` applied after `earlier`, which is in another chart. One object that depends on one object
 * is enough for that, and a dependency for each route would cost more than the routes.
 */
export function applyAfter(object: ApiObject, earlier: ApiObject | undefined): void {
  if (!earlier || earlier.chart === object.chart) return;
  const known = ordered.get(object.chart) ?? new Set();
  if (known.has(earlier)) return;
  ordered.set(object.chart, known.add(earlier));
  // Where the other chart already waits for this one, both cannot be had, and a route may stand before its Traefik.
  if (!isAppliedAfter(earlier.chart, object.chart)) object.addDependency(earlier);
}

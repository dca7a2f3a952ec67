import { type ApiObject, Chart } from 'cdk8s';
import { isAppliedAfter } from '../chart-order';
import { perApp } from '../cluster';

/** Pairs of chart and object that are in order already. */
const ordered = perApp(() => new Set<string>());

/**
 * Has the chart of `object` applied after `earlier`, which is in another chart. One object that depends on one object
 * is enough for that, and a dependency for each route would cost more than the routes.
 */
export function applyAfter(object: ApiObject, earlier: ApiObject | undefined): void {
  if (!earlier || Chart.of(earlier) === Chart.of(object)) return;
  const key = `${Chart.of(object).node.path} ${earlier.node.path}`;
  if (ordered(object).has(key)) return;
  ordered(object).add(key);
  // Where the other chart already waits for this one, both cannot be had, and a route may stand before its Traefik.
  if (!isAppliedAfter(Chart.of(earlier), Chart.of(object))) object.addDependency(earlier);
}

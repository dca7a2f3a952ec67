import { type ApiObject, Chart } from 'cdk8s';
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
  object.addDependency(earlier);
}

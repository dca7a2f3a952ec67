import { Chart } from 'cdk8s';

/** Whether `chart` is applied after `other`: it is around it, or something in it depends on it, through others or not. */
export function isAppliedAfter(chart: Chart, other: Chart, seen = new Set<Chart>()): boolean {
  if (seen.has(chart)) return false;
  seen.add(chart);
  const inside = chart.node.findAll();
  const earlier = new Set(inside.flatMap(({ node }) => node.dependencies).map((construct) => Chart.of(construct)));
  return inside.includes(other) || [...earlier].some((each) => each === other || isAppliedAfter(each, other, seen));
}

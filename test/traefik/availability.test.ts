import { disruptionBudget } from '../../lib/disruption-budget';
import { spread } from '../../lib/traefik/availability';
import { only, podOf, traefikObjects } from '../support/edge';

const SELECTOR = { 'app.kubernetes.io/instance': 'traefik', 'app.kubernetes.io/component': 'traefik' };

test('two instances never share a node, and zones are filled evenly where that can be', () => {
  const shared = { maxSkew: 1, labelSelector: { matchLabels: SELECTOR }, matchLabelKeys: ['pod-template-hash'] };
  expect(podOf(traefikObjects()).topologySpreadConstraints).toEqual([
    {
      ...shared,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      nodeTaintsPolicy: 'Honor',
    },
    { ...shared, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
  ]);
});

test.each([2, 3, 10])('a drain of a node goes on with %d replicas, and takes one at a time', (replicas) => {
  const objects = traefikObjects({ replicas });
  expect(only(objects, 'Deployment').spec.replicas).toBe(replicas);
  expect(only(objects, 'PodDisruptionBudget').spec).toEqual({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: SELECTOR },
  });
});

test('a rollout adds an instance before it takes one', () => {
  const { minReadySeconds, strategy } = only(traefikObjects(), 'Deployment').spec;
  expect(minReadySeconds).toBe(10);
  expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
});

test('every selector is of labels that the pods have', () => {
  const objects = traefikObjects({ name: 'front' });
  const { selector, template } = only(objects, 'Deployment').spec;
  const selectors = [
    selector.matchLabels,
    only(objects, 'Service').spec.selector,
    only(objects, 'PodDisruptionBudget').spec.selector.matchLabels,
    ...template.spec.topologySpreadConstraints.map(
      (constraint: { labelSelector: { matchLabels: object } }) => constraint.labelSelector.matchLabels,
    ),
  ];
  expect(selectors).toHaveLength(5);
  for (const each of selectors) {
    expect(each).toEqual({ 'app.kubernetes.io/instance': 'front', 'app.kubernetes.io/component': 'traefik' });
    expect(template.metadata.labels).toMatchObject(each);
  }
});

test('both follow the selector that they are given', () => {
  expect(disruptionBudget({ a: 'b' }).selector).toEqual({ matchLabels: { a: 'b' } });
  expect(spread({ a: 'b' }).map(({ labelSelector }) => labelSelector)).toEqual(
    Array(2).fill({ matchLabels: { a: 'b' } }),
  );
});

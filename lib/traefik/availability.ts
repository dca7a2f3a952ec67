import { k8s } from 'cdk8s-plus-27';

/**
 * Where instances go: never two on one node, and over the zones as evenly as it can be had.
 *
 * Only instances of the same revision count, and nodes that take no pods do not: so the extra instance of a rollout
 * finds a place on three nodes, and the remaining two take all three while one is drained.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export function spread(selector: Record<string, string>): k8s.TopologySpreadConstraint[] {
  const shared = { maxSkew: 1, labelSelector: { matchLabels: selector }, matchLabelKeys: ['pod-template-hash'] };
  return [
    {
      ...shared,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      nodeTaintsPolicy: 'Honor',
    },
    { ...shared, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
  ];
}

/** A new instance is there before an old one goes, and has proven itself for a while before the next. */
export const ROLLOUT = {
  minReadySeconds: 10,
  strategy: {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
  },
} as const;

/** On nodes, the old instance has to go first, since both would need the node's ports; and only one at a time does. */
export const NODE_ROLLOUT = {
  minReadySeconds: 10,
  updateStrategy: {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1), maxSurge: k8s.IntOrString.fromNumber(0) },
  },
} as const;

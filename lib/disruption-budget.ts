import { k8s } from 'cdk8s-plus-27';

/** One instance at a time may be evicted: a drain always goes on, and never takes two. */
export function disruptionBudget(selector: Record<string, string>): k8s.PodDisruptionBudgetSpec {
  return {
    maxUnavailable: k8s.IntOrString.fromNumber(1),
    // Instances that are broken anyway must not hold up a drain.
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selector },
  };
}

import { ApiObject, Chart, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { Cluster } from '../cluster';
import type { NotedGrant } from '../iam-documents';
import { recommendedLabels } from '../labels';
import { managedPolicies } from '../model/iam';

/** How the objects of a grant are called; roles have more letters to choose from than objects in Kubernetes. */
interface AckNames {
  readonly namespace: string;
  readonly name: string;
  readonly instance: string;
}

/**
 * Adds what was noted as the Policy and Role of AWS Controllers for Kubernetes, with Pod Identity also its association, in a
 * chart of its own beside `construct`'s, so that a cluster without these controllers can leave the file out. Without a
 * trust policy there is no role to make.
 *
 * @see https://aws-controllers-k8s.github.io/community/reference/iam/v1alpha1/policy/
 * @see https://aws-controllers-k8s.github.io/community/reference/eks/v1alpha1/podidentityassociation/
 */
export function emitAck(construct: Construct, noted: NotedGrant, { namespace, name, instance }: AckNames): void {
  if (noted.isMade) return;
  const { grant } = noted;
  const chart = iamChart(construct, namespace);
  const labels = recommendedLabels({ instance, component: 'iam' });
  const metadata = { name, namespace, labels };
  const { path } = construct.node;
  const policies = managedPolicies(grant.name, grant.policyDocument).map((policy, part) => ({
    name: policy.name,
    object: managedPolicies(name, grant.policyDocument)[part]?.name ?? name,
    id: part === 0 ? `${path}-policy` : `${path}-policy-${part + 1}`,
    document: () => managedPolicies(grant.name, noted.grant.policyDocument)[part]?.document,
  }));
  for (const { id, object, name: policyName, document } of policies) {
    new ApiObject(chart, id, {
      apiVersion: 'iam.services.k8s.aws/v1alpha1',
      kind: 'Policy',
      metadata: { ...metadata, name: object },
      spec: { name: policyName, policyDocument: Lazy.any({ produce: () => JSON.stringify(document()) }) },
    });
  }
  if (!grant.trustPolicy) return;
  new ApiObject(chart, `${path}-role`, {
    apiVersion: 'iam.services.k8s.aws/v1alpha1',
    kind: 'Role',
    metadata,
    spec: {
      name: grant.name,
      assumeRolePolicyDocument: JSON.stringify(grant.trustPolicy),
      policyRefs: policies.map(({ object }) => ({ from: { name: object } })),
    },
  });
  if (!grant.association) return;
  const { clusterName, namespace: place, serviceAccount } = grant.association;
  new ApiObject(chart, `${path}-association`, {
    apiVersion: 'eks.services.k8s.aws/v1alpha1',
    kind: 'PodIdentityAssociation',
    metadata,
    spec: { clusterName, namespace: place, serviceAccount, roleRef: { from: { name } } },
  });
}

function iamChart(construct: Construct, namespace: string): Chart {
  const cluster = Cluster.of(construct);
  const id = `${Chart.of(construct).node.id}-iam`;
  const known = cluster.node.tryFindChild(id);
  return known instanceof Chart ? known : new Chart(cluster as Construct, id, { namespace });
}

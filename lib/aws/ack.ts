import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Cluster } from '../cluster';
import { recommendedLabels } from '../labels';
import type { IamGrant } from '../model/iam';

/** How the objects of a grant are called; roles have more letters to choose from than objects in Kubernetes. */
interface AckNames {
  readonly namespace: string;
  readonly name: string;
  readonly instance: string;
}

/**
 * Adds `grant` as the Policy and Role of AWS Controllers for Kubernetes, in a chart of its own beside `construct`'s, so
 * that a cluster without that controller can leave the file out. Without a trust policy there is no role to make.
 *
 * @see https://aws-controllers-k8s.github.io/community/reference/iam/v1alpha1/policy/
 */
export function emitAck(construct: Construct, grant: IamGrant, { namespace, name, instance }: AckNames): void {
  const chart = iamChart(construct, namespace);
  const metadata = { name, namespace, labels: recommendedLabels({ instance, component: 'iam' }) };
  new ApiObject(chart, `${construct.node.path}-policy`, {
    apiVersion: 'iam.services.k8s.aws/v1alpha1',
    kind: 'Policy',
    metadata,
    spec: { name: grant.name, policyDocument: JSON.stringify(grant.policyDocument) },
  });
  if (!grant.trustPolicy) return;
  new ApiObject(chart, `${construct.node.path}-role`, {
    apiVersion: 'iam.services.k8s.aws/v1alpha1',
    kind: 'Role',
    metadata,
    spec: {
      name: grant.name,
      assumeRolePolicyDocument: JSON.stringify(grant.trustPolicy),
      policyRefs: [{ from: { name } }],
    },
  });
}

function iamChart(construct: Construct, namespace: string): Chart {
  const cluster = Cluster.of(construct);
  const id = `${Chart.of(construct).node.id}-iam`;
  const known = cluster.node.tryFindChild(id);
  return known instanceof Chart ? known : new Chart(cluster as Construct, id, { namespace });
}

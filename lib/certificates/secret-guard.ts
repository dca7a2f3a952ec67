import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import type { Issuer } from '../model/issuer';
import { NO_NAMESPACE } from '../naming';

interface Guarded {
  /** Whose certificates are guarded. */
  readonly issuer: Pick<Issuer, 'kind' | 'name' | 'namespace'>;
  /** Who alone may change them. */
  readonly certManager: { readonly namespace: string; readonly serviceAccount: string };
}

/**
 * Lets nobody but cert-manager change what is in the Secrets of an issuer's certificates. Traefik serves what is in a
 * Secret at once and keeps no copy, so a broken key takes its hosts off every instance. To delete a Secret stays
 * possible (cert-manager makes another), and so do labels and annotations.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function guardSecrets(scope: Construct, { issuer, certManager }: Guarded): void {
  const name = [issuer.namespace, issuer.name, 'secrets'].filter((part) => part !== undefined).join('-');
  const labels = recommendedLabels({ instance: issuer.name, component: 'secret-guard' });
  const metadata = { name, namespace: NO_NAMESPACE, labels };
  const user = `system:serviceaccount:${certManager.namespace}:${certManager.serviceAccount}`;
  new ApiObject(scope, 'SecretGuard', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        // All that the API server would add is said, so that a second apply changes nothing.
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'], scope: '*' },
        ],
      },
      matchConditions: [{ name: 'of-the-issuer', expression: isOf(issuer) }],
      validations: [
        {
          expression: `request.userInfo.username == '${user}' || ${SAME_DATA}`,
          message: `only cert-manager changes the certificates of ${issuer.kind} ${issuer.name}; delete the Secret for a new one`,
          reason: 'Forbidden',
        },
      ],
    },
  });
  new ApiObject(scope, 'SecretGuardBinding', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

const SAME_DATA = 'has(object.data) && has(oldObject.data) && object.data == oldObject.data';

/** The expression for a Secret that cert-manager wrote for a Certificate of the issuer. */
function isOf({ kind, name, namespace }: Guarded['issuer']): string {
  const annotations = 'oldObject.metadata.annotations';
  const says = (key: string, value: string) => `'${key}' in ${annotations} && ${annotations}['${key}'] == '${value}'`;
  return [
    `has(${annotations})`,
    says('cert-manager.io/issuer-name', name),
    says('cert-manager.io/issuer-kind', kind),
    ...(namespace === undefined ? [] : [`oldObject.metadata.namespace == '${namespace}'`]),
  ].join(' && ');
}

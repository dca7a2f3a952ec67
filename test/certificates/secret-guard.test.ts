import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { accepted, chartOf, theOnly } from '../support/charts';

const solvers = [AcmeSolver.http01()];

test('only cert-manager changes what is in the Secrets of a ClusterIssuer', () => {
  const chart = chartOf('edge');
  new CertManagerIssuer(chart, 'letsencrypt', { solvers });
  const policy = theOnly('ValidatingAdmissionPolicy', chart);
  expect(policy.metadata).toMatchObject({ name: 'letsencrypt-secrets' });
  expect(policy.metadata.namespace).toBeUndefined();
  expect(policy.spec.matchConstraints.resourceRules).toEqual([
    { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'], scope: '*' },
  ]);
  const [condition] = policy.spec.matchConditions;
  expect(condition.expression.split(' && ')).toEqual([
    'has(oldObject.metadata.annotations)',
    "'cert-manager.io/issuer-name' in oldObject.metadata.annotations",
    "oldObject.metadata.annotations['cert-manager.io/issuer-name'] == 'letsencrypt'",
    "'cert-manager.io/issuer-kind' in oldObject.metadata.annotations",
    "oldObject.metadata.annotations['cert-manager.io/issuer-kind'] == 'ClusterIssuer'",
  ]);
  expect(policy.spec.validations).toEqual([
    {
      expression:
        "request.userInfo.username == 'system:serviceaccount:cert-manager:cert-manager' || has(object.data) && has(oldObject.data) && object.data == oldObject.data",
      message:
        'only cert-manager changes the certificates of ClusterIssuer letsencrypt; delete the Secret for a new one',
      reason: 'Forbidden',
    },
  ]);
  expect(theOnly('ValidatingAdmissionPolicyBinding', chart).spec).toEqual({
    policyName: policy.metadata.name,
    validationActions: ['Deny'],
  });
});

test('those of an Issuer in its namespace only, by the account that cert-manager has', () => {
  const chart = chartOf('edge');
  const certManager = { namespace: 'security', serviceAccount: 'cm' };
  new CertManagerIssuer(chart, 'narrow', { solvers, scope: 'namespace', certManager });
  const { metadata, spec } = theOnly('ValidatingAdmissionPolicy', chart);
  expect(metadata.name).toBe('edge-narrow-secrets');
  expect(spec.matchConditions[0].expression).toMatch(/ == 'Issuer' && oldObject\.metadata\.namespace == 'edge'$/);
  expect(spec.validations[0].expression).toMatch(
    /^request\.userInfo\.username == 'system:serviceaccount:security:cm' /,
  );
});

test('taken away', () => {
  const chart = chartOf('edge');
  new CertManagerIssuer(chart, 'letsencrypt', { solvers, guardSecrets: false });
  expect(accepted(chart).map(({ kind }) => kind)).toEqual(['ClusterIssuer']);
});

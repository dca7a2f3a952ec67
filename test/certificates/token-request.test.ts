import { AwsIdentity } from '../../lib/aws/identity';
import { Route53DnsChallengeIam } from '../../lib/aws/route53-dns-challenge-iam';
import { CertManagerIssuer, type CertManagerIssuerProps } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { accepted, chartOf, identities, ZONE } from '../support/charts';

const irsa = AwsIdentity.irsa({ oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com' });

function tokenObjects(identity: AwsIdentity, props: Partial<CertManagerIssuerProps> = {}) {
  const chart = chartOf('edge');
  const challenge = (id: string) =>
    new Route53DnsChallengeIam(chart, id, {
      zones: [ZONE],
      identity,
      serviceAccountNamespace: props.certManager?.clusterResourceNamespace,
    }).solver;
  const solvers = [challenge('second'), challenge('first'), AcmeSolver.http01()];
  new CertManagerIssuer(chart, 'letsencrypt', { solvers, ...props });
  return accepted(chart).filter(({ kind }) => kind.startsWith('Role'));
}

test('cert-manager may request tokens of exactly the accounts that are used', () => {
  const [role, binding, ...others] = tokenObjects(irsa);
  expect(others).toEqual([]);
  const metadata = {
    name: 'letsencrypt-token-request',
    namespace: 'cert-manager',
    labels: expect.objectContaining({ 'app.kubernetes.io/instance': 'letsencrypt' }),
  };
  expect(role).toEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [
      {
        apiGroups: [''],
        resources: ['serviceaccounts/token'],
        resourceNames: ['first', 'second'],
        verbs: ['create'],
      },
    ],
  });
  expect(binding).toEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'letsencrypt-token-request' },
    subjects: [{ kind: 'ServiceAccount', name: 'cert-manager', namespace: 'cert-manager' }],
  });
});

test('the accounts are where the issuer looks, and cert-manager is where it runs', () => {
  const certManager = { namespace: 'security', serviceAccount: 'cm', clusterResourceNamespace: 'secrets' };
  const [role, binding] = tokenObjects(irsa, { certManager });
  expect([role?.metadata.namespace, binding?.metadata.namespace]).toEqual(['secrets', 'secrets']);
  expect(binding?.subjects).toEqual([{ kind: 'ServiceAccount', name: 'cm', namespace: 'security' }]);
});

test('an installation is known in part', () => {
  const [, binding] = tokenObjects(irsa, { certManager: { namespace: undefined, serviceAccount: 'cm' } });
  expect(binding?.subjects).toEqual([{ kind: 'ServiceAccount', name: 'cm', namespace: 'cert-manager' }]);
});

test.each([
  ['ambient', AwsIdentity.ambient()],
  [
    'static keys',
    AwsIdentity.staticKeys({
      accessKeyId: { secretName: 'aws', key: 'id' },
      secretAccessKey: { secretName: 'aws', key: 'secret' },
    }),
  ],
])('where no account is used, none is permitted: %s', (_, identity) => {
  expect(identities(tokenObjects(identity))).toEqual([]);
});

import { type Chart, Testing } from 'cdk8s';
import { AwsIdentity } from '../../lib/aws/identity';
import { Route53DnsChallengeIam } from '../../lib/aws/route53-dns-challenge-iam';
import { Cluster } from '../../lib/cluster';
import { EdgeNamespace } from '../../lib/edge-namespace';
import { accepted, chartOf, identities, ZONE } from '../support/charts';
import { filesOf, objectsOf } from '../support/synthesize';

const oidcProviderArn = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';
const identity = AwsIdentity.irsa({ oidcProviderArn });

test('policy and role are objects of a chart of their own', () => {
  const app = Testing.app();
  const chart = chartOf('edge', app);
  const challenge = new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE], identity, emit: 'ack' });
  expect(identities(accepted(chart))).toEqual(['ServiceAccount cert-manager/dns01']);
  const metadata = {
    name: 'edge-dns01',
    namespace: 'edge',
    labels: {
      'app.kubernetes.io/name': 'traefik-ha',
      'app.kubernetes.io/instance': 'dns01',
      'app.kubernetes.io/component': 'iam',
      'app.kubernetes.io/managed-by': 'traefik-ha',
    },
  };
  expect(accepted(app.node.findChild('edge-iam') as Chart)).toEqual([
    {
      apiVersion: 'iam.services.k8s.aws/v1alpha1',
      kind: 'Policy',
      metadata,
      spec: { name: 'edge-dns01', policyDocument: JSON.stringify(challenge.policyDocument) },
    },
    {
      apiVersion: 'iam.services.k8s.aws/v1alpha1',
      kind: 'Role',
      metadata,
      spec: {
        name: 'edge-dns01',
        assumeRolePolicyDocument: JSON.stringify(challenge.trustPolicy),
        policyRefs: [{ from: { name: 'edge-dns01' } }],
      },
    },
  ]);
});

test('where nobody takes a role there is a policy alone', () => {
  const app = Testing.app();
  new Route53DnsChallengeIam(chartOf('edge', app), 'dns01', { zones: [ZONE], emit: 'ack' });
  expect(identities(accepted(app.node.findChild('edge-iam') as Chart))).toEqual(['Policy edge/edge-dns01']);
});

test('nothing of it is there unless it was asked for', () => {
  const app = Testing.app();
  new Route53DnsChallengeIam(chartOf('edge', app), 'dns01', { zones: [ZONE], identity });
  expect(app.node.children.map(({ node }) => node.id)).toEqual(['edge']);
});

test('it is applied after the namespace that it is in', () => {
  const files = filesOf((app) => {
    const iam = chartOf('edge', app);
    new Route53DnsChallengeIam(iam, 'dns01', { zones: [ZONE], identity, emit: 'ack' });
    new EdgeNamespace(chartOf('platform', app), 'namespace', { name: 'edge' });
  });
  const order = identities(objectsOf(files));
  expect(order.indexOf('Policy edge/edge-dns01')).toBeGreaterThan(order.indexOf('Namespace edge'));
  expect(Object.keys(files).filter((path) => path.endsWith('edge-iam.k8s.yaml'))).toHaveLength(1);
});

test('each cluster has a chart of its own', () => {
  const app = Testing.app();
  const clusters = ['west', 'east'].map((id) => new Cluster(app, id));
  for (const cluster of clusters) {
    new Route53DnsChallengeIam(chartOf('edge', cluster), 'dns01', { zones: [ZONE], emit: 'ack' });
  }
  expect(clusters.map(({ node }) => node.children.map((child) => child.node.id))).toEqual([
    ['edge', 'edge-iam'],
    ['edge', 'edge-iam'],
  ]);
});

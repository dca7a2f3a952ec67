import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { HostedZone } from '../../../lib';
import { AwsAccess, CertManagerIssuer, ExternalDns, Route53DnsChallengeIam } from '../../../lib/pulumi';

const zone = new aws.route53.Zone('zone', { name: 'example.com' });
const provider = new aws.iam.OpenIdConnectProvider('cluster', {
  url: 'https://oidc.eks.eu-central-1.amazonaws.com/id/E',
  clientIdLists: ['sts.amazonaws.com'],
});
const irsa = AwsAccess.irsa({ oidcProviderArn: provider.arn, region: 'eu-central-1' });

const challenge = new Route53DnsChallengeIam('dns01', { namespace: 'edge', zones: [zone], access: irsa });
new CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [challenge.solver] });
const records = new ExternalDns('external-dns', {
  namespace: 'edge',
  ownerId: 'prod-1',
  zones: [zone],
  provider: irsa,
});
new Route53DnsChallengeIam('by-pods', {
  namespace: 'edge',
  zones: [zone],
  access: AwsAccess.podIdentity({ clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/prod' }),
});
new Route53DnsChallengeIam('by-user', { namespace: 'edge', zones: [zone], access: AwsAccess.user() });
const delegated = new Route53DnsChallengeIam('delegated', {
  namespace: 'edge',
  zones: [HostedZone.of('example.org')],
  delegatedTo: { name: 'challenges.example.net', zoneId: pulumi.output(Promise.resolve('Z9876543210')) },
  access: irsa,
});
new CertManagerIssuer('by-delegation', { namespace: 'edge', solvers: [delegated.solver] });
export const { roleArn } = challenge;
export const recordsRole = records.roleArn;

import { Testing } from 'cdk8s';
import { AwsIdentity } from '../../lib/aws/identity';
import { externalDnsPolicy } from '../../lib/aws/policies';
import { type Route53ProviderProps, route53Provider } from '../../lib/aws/route53-provider';
import { ExternalDns } from '../../lib/dns/external-dns';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { accepted, chartOf, identities, theOnly, ZONE } from '../support/charts';

const oidcProviderArn = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';

function configured(props?: Route53ProviderProps, zones = [ZONE]) {
  const scope = chartOf('edge');
  const account = { namespace: 'edge', name: 'dns' };
  return route53Provider(props).configure({ scope, name: 'dns', zones, account });
}

test('defaults: the zones by id, public ones only, as what surrounds the pod', () => {
  expect(configured()).toEqual({
    arguments: ['--provider=aws', '--zone-id-filter=Z0123456789ABCDEFGHIJ', '--aws-zone-type=public'],
    env: [{ name: 'AWS_REGION', value: 'us-east-1' }],
    accountAnnotations: {},
    policyDocument: externalDnsPolicy([ZONE], 'aws'),
    steers: true,
    findings: [],
  });
});

test('everything', () => {
  const app = Testing.app();
  const props: Required<Route53ProviderProps> = {
    identity: AwsIdentity.irsa({ oidcProviderArn, roleName: 'dns' }),
    emit: 'ack',
  };
  const chart = chartOf('edge', app);
  const dns = new ExternalDns(chart, 'dns', { ownerId: 'prod-1', zones: [ZONE], provider: route53Provider(props) });
  expect(theOnly('ServiceAccount', chart).metadata.annotations).toEqual({
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/dns',
  });
  const [container] = theOnly('Deployment', chart).spec.template.spec.containers;
  expect(container.env).toEqual([{ name: 'AWS_REGION', value: 'eu-central-1' }]);
  expect(JSON.stringify(dns.trustPolicy)).toContain('system:serviceaccount:edge:dns');
  expect(app.node.children.map(({ node }) => node.id)).toEqual(['edge', 'edge-iam']);
});

test('keys come from a Secret', () => {
  const chart = chartOf('edge');
  const identity = AwsIdentity.staticKeys({
    accessKeyId: { secretName: 'aws', key: 'id' },
    secretAccessKey: { secretName: 'aws', key: 'secret' },
  });
  const provider = route53Provider({ identity });
  new ExternalDns(chart, 'dns', { ownerId: 'prod-1', zones: [ZONE], provider });
  const [container] = theOnly('Deployment', chart).spec.template.spec.containers;
  expect(container.env).toEqual([
    { name: 'AWS_REGION', value: 'us-east-1' },
    { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'aws', key: 'id' } } },
    { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'aws', key: 'secret' } } },
  ]);
  expect(identities(accepted(chart)).filter((name) => name.startsWith('Secret'))).toEqual([]);
});

test('zones are sorted, and their kind is said where they are of one', () => {
  const inner = HostedZone.of('corp.example', { id: 'ZA', private: true });
  expect(configured({}, [ZONE, inner]).arguments).toEqual([
    '--provider=aws',
    '--zone-id-filter=Z0123456789ABCDEFGHIJ',
    '--zone-id-filter=ZA',
  ]);
  expect(configured({}, [inner]).arguments).toContain('--aws-zone-type=private');
});

test('the policy is of the partition of the identity', () => {
  const { policyDocument } = configured({ identity: AwsIdentity.ambient({ partition: 'aws-cn' }) });
  expect(policyDocument).toEqual(externalDnsPolicy([ZONE], 'aws-cn'));
});

test('a zone without an id is refused', () => {
  const chart = chartOf('edge');
  const zones = [HostedZone.of('example.com')];
  new ExternalDns(chart, 'dns', { ownerId: 'prod-1', zones, provider: route53Provider() });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'AWS-04',
        at: 'edge/dns',
        value: 'example.com',
        message: 'a policy names zones by their id, and this one has none',
        fix: "Write HostedZone.of('example.com', { id }), from `aws route53 list-hosted-zones`",
      },
    ]),
  );
});

import { Testing } from 'cdk8s';
import { TraefikHaError } from '../../lib/model/problem';
import {
  type AwsNlbProps,
  type FixedAddressProps,
  type GenericProps,
  LoadBalancer,
} from '../../lib/traefik/load-balancer';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart, only, podOf, traefikObjects } from '../support/edge';

const AWS = 'service.beta.kubernetes.io/aws-load-balancer';
const serviceOf = (loadBalancer: LoadBalancer) => only(traefikObjects({ loadBalancer }), 'Service');
const codesOf = (loadBalancer: LoadBalancer) => loadBalancer.findings.map(({ code, value }) => `${code} ${value}`);

describe('generic', () => {
  test('defaults', () => {
    const { metadata, spec } = serviceOf(LoadBalancer.generic());
    expect(metadata.annotations ?? {}).toEqual({});
    expect(spec).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' });
    expect(spec).not.toHaveProperty('loadBalancerSourceRanges');
    expect(LoadBalancer.generic()).toMatchObject({ drain: 'generic', dnsTargets: undefined, readinessGate: false });
  });

  test('everything', () => {
    const everything: Required<GenericProps> = {
      annotations: { 'example.com/network': 'public' },
      sourceRanges: ['198.51.100.0/24'],
      hostName: 'LB.example.com.',
      clientAddress: { by: 'packet' },
    };
    const loadBalancer = LoadBalancer.generic(everything);
    const { metadata, spec } = serviceOf(loadBalancer);
    expect(metadata.annotations).toEqual({
      'example.com/network': 'public',
      'external-dns.kubernetes.io/hostname': 'lb.example.com',
    });
    expect(spec).toMatchObject({
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['198.51.100.0/24'],
    });
    expect(loadBalancer).toMatchObject({ drain: 'node-local', dnsTargets: ['lb.example.com'] });
  });
});

describe('awsNlb', () => {
  test('defaults', () => {
    const loadBalancer = LoadBalancer.awsNlb({ hostName: 'lb.example.com' });
    const { metadata, spec } = serviceOf(loadBalancer);
    expect(metadata.annotations).toEqual({
      'external-dns.kubernetes.io/hostname': 'lb.example.com',
      [`${AWS}-nlb-target-type`]: 'ip',
      [`${AWS}-scheme`]: 'internet-facing',
      [`${AWS}-target-group-attributes`]: 'preserve_client_ip.enabled=true,deregistration_delay.timeout_seconds=120',
      [`${AWS}-healthcheck-protocol`]: 'http',
      [`${AWS}-healthcheck-port`]: '8080',
      [`${AWS}-healthcheck-path`]: '/ping',
    });
    expect(spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerClass: 'service.k8s.aws/nlb',
      allocateLoadBalancerNodePorts: false,
    });
    expect(spec).not.toHaveProperty('externalTrafficPolicy');
    expect(loadBalancer).toMatchObject({ drain: 'nlb-ip', dnsTargets: ['lb.example.com'], readinessGate: true });
  });

  test('everything', () => {
    const everything: Required<AwsNlbProps> = {
      annotations: { [`${AWS}-name`]: 'edge', [`${AWS}-scheme`]: 'internet-facing' },
      sourceRanges: ['198.51.100.0/24'],
      hostName: 'LB.example.com',
      targets: 'instance',
      scheme: 'internal',
      proxyProtocolFrom: ['10.0.0.0/16'],
    };
    const loadBalancer = LoadBalancer.awsNlb(everything);
    const { metadata, spec } = serviceOf(loadBalancer);
    expect(metadata.annotations).toEqual({
      'external-dns.kubernetes.io/hostname': 'lb.example.com',
      [`${AWS}-nlb-target-type`]: 'instance',
      [`${AWS}-name`]: 'edge',
      // What a program says itself wins over the profile.
      [`${AWS}-scheme`]: 'internet-facing',
      [`${AWS}-target-group-attributes`]: 'preserve_client_ip.enabled=false,deregistration_delay.timeout_seconds=120',
      [`${AWS}-proxy-protocol`]: '*',
    });
    expect(spec).toMatchObject({
      loadBalancerClass: 'service.k8s.aws/nlb',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['198.51.100.0/24'],
    });
    expect(spec).not.toHaveProperty('allocateLoadBalancerNodePorts');
    expect(loadBalancer).toMatchObject({ drain: 'node-local', readinessGate: false });
  });

  test('is internal where that is said', () => {
    const { metadata } = serviceOf(LoadBalancer.awsNlb({ hostName: 'lb.example.com', scheme: 'internal' }));
    expect(metadata.annotations?.[`${AWS}-scheme`]).toBe('internal');
  });

  test('its health checks go to the port and path where Traefik answers them', () => {
    const objects = traefikObjects({ loadBalancer: LoadBalancer.awsNlb({ hostName: 'lb.example.com' }) });
    const annotations = only(objects, 'Service').metadata.annotations ?? {};
    const { ports, readinessProbe } = podOf(objects).containers[0];
    const port = ports.find(({ name }: { name: string }) => name === readinessProbe.httpGet.port);
    expect(annotations[`${AWS}-healthcheck-port`]).toBe(String(port.containerPort));
    expect(annotations[`${AWS}-healthcheck-path`]).toBe(readinessProbe.httpGet.path);
  });
});

describe('fixedAddress', () => {
  test('defaults', () => {
    const loadBalancer = LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] });
    const { metadata, spec } = serviceOf(loadBalancer);
    expect(metadata.annotations ?? {}).toEqual({});
    expect(spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerIP: '203.0.113.10',
      externalTrafficPolicy: 'Cluster',
    });
    expect(loadBalancer).toMatchObject({ drain: 'generic', dnsTargets: ['203.0.113.10'] });
  });

  test('everything', () => {
    const everything: Required<FixedAddressProps> = {
      annotations: { 'metallb.io/loadBalancerIPs': '203.0.113.10,2001:db8::10' },
      sourceRanges: ['198.51.100.0/24', '2001:db8:1::/48'],
      addresses: ['203.0.113.10', '2001:db8::10'],
      clientAddress: { by: 'packet' },
    };
    const loadBalancer = LoadBalancer.fixedAddress(everything);
    const { metadata, spec } = serviceOf(loadBalancer);
    expect(metadata.annotations).toEqual(everything.annotations);
    expect(spec).toMatchObject({
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['198.51.100.0/24', '2001:db8:1::/48'],
    });
    expect(spec).not.toHaveProperty('loadBalancerIP');
    expect(loadBalancer).toMatchObject({ drain: 'node-local', dnsTargets: ['203.0.113.10', '2001:db8::10'] });
  });
});

test('none is a Service inside the cluster, without a name', () => {
  const loadBalancer = LoadBalancer.none();
  expect(serviceOf(loadBalancer).spec.type).toBe('ClusterIP');
  expect(loadBalancer).toMatchObject({ drain: 'generic', dnsTargets: undefined, clientAddress: undefined });
});

describe('the client address is set at both ends', () => {
  const trustOf = (loadBalancer: LoadBalancer): string[] =>
    podOf(traefikObjects({ loadBalancer })).containers[0].args.filter((argument: string) =>
      argument.includes('trustedIPs'),
    );
  const trusted = ['10.0.0.0/16'];
  const bothEntryPoints = (option: string) =>
    ['web', 'websecure'].map((name) => `--entryPoints.${name}.${option}.trustedIPs=10.0.0.0/16`);

  test('an NLB that keeps packets is not believed any header', () => {
    expect(trustOf(LoadBalancer.awsNlb({ hostName: 'lb.example.com' }))).toEqual([]);
  });

  test('an NLB that writes the PROXY protocol is believed it', () => {
    const loadBalancer = LoadBalancer.awsNlb({ hostName: 'lb.example.com', proxyProtocolFrom: trusted });
    expect(trustOf(loadBalancer)).toEqual(bothEntryPoints('proxyProtocol'));
    expect(serviceOf(loadBalancer).metadata.annotations).toMatchObject({
      [`${AWS}-proxy-protocol`]: '*',
      [`${AWS}-target-group-attributes`]: expect.stringContaining('preserve_client_ip.enabled=false'),
    });
  });

  test.each([
    ['proxy-protocol', 'proxyProtocol'],
    ['forwarded-headers', 'forwardedHeaders'],
  ] as const)('another is believed what it writes: %s', (by, option) => {
    const clientAddress = { by, trusted };
    for (const loadBalancer of [
      LoadBalancer.generic({ clientAddress }),
      LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'], clientAddress }),
    ]) {
      expect(trustOf(loadBalancer)).toEqual(bothEntryPoints(option));
      expect(serviceOf(loadBalancer).spec.externalTrafficPolicy).toBe('Cluster');
    }
  });
});

describe('what cannot be is refused', () => {
  const refused = (loadBalancer: LoadBalancer, ...problems: [string, string, string, string][]) => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', { loadBalancer });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError(
        problems.map(([code, value, message, fix]) => ({ code, at: 'edge/traefik', value, message, fix })),
      ),
    );
  };
  const FIX_ADDRESS = "Write addresses: ['203.0.113.10'], or use LoadBalancer.generic({ hostName })";
  const FIX_NETWORK = 'Write 10.0.0.0/16 or 2001:db8::/32';
  const FIX_TRUST = 'Give the networks that the load balancer sends from, such as 10.0.0.0/16';

  test('no address', () => {
    const problem = (value: string): [string, string, string, string] => [
      'LB-01',
      value,
      'a fixed address is an IPv4 or IPv6 address',
      FIX_ADDRESS,
    ];
    refused(LoadBalancer.fixedAddress({ addresses: [] }), problem(''));
    refused(
      LoadBalancer.fixedAddress({ addresses: ['203.0.113.10', 'lb.example.com', 'fe80::1%eth0'], annotations: {} }),
      problem('lb.example.com'),
      problem('fe80::1%eth0'),
    );
  });

  test('several addresses that nothing has assigned', () => {
    const addresses = ['203.0.113.10', '2001:db8::10'];
    refused(LoadBalancer.fixedAddress({ addresses }), [
      'LB-05',
      '203.0.113.10, 2001:db8::10',
      'loadBalancerIP holds one address only, so nothing would have these assigned',
      "Say it in the annotations of your implementation, such as { 'metallb.io/loadBalancerIPs': '203.0.113.10,2001:db8::10' }",
    ]);
    const annotations = { 'metallb.io/loadBalancerIPs': addresses.join(',') };
    expect(codesOf(LoadBalancer.fixedAddress({ addresses, annotations }))).toEqual([]);
  });

  test('no network', () => {
    refused(
      LoadBalancer.awsNlb({ hostName: 'lb.example.com', sourceRanges: ['198.51.100.7'], proxyProtocolFrom: ['vpc'] }),
      ['LB-02', '198.51.100.7', 'sourceRanges holds networks in CIDR notation', FIX_NETWORK],
      ['LB-02', 'vpc', 'trusted holds networks in CIDR notation', FIX_NETWORK],
    );
  });

  test.each(['10.0.0.0/33', '2001:db8::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0/8', 'fe80::%a/64'])(
    '%s is no network',
    (network) => {
      expect(codesOf(LoadBalancer.generic({ sourceRanges: [network] }))).toEqual([`LB-02 ${network}`]);
    },
  );

  test.each(['10.0.0.0/8', '203.0.113.10/32', '2001:db8::/128', '0.0.0.0/0'])('%s is a network', (network) => {
    expect(codesOf(LoadBalancer.generic({ sourceRanges: [network] }))).toEqual([]);
  });

  test('nobody to believe', () => {
    refused(LoadBalancer.generic({ clientAddress: { by: 'forwarded-headers', trusted: [] } }), [
      'LB-03',
      'forwarded-headers',
      'nobody is trusted, so the header would be thrown away and the address lost',
      FIX_TRUST,
    ]);
  });

  test('everyone to believe', () => {
    const problem = (value: string): [string, string, string, string] => [
      'LB-04',
      value,
      'everyone is trusted, so any client could write whose address it likes',
      FIX_TRUST,
    ];
    refused(
      LoadBalancer.generic({ clientAddress: { by: 'proxy-protocol', trusted: ['0.0.0.0/0', '10.0.0.0/8', '::/0'] } }),
      problem('0.0.0.0/0'),
      problem('::/0'),
    );
    expect(codesOf(LoadBalancer.awsNlb({ hostName: 'lb.example.com', proxyProtocolFrom: ['::/0'] }))).toEqual([
      'LB-04 ::/0',
    ]);
  });

  test('names and annotations that are none', () => {
    expect(codesOf(LoadBalancer.awsNlb({ hostName: 'lb' }))).toEqual(['HOST-01 lb']);
    expect(codesOf(LoadBalancer.generic({ hostName: 'a.*.com' }))).toEqual(['HOST-02 a.*.com']);
    expect(codesOf(LoadBalancer.generic({ annotations: { 'a b': 'c' } }))).toEqual(['NAME-06 a b: c']);
  });
});

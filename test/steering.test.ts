import { App, Chart, Testing } from 'cdk8s';
import { route53Provider } from '../lib/aws/route53-provider';
import { CertManagerIssuer } from '../lib/certificates/cert-manager-issuer';
import { Cluster } from '../lib/cluster';
import { DnsEndpoint, type DnsEndpointProps } from '../lib/dns/dns-endpoint';
import { ExternalDns } from '../lib/dns/external-dns';
import { rfc2136Provider } from '../lib/dns/rfc2136-provider';
import { IngressRouteWithTls } from '../lib/edge/ingress-route-with-tls';
import { PRIVATE_NETWORKS } from '../lib/model/placement';
import { TraefikHaError } from '../lib/model/problem';
import { DnsRouting } from '../lib/model/routing';
import { HostedZone } from '../lib/model/zone';
import { LoadBalancer } from '../lib/traefik/load-balancer';
import { ExistingTraefik } from '../lib/traefik/traefik';
import { TraefikHA } from '../lib/traefik/traefik-ha';
import { accepted, chartOf, ZONE } from './support/charts';

type Declared = Partial<DnsEndpointProps>;

/** A name that two clusters of one app announce. */
function app(blue: Declared, green: Declared, { more }: { more?: (blue: Chart, green: Chart) => void } = {}) {
  const root = new App({ outdir: 'unused' });
  const [west, east] = ['blue', 'green'].map(
    (id) => new Chart(new Cluster(root, id), 'edge', { namespace: 'edge' }),
  ) as [Chart, Chart];
  const common = { dnsName: 'shop.example.com', zones: [ZONE] };
  new DnsEndpoint(west, 'shop', { ...common, targets: ['203.0.113.10'], ...blue });
  new DnsEndpoint(east, 'shop', { ...common, targets: ['203.0.113.20'], ...green });
  more?.(west, east);
  return { root, west, east };
}

const errorOf = (blue: Declared, green: Declared) => {
  try {
    app(blue, green).root.node.findAll();
    Testing.synth(app(blue, green).west);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};
const weighted = (weight: number, setIdentifier?: string) => ({
  routing: DnsRouting.weighted({ weight, setIdentifier }),
});

test('two clusters share a name, each under its own', () => {
  const { west, east } = app(weighted(90), weighted(10));
  const identifiers = [west, east].flatMap((chart) =>
    accepted(chart).flatMap(({ spec }) =>
      spec.endpoints.map(({ setIdentifier }: { setIdentifier: string }) => setIdentifier),
    ),
  );
  expect(identifiers).toEqual(['blue', 'green']);
});

test.each<[string, Declared, Declared, string]>([
  [
    'one steers and one does not',
    weighted(90),
    {},
    'DNS-20 [green/edge/shop] blue/edge/shop announces the name by one that does (weighted), and this by a record that does not steer: Route 53 takes one or the other (shop.example.com). Give both a routing, or the names of their own',
  ],
  [
    'two policies',
    weighted(90),
    { routing: DnsRouting.latency({ region: 'eu-central-1' }) },
    'DNS-21 [green/edge/shop] blue/edge/shop announces the name as weighted, and this as latency: all records of a name have one policy (shop.example.com). Choose one, or give one of them another name and point to that',
  ],
  [
    'one set identifier',
    weighted(90, 'edge'),
    weighted(10, 'edge'),
    "DNS-22 [green/edge/shop] blue/edge/shop has the same set identifier edge, so that one would overwrite the other (shop.example.com). Give each its own: setIdentifier: 'blue' and 'green'",
  ],
  [
    'two primaries',
    { routing: DnsRouting.failover('primary', { healthCheckId: 'a' }) },
    { routing: DnsRouting.failover('primary', { healthCheckId: 'b' }) },
    'DNS-23 [green/edge/shop] blue/edge/shop has the same role PRIMARY, and Route 53 takes one of each (shop.example.com). Give them different ones, or another policy',
  ],
  [
    'two of one region',
    { routing: DnsRouting.latency({ region: 'eu-central-1' }) },
    { routing: DnsRouting.latency({ region: 'eu-central-1' }) },
    'DNS-23 [green/edge/shop] blue/edge/shop has the same region eu-central-1, and Route 53 takes one of each (shop.example.com). Give them different ones, or another policy',
  ],
  [
    'two of one state',
    { routing: DnsRouting.geolocation({ country: 'US', subdivision: 'NY' }) },
    { routing: DnsRouting.geolocation({ country: 'US', subdivision: 'NY' }) },
    'DNS-23 [green/edge/shop] blue/edge/shop has the same location US-NY, and Route 53 takes one of each (shop.example.com). Give them different ones, or another policy',
  ],
  [
    'two times to live',
    { ...weighted(90), ttlSeconds: 60 },
    { ...weighted(10), ttlSeconds: 300 },
    'DNS-26 [green/edge/shop] blue/edge/shop has a time to live of 60 s, and this one of 300 s: all weighted records of a name have one (shop.example.com). Give both the same ttlSeconds',
  ],
  [
    'a host name and addresses',
    { ...weighted(90), targets: ['blue.example.com'] },
    weighted(10),
    'DNS-31 [green/edge/shop] blue/edge/shop announces the name by CNAME, and this by A: a CNAME stands beside no other type (RFC 1034, 3.6.2) (shop.example.com). Give both host names or both addresses; evaluateTargetHealth: true makes a name of the zone an ALIAS',
  ],
])('refused: %s', (_, blue, green, message) => {
  expect(errorOf(blue, green)).toBe(message);
});

test.each<[string, Declared, Declared]>([
  [
    'a state beside its country',
    { routing: DnsRouting.geolocation({ country: 'US', subdivision: 'NY' }) },
    { routing: DnsRouting.geolocation({ country: 'US' }) },
  ],
  [
    'a location beside the rest',
    { routing: DnsRouting.geolocation({ continent: 'EU' }) },
    { routing: DnsRouting.geolocation({ default: true }) },
  ],
  [
    'primary and secondary',
    { routing: DnsRouting.failover('primary', { healthCheckId: 'a' }) },
    { routing: DnsRouting.failover('secondary') },
  ],
  ['multi-value', { routing: DnsRouting.multiValue() }, { routing: DnsRouting.multiValue() }],
  [
    'regions with their own times',
    { routing: DnsRouting.latency({ region: 'eu-central-1' }), ttlSeconds: 60 },
    { routing: DnsRouting.latency({ region: 'us-east-1' }) },
  ],
  ['each its family', weighted(1), { ...weighted(1), targets: ['2001:db8::1'] }],
  [
    'an ALIAS beside addresses',
    { routing: DnsRouting.weighted({ weight: 1, evaluateTargetHealth: true }), targets: ['blue.example.com'] },
    { ...weighted(1), ttlSeconds: 60 },
  ],
  ['names of their own', weighted(1), { dnsName: 'blog.example.com' }],
])('taken: %s', (_, blue, green) => {
  expect(errorOf(blue, green)).toBe('');
});

test('without a Cluster there is nothing to tell records by', () => {
  const chart = chartOf('edge');
  new DnsEndpoint(chart, 'shop', { dnsName: 'shop.example.com', targets: ['203.0.113.10'], ...weighted(1) });
  expect(() => Testing.synth(chart)).toThrow(/^DNS-30 \[edge\/shop\] nothing tells this weighted record[^\n]*$/);
});

test('the name of a load balancer does not steer', () => {
  const { west } = app(
    weighted(1),
    { dnsName: 'blog.example.com' },
    {
      more: (blue) => {
        new TraefikHA(blue, 'traefik', { loadBalancer: LoadBalancer.awsNlb({ hostName: 'shop.example.com' }) });
      },
    },
  );
  expect(() => Testing.synth(west)).toThrow(/^DNS-20 \[the name of a load balancer\] blue\/edge\/shop[^\n]*$/);
});

const tsig = { keyName: 'edge', secret: { secretName: 'tsig', key: 'key' } };

test('who steers writes to Route 53', () => {
  const program = (provider: ConstructorParameters<typeof ExternalDns>[2]['provider']) =>
    app(
      weighted(1),
      { dnsName: 'blog.example.com' },
      {
        more: (blue) => {
          new ExternalDns(blue, 'dns', { ownerId: 'blue', zones: [ZONE], provider });
        },
      },
    ).west;
  expect(() => Testing.synth(program(rfc2136Provider({ host: '192.0.2.53', tsig })))).toThrow(
    'DNS-28 [blue/edge/shop] only Route 53 steers and has ALIASes, and blue/edge/dns, which writes the zone, writes to another provider (shop.example.com). Use DnsProvider.route53() there, or leave routing out and point to addresses',
  );
  expect(accepted(program(route53Provider())).length).toBeGreaterThan(3);
});

test('an ALIAS is nothing for another provider either', () => {
  const chart = chartOf('edge');
  new DnsEndpoint(chart, 'apex', { dnsName: 'example.com', targets: ['edge.example.com'], zones: [ZONE] });
  new ExternalDns(chart, 'dns', {
    ownerId: 'a',
    zones: [ZONE],
    provider: rfc2136Provider({ host: '192.0.2.53', tsig }),
  });
  expect(() => Testing.synth(chart)).toThrow(/^DNS-28 \[edge\/apex\][^\n]*$/);
});

describe('a public and a private zone of one name', () => {
  const inner = HostedZone.of('example.com', { id: 'ZI', private: true });
  const program = (...writers: HostedZone[][]) => {
    const chart = chartOf('edge');
    new DnsEndpoint(chart, 'db', { dnsName: 'db.example.com', targets: ['10.0.0.1'], zones: [inner] });
    for (const [index, zones] of writers.entries()) {
      new ExternalDns(chart, `dns-${index}`, { ownerId: `dns-${index}`, zones, provider: route53Provider() });
    }
    return chart;
  };

  test('are not written by one external-dns, which would show private addresses to the public', () => {
    expect(() => Testing.synth(program([ZONE, inner]))).toThrow(
      new TraefikHaError([
        {
          code: 'DNS-32',
          at: 'edge/db',
          value: '10.0.0.1',
          message: 'edge/dns-0 writes db.example.com to the public zone example.com as well as to the private one',
          fix: 'Give the private zones to an ExternalDns of their own: that of the public ones then leaves private addresses out',
        },
      ]),
    );
  });

  test('are written by two, of which that of the public one leaves private addresses out', () => {
    const excluded = accepted(program([ZONE], [inner]))
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ spec }) =>
        (spec.template.spec.containers[0].args as string[]).filter((each) => each.startsWith('--exclude-target-net=')),
      );
    expect(excluded).toEqual([PRIVATE_NETWORKS.map((network) => `--exclude-target-net=${network}`), []]);
    const [alone] = accepted(program([inner], [HostedZone.of('example.org', { id: 'ZO' })])).flatMap(
      ({ kind, spec }) => (kind === 'Deployment' ? spec.template.spec.containers[0].args.join() : []),
    );
    expect(alone).not.toContain('exclude');
  });
});

describe('routes', () => {
  const route = (chart: Chart, id: string, routing: DnsRouting, target = '203.0.113.10') =>
    new IngressRouteWithTls(chart, id, {
      traefik: new ExistingTraefik({ dnsTargets: [target] }),
      issuer: CertManagerIssuer.existing('letsencrypt'),
      zones: [ZONE],
      secretName: 'shop-tls',
      dns: { routing, ttlSeconds: 60 },
      routes: [{ host: 'shop.example.com', pathPrefix: `/${id}`, backend: { service: id, port: 80 } }],
    });
  const endpoints = (chart: Chart) =>
    accepted(chart)
      .filter(({ kind }) => kind === 'DNSEndpoint')
      .map(({ metadata, spec }) => [
        metadata.name,
        ...spec.endpoints.map((each: { setIdentifier: string }) => each.setIdentifier),
      ]);

  test('of one cluster share a record that both ask for, and have those that only one does', () => {
    const chart = chartOf('shop', new Cluster(Testing.app(), 'blue'));
    route(chart, 'a', DnsRouting.weighted({ weight: 1 }));
    route(chart, 'b', DnsRouting.weighted({ weight: 1 }));
    route(chart, 'c', DnsRouting.weighted({ weight: 1, setIdentifier: 'other' }), '203.0.113.20');
    expect(endpoints(chart)).toEqual([
      ['a', 'blue'],
      ['c', 'other'],
    ]);
  });

  test('that ask for one record differently are refused once', () => {
    const chart = chartOf('shop', new Cluster(Testing.app(), 'blue'));
    route(chart, 'a', DnsRouting.weighted({ weight: 1 }));
    route(chart, 'b', DnsRouting.weighted({ weight: 2 }));
    expect(() => Testing.synth(chart)).toThrow(
      new Error(
        'DNS-06 [blue/shop/b] route shop/a announces the name as A 203.0.113.10 for 60 s, set identifier blue, aws/weight=1, and this one as A 203.0.113.10 for 60 s, set identifier blue, aws/weight=2 (shop.example.com). Give both the same targets and ttlSeconds, or say dns: false in one of them',
      ),
    );
  });
});

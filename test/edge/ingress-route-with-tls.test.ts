import { ApiObject, Testing } from 'cdk8s';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import type { IngressRouteWithTlsProps, RouteProps } from '../../lib/edge/ingress-route-with-tls';
import { TraefikHaError } from '../../lib/model/problem';
import { CertificateStrategy } from '../../lib/model/strategy';
import { HostedZone } from '../../lib/model/zone';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { TlsOption } from '../../lib/traefik/tls-option';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { accepted, chartOf, identities, theOnly, ZONE } from '../support/charts';
import { BACKEND, edgeIn, ISSUER, routeIn, TRAEFIK } from '../support/routes';

const labels = (component: string) => ({
  'app.kubernetes.io/name': 'traefik-ha',
  'app.kubernetes.io/instance': 'web',
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/managed-by': 'traefik-ha',
});

test('defaults: a certificate of its own, and records for 300 s', () => {
  const chart = chartOf('shop');
  const route = routeIn(chart, 'web', { routes: [{ host: 'shop.example.com', backend: BACKEND }] });
  expect(accepted(chart)).toEqual([
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name: 'web', namespace: 'shop', labels: labels('route') },
      spec: {
        ingressClassName: 'traefik',
        entryPoints: ['websecure'],
        routes: [
          {
            kind: 'Rule',
            match: 'Host(`shop.example.com`)',
            services: [{ kind: 'Service', name: 'web', port: 80 }],
          },
        ],
        tls: { secretName: 'web-tls' },
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'web-tls', namespace: 'shop', labels: labels('certificate') },
      spec: {
        secretName: 'web-tls',
        dnsNames: ['shop.example.com'],
        issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        revisionHistoryLimit: 1,
      },
    },
    {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name: 'web', namespace: 'shop', labels: labels('dns') },
      spec: {
        endpoints: [{ dnsName: 'shop.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] }],
      },
    },
  ]);
  expect(route).toMatchObject({ name: 'web', namespace: 'shop', hosts: ['shop.example.com'] });
});

test('everything', () => {
  const chart = chartOf('shop');
  const compress = new ApiObject(chart, 'compress', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'compress' },
    spec: { compress: {} },
  });
  const routes: [RouteProps & Required<Pick<RouteProps, 'backend' | 'middlewares' | 'priority'>>] = [
    {
      host: ['shop.example.com'],
      pathPrefix: '/api',
      backend: [
        { service: 'web', port: 'http', scheme: 'h2c', weight: 9 },
        { service: 'canary', port: 443, weight: 1 },
      ],
      middlewares: [compress],
      priority: 7,
    },
  ];
  const props: Required<IngressRouteWithTlsProps> = {
    traefik: new ExistingTraefik({ ingressClass: 'edge', entryPoints: ['websecure', 'internal'] }),
    issuer: CertManagerIssuer.existing('own', { namespace: 'shop' }),
    routes,
    zones: [ZONE],
    certificate: CertificateStrategy.perRoute({ besideWildcard: true }),
    secretName: 'shop-cert',
    hosts: ['www.example.com'],
    dns: { targets: ['2001:db8::10'], ttlSeconds: 60 },
    tlsOption: { name: 'mutual', namespace: 'shop' },
    protocol: 'http',
    entryPoints: ['internal'],
    name: 'front',
  };
  routeIn(chart, 'web', props);
  const { metadata, spec } = theOnly('IngressRoute', chart);
  expect(metadata.name).toBe('front');
  expect(spec).toEqual({
    ingressClassName: 'edge',
    entryPoints: ['internal'],
    routes: [
      {
        kind: 'Rule',
        match: 'Host(`shop.example.com`) && PathPrefix(`/api`)',
        priority: 7,
        middlewares: [{ name: 'compress' }],
        services: [
          { kind: 'Service', name: 'web', port: 'http', scheme: 'h2c', weight: 9 },
          { kind: 'Service', name: 'canary', port: 443, weight: 1 },
        ],
      },
    ],
    tls: { secretName: 'shop-cert', options: { name: 'mutual', namespace: 'shop' } },
  });
  const certificate = theOnly('Certificate', chart);
  expect(certificate.metadata.name).toBe('front-tls');
  expect(certificate.spec).toMatchObject({
    secretName: 'shop-cert',
    dnsNames: ['shop.example.com', 'www.example.com'],
    issuerRef: { kind: 'Issuer', name: 'own' },
  });
  expect(theOnly('DNSEndpoint', chart).spec.endpoints).toEqual([
    { dnsName: 'shop.example.com', recordType: 'AAAA', recordTTL: 60, targets: ['2001:db8::10'] },
    { dnsName: 'www.example.com', recordType: 'AAAA', recordTTL: 60, targets: ['2001:db8::10'] },
  ]);
});

test('default child', () => {
  const route = routeIn(chartOf(), 'web');
  expect(ApiObject.of(route)).toBe(route.resource);
  expect(route.resource.kind).toBe('IngressRoute');
});

test('a route that the certificate rotater knew gives the objects that it gave', () => {
  const chart = chartOf('shop');
  routeIn(chart, 'my-ingress', {
    routes: [{ rule: 'Host(`www.example.com`) && PathPrefix(`/images`)', backend: BACKEND }],
    secretName: 'www-tls-certificate',
  });
  expect(identities(accepted(chart))).toEqual([
    'IngressRoute shop/my-ingress',
    'Certificate shop/my-ingress-tls',
    'DNSEndpoint shop/my-ingress',
  ]);
  expect(theOnly('IngressRoute', chart).spec).toMatchObject({
    routes: [{ match: 'Host(`www.example.com`) && PathPrefix(`/images`)' }],
    tls: { secretName: 'www-tls-certificate' },
  });
  expect(theOnly('Certificate', chart).spec).toMatchObject({
    secretName: 'www-tls-certificate',
    dnsNames: ['www.example.com'],
  });
  expect(theOnly('DNSEndpoint', chart).spec.endpoints).toEqual([
    { dnsName: 'www.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] },
  ]);
});

describe('hosts', () => {
  test('are those of all rules, sorted, each once, without negated ones', () => {
    const chart = chartOf();
    const route = routeIn(chart, 'web', {
      routes: [
        { rule: 'Host(`b.example.com`) && !Host(`c.example.com`)', backend: BACKEND },
        { host: ['B.example.com', 'a.example.com.'], backend: BACKEND },
      ],
    });
    expect(route.hosts).toEqual(['a.example.com', 'b.example.com']);
    expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(route.hosts);
    const { endpoints } = theOnly('DNSEndpoint', chart).spec;
    expect(endpoints.map(({ dnsName }: { dnsName: string }) => dnsName)).toEqual(route.hosts);
  });

  test('that are listed stand for those of the rules', () => {
    const chart = chartOf();
    const rule = 'HostRegexp(`^(a|b)\\.example\\.com$`)';
    routeIn(chart, 'web', { routes: [{ rule, backend: BACKEND }], hosts: ['B.example.com', 'a.example.com'] });
    expect(theOnly('IngressRoute', chart).spec.routes[0].match).toBe(rule);
    expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(['a.example.com', 'b.example.com']);
  });

  test('that are listed stand beside those of the rules', () => {
    const chart = chartOf();
    routeIn(chart, 'web', { hosts: ['b.example.com'] });
    expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(['b.example.com', 'web.example.com']);
  });

  test('cannot be listed as none', () => {
    const chart = chartOf();
    routeIn(chart, 'web', { routes: [{ rule: 'PathPrefix(`/`)', backend: BACKEND }], hosts: [] });
    expect(() => Testing.synth(chart)).toThrow(/^RULE-07 \[shop\/web\] the rule names no host/);
  });
});

describe('records', () => {
  const endpointsFor = (props: Partial<IngressRouteWithTlsProps>, app = Testing.app()) => {
    const chart = chartOf('shop', app);
    routeIn(chart, 'web', props);
    return theOnly('DNSEndpoint', chart).spec.endpoints.map(
      ({ recordType, targets }: { recordType: string; targets: string[] }) => [recordType, targets],
    );
  };

  test('an IPv4 address is an A, an IPv6 address an AAAA, a host name a CNAME', () => {
    expect(endpointsFor({ dns: { targets: ['2001:db8::1', '203.0.113.2', '203.0.113.1'] } })).toEqual([
      ['A', ['203.0.113.1', '203.0.113.2']],
      ['AAAA', ['2001:db8::1']],
    ]);
    expect(endpointsFor({ dns: { targets: ['LB.example.net.'] } })).toEqual([['CNAME', ['lb.example.net']]]);
  });

  test.each([
    [
      'addresses',
      LoadBalancer.fixedAddress({ addresses: ['203.0.113.7', '2001:db8::7'], annotations: {} }),
      [
        ['A', ['203.0.113.7']],
        ['AAAA', ['2001:db8::7']],
      ],
    ],
    ['its name', LoadBalancer.awsNlb({ hostName: 'edge.example.com' }), [['CNAME', ['edge.example.com']]]],
  ])("lead to the load balancer's %s", (_, loadBalancer, expected) => {
    const app = Testing.app();
    const traefik = new TraefikHA(chartOf('edge', app), 'traefik', { loadBalancer });
    expect(endpointsFor({ traefik }, app)).toEqual(expected);
  });

  test('lead elsewhere where the route says so', () => {
    const app = Testing.app();
    const { traefik } = edgeIn(app);
    expect(endpointsFor({ traefik, dns: { targets: ['198.51.100.1'] } }, app)).toEqual([['A', ['198.51.100.1']]]);
  });

  test('are left to others with dns: false, whether a target is known or not', () => {
    const chart = chartOf();
    const route = routeIn(chart, 'web', { dns: false, traefik: new ExistingTraefik() });
    expect(identities(accepted(chart))).toEqual(['IngressRoute shop/web', 'Certificate shop/web-tls']);
    expect(route.endpoint).toBeUndefined();
  });
});

test('what is written in v2 syntax is emitted as v3', () => {
  const chart = chartOf();
  const rule = 'Host(`a.example.com`, `b.example.com`) && HeadersRegexp(`X-A`, `^1`)';
  routeIn(chart, 'web', { routes: [{ rule, syntax: 'v2', backend: BACKEND }] });
  expect(theOnly('IngressRoute', chart).spec.routes).toEqual([
    {
      kind: 'Rule',
      match: '(Host(`a.example.com`) || Host(`b.example.com`)) && HeaderRegexp(`X-A`, `^1`)',
      services: [{ kind: 'Service', name: 'web', port: 80 }],
    },
  ]);
  expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(['a.example.com', 'b.example.com']);
});

test('international hosts in typed parts are written in ASCII', () => {
  const chart = chartOf();
  routeIn(chart, 'web', { routes: [{ host: 'Bücher.example.com', backend: BACKEND }] });
  expect(theOnly('IngressRoute', chart).spec.routes[0].match).toBe('Host(`xn--bcher-kva.example.com`)');
  expect(theOnly('Certificate', chart).spec.dnsNames).toEqual(['xn--bcher-kva.example.com']);
  expect(theOnly('DNSEndpoint', chart).spec.endpoints[0].dnsName).toBe('xn--bcher-kva.example.com');
});

test('a name of 63 characters leaves room for what is added to it', () => {
  const chart = chartOf();
  routeIn(chart, 'web', { name: 'w'.repeat(63) });
  expect(theOnly('Certificate', chart).metadata.name).toBe(`${'w'.repeat(63)}-tls`);
});

test('the TLSOption of the namespace is referred to', () => {
  const chart = chartOf('shop');
  const tlsOption = new TlsOption(chart, 'mutual', { clientCaSecrets: ['partners'] });
  routeIn(chart, 'web', { tlsOption });
  expect(theOnly('IngressRoute', chart).spec.tls.options).toEqual({ name: 'mutual', namespace: 'shop' });
});

test('routes say the class of their Traefik and the first of its entry points', () => {
  const chart = chartOf();
  const traefik = new ExistingTraefik({
    ingressClass: 'inner',
    entryPoints: ['tls', 'plain'],
    dnsTargets: ['203.0.113.1'],
  });
  routeIn(chart, 'web', { traefik });
  expect(theOnly('IngressRoute', chart).spec).toMatchObject({ ingressClassName: 'inner', entryPoints: ['tls'] });
});

describe('a mistake is said with value and fix:', () => {
  const problemsOf = (props: Partial<IngressRouteWithTlsProps>) => {
    const chart = chartOf('shop');
    routeIn(chart, 'web', props);
    return () => Testing.synth(chart);
  };
  const at = 'shop/web';
  const rule = (text: string) => ({ routes: [{ rule: text, backend: BACKEND }] });

  test.each([
    [
      'no routes',
      { routes: [] },
      {
        code: 'ROUTE-02',
        value: '',
        message: 'an IngressRoute without routes serves nothing',
        fix: "Give routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }]",
      },
    ],
    [
      'a rule without a host',
      rule('PathPrefix(`/`)'),
      {
        code: 'RULE-07',
        value: '',
        message: 'the rule names no host',
        fix: 'Add Host(`a.example.com`), or HostSNI for TCP',
      },
    ],
    [
      'a rule that only says which hosts it does not match',
      rule('!Host(`a.example.com`)'),
      {
        code: 'RULE-07',
        value: 'a.example.com',
        message: 'the rule only says which hosts it does not match',
        fix: 'Add the hosts that it does match',
      },
    ],
    [
      'an international host in the text of a rule',
      rule('Host(`bücher.example.com`)'),
      {
        code: 'RULE-06',
        value: 'bücher.example.com',
        message: 'column 6: Traefik compares hosts in ASCII only',
        fix: 'Write xn--bcher-kva.example.com',
      },
    ],
    [
      'a host of one label',
      rule('Host(`localhost`)'),
      {
        code: 'HOST-01',
        value: 'localhost',
        message: 'not a fully qualified host name',
        fix: 'Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com',
      },
    ],
    [
      'a wildcard within a name',
      { hosts: ['a.*.example.com'] },
      {
        code: 'HOST-02',
        value: 'a.*.example.com',
        message: 'a wildcard is one whole label, the first one',
        fix: 'Write *.example.com, or list the names',
      },
    ],
    [
      'a public suffix',
      { hosts: ['co.uk'], issuer: CertManagerIssuer.existing('letsencrypt', { letsEncrypt: true }) },
      {
        code: 'HOST-03',
        value: 'co.uk',
        message: 'a public suffix, which no public CA certifies',
        fix: 'Use a name below a domain that you registered',
      },
    ],
    [
      'a host in no zone',
      { zones: [HostedZone.of('example.org'), HostedZone.of('shop.example.com')] },
      {
        code: 'ZONE-01',
        value: 'web.example.com',
        message: 'in none of the zones example.org, shop.example.com',
        fix: 'Add the zone that holds it to zones, or use a name below shop.example.com',
      },
    ],
    [
      'a zone that is none',
      { zones: [ZONE, HostedZone.of('org')] },
      { code: 'ZONE-02', value: 'org', message: 'not the name of a zone', fix: 'Give its apex, such as example.com' },
    ],
    [
      'a target that is not known',
      { traefik: new ExistingTraefik(), routes: [{ host: ['b.example.com', 'a.example.com'], backend: BACKEND }] },
      {
        code: 'DNS-12',
        value: 'a.example.com, b.example.com',
        message:
          "nobody said where the hosts point: the address of Traefik's load balancer is not known before it exists",
        fix: "Give dns: { targets: ['203.0.113.10'] }, LoadBalancer.awsNlb({ hostName }), or dns: false",
      },
    ],
    [
      'no target',
      { dns: { targets: [] } },
      { code: 'DNS-01', value: '', message: 'no targets', fix: 'Give at least one address or one host name' },
    ],
    [
      'a private address in a public zone',
      { zones: [ZONE], dns: { targets: ['10.0.0.1'] } },
      {
        code: 'DNS-04',
        value: '10.0.0.1',
        message: 'a private address is announced to the public as web.example.com',
        fix: "Give the public address, or say HostedZone.of('example.com', { private: true })",
      },
    ],
    [
      'an entry point that Traefik does not have',
      { entryPoints: ['websecure', 'webscure'] },
      {
        code: 'ROUTE-07',
        value: 'webscure',
        message: 'Traefik has no such entry point, and would switch the route off',
        fix: 'Use one of websecure',
      },
    ],
    [
      'a TLSOption of another namespace',
      { tlsOption: { name: 'mutual', namespace: 'edge' } },
      {
        code: 'TLS-04',
        value: 'edge/mutual',
        message: 'a route takes a TLSOption of its own namespace, shop; of another, Traefik would refuse it',
        fix: 'Declare a TlsOption in the chart of the route',
      },
    ],
    [
      'an Issuer of another namespace',
      { issuer: CertManagerIssuer.existing('own', { namespace: 'edge' }) },
      {
        code: 'CERT-08',
        value: 'Issuer edge/own',
        message: 'an Issuer serves its own namespace only, and the certificate is wanted in shop',
        fix: 'Use a ClusterIssuer, or declare an Issuer in that namespace',
      },
    ],
    [
      'a wildcard by HTTP-01',
      {
        routes: [{ host: '*.example.com', backend: BACKEND }],
        issuer: CertManagerIssuer.existing('letsencrypt', { solvers: [{ challenge: 'http01' }] }),
      },
      {
        code: 'CERT-02',
        value: '*.example.com',
        message: 'a wildcard is certified by DNS-01 only, and the issuer has only HTTP-01 for it',
        fix: 'Give ClusterIssuer letsencrypt a DNS-01 solver for the zone',
      },
    ],
    [
      'a host that no solver answers for',
      {
        zones: [],
        issuer: CertManagerIssuer.existing('letsencrypt', {
          solvers: [{ challenge: 'dns01', zones: [HostedZone.of('example.org')] }],
        }),
      },
      {
        code: 'CERT-06',
        value: 'web.example.com',
        message: 'no solver of ClusterIssuer letsencrypt answers for the name, so its order would stay pending',
        fix: 'Add its zone to a solver of the issuer, or a solver without zones',
      },
    ],
    [
      'a Secret that can be none',
      { secretName: 'web tls' },
      {
        code: 'NAME-04',
        value: 'web tls',
        message: 'secretName is not a name that an object in Kubernetes can have',
        fix: 'Use lower-case letters, digits, hyphens and dots',
      },
    ],
    [
      'an issuer that can be none',
      { issuer: CertManagerIssuer.existing('Let’s Encrypt') },
      {
        code: 'NAME-04',
        value: 'Let’s Encrypt',
        message: 'issuer is not a name that an object in Kubernetes can have',
        fix: 'Use lower-case letters, digits, hyphens and dots',
      },
    ],
    [
      'a priority below 1',
      { routes: [{ host: 'a.example.com', backend: BACKEND, priority: 0 }] },
      {
        code: 'ROUTE-03',
        value: '0',
        message: 'a priority is a whole number from 1',
        fix: 'Leave priority out for the length of the rule',
      },
    ],
    [
      'a route without a backend',
      { routes: [{ host: 'a.example.com', backend: [] }] },
      {
        code: 'ROUTE-01',
        value: '',
        message: 'a route without a backend leads nowhere',
        fix: "Write backend: { service: 'web', port: 80 }",
      },
    ],
  ] as [string, Partial<IngressRouteWithTlsProps>, Omit<TraefikHaError['problems'][number], 'at'>][])(
    '%s',
    (_, props, problem) => {
      expect(problemsOf(props)).toThrow(new TraefikHaError([{ ...problem, at }]));
    },
  );
});

test('zones are those of the solvers where the route says none', () => {
  const app = Testing.app();
  const { issuer, traefik } = edgeIn(app);
  const chart = chartOf('shop', app);
  routeIn(chart, 'web', { issuer, traefik, hosts: ['shop.example.org'] });
  expect(() => Testing.synth(chart)).toThrow(/^ZONE-01 [^\n]*\(shop\.example\.org\)[^\n]*$/);
});

test('what is wrong in several places of an app is said in one error', () => {
  const chart = chartOf();
  routeIn(chart, 'a', { entryPoints: ['b'], dns: { targets: [] } });
  routeIn(chart, 'c', { secretName: 'D' });
  expect(() => Testing.synth(chart)).toThrow(
    /^DNS-01 \[shop\/a\][^\n]+\nROUTE-07 \[shop\/a\][^\n]+\nNAME-04 \[shop\/c\][^\n]+$/,
  );
});

test('an HTTP-01 solver whose names are unknown needs none of the zones', () => {
  const chart = chartOf();
  const issuer = new CertManagerIssuer(chart, 'letsencrypt', { solvers: [AcmeSolver.http01()] });
  routeIn(chart, 'web', { issuer, traefik: TRAEFIK });
  expect(theOnly('Certificate', chart).spec.issuerRef.name).toBe(ISSUER.name);
});

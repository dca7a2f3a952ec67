import { Duration } from 'cdk8s';
import { AcmeSolver, type CloudflareProps, type Http01Props, type Rfc2136Props } from '../../lib/certificates/solvers';
import { HostedZone } from '../../lib/model/zone';

const delegatedTo = HostedZone.of('validation.example.net');
const zones = [HostedZone.of('example.com')];
const waitInsteadOfSelfCheck = Duration.minutes(2);
const apiToken = { secretName: 'cloudflare', key: 'token' };
const tsig = { keyName: 'edge-key', secret: { secretName: 'tsig', key: 'secret' } };

describe('http01', () => {
  test('defaults: the class of a TraefikHA called traefik, no node port, every name', () => {
    const http01 = { ingress: { ingressClassName: 'traefik', serviceType: 'ClusterIP' } };
    expect(AcmeSolver.http01()).toEqual({
      entries: [{ challenge: 'http01', ingressClass: 'traefik', config: { http01 } }],
      findings: [],
    });
  });

  test('everything', () => {
    const props: Required<Http01Props> = { ingressClass: 'edge', zones, waitInsteadOfSelfCheck };
    const http01 = { ingress: { ingressClassName: 'edge', serviceType: 'ClusterIP' } };
    expect(AcmeSolver.http01(props)).toEqual({
      entries: [
        { challenge: 'http01', zones, ingressClass: 'edge', config: { http01, waitInsteadOfSelfCheck: '120s' } },
      ],
      findings: [],
    });
  });
});

describe('cloudflare', () => {
  const cloudflare = { apiTokenSecretRef: { name: 'cloudflare', key: 'token' } };

  test('defaults: every name, by the token in a Secret', () => {
    expect(AcmeSolver.cloudflare({ apiToken })).toEqual({
      entries: [{ challenge: 'dns01', config: { dns01: { cloudflare } } }],
      findings: [],
    });
  });

  test('everything', () => {
    const props: Required<CloudflareProps> = { apiToken, zones, delegatedTo, waitInsteadOfSelfCheck };
    expect(AcmeSolver.cloudflare(props)).toEqual({
      entries: [
        {
          ...{ challenge: 'dns01', zones, delegatedTo },
          config: { dns01: { cnameStrategy: 'Follow', cloudflare }, waitInsteadOfSelfCheck: '120s' },
        },
      ],
      findings: [],
    });
  });
});

test('the zone that challenges are delegated to is one', () => {
  const solver = AcmeSolver.cloudflare({ apiToken, zones, delegatedTo: HostedZone.of('*.example.net') });
  expect(solver.findings).toMatchObject([{ code: 'ZONE-02', value: '*.example.net' }]);
});

describe('rfc2136', () => {
  const reference = { name: 'tsig', key: 'secret' };

  test('defaults: every name, signed with HMACSHA512', () => {
    const rfc2136 = {
      nameserver: '192.0.2.53',
      tsigKeyName: 'edge-key',
      tsigAlgorithm: 'HMACSHA512',
      tsigSecretSecretRef: reference,
    };
    expect(AcmeSolver.rfc2136({ nameserver: '192.0.2.53', tsig })).toEqual({
      entries: [{ challenge: 'dns01', config: { dns01: { rfc2136 } } }],
      findings: [],
    });
  });

  test('everything', () => {
    const props: Required<Rfc2136Props> = {
      nameserver: '[2001:db8::53]:5353',
      tsig: { ...tsig, algorithm: 'HMACSHA256' },
      zones,
      delegatedTo,
      waitInsteadOfSelfCheck,
    };
    const rfc2136 = {
      nameserver: '[2001:db8::53]:5353',
      tsigKeyName: 'edge-key',
      tsigAlgorithm: 'HMACSHA256',
      tsigSecretSecretRef: reference,
    };
    expect(AcmeSolver.rfc2136(props)).toEqual({
      entries: [
        {
          ...{ challenge: 'dns01', zones, delegatedTo },
          config: { dns01: { cnameStrategy: 'Follow', rfc2136 }, waitInsteadOfSelfCheck: '120s' },
        },
      ],
      findings: [],
    });
  });

  test.each(['192.0.2.53', '192.0.2.53:53', '192.0.2.53:65535', '[2001:db8::53]', '[2001:db8::53]:5353'])(
    '%s is a server',
    (nameserver) => {
      expect(AcmeSolver.rfc2136({ nameserver, tsig }).findings).toEqual([]);
    },
  );

  test.each([
    '',
    'ns1.example.com',
    '2001:db8::53',
    '[192.0.2.53]',
    '192.0.2.53:0',
    '192.0.2.53:65536',
    '[fe80::1%eth0]',
  ])('%j is none', (nameserver) => {
    expect(AcmeSolver.rfc2136({ nameserver, tsig }).findings).toMatchObject([{ code: 'ISSUER-06', value: nameserver }]);
  });
});

test('no zones are not the same as no names', () => {
  expect(AcmeSolver.http01({ zones: [] }).entries[0]).toHaveProperty('zones', undefined);
});

test('a wait may be none, or a part of a second', () => {
  const waits = [Duration.seconds(0), Duration.millis(1500)];
  const written = waits.map((wait) => AcmeSolver.http01({ waitInsteadOfSelfCheck: wait }).entries[0]?.config);
  expect(written).toMatchObject([{ waitInsteadOfSelfCheck: '0s' }, { waitInsteadOfSelfCheck: '1.5s' }]);
});

test('what is wrong with a solver is a value, for the issuer to report', () => {
  const bad = { secretName: 'no name', key: 'no key' };
  const worse = [HostedZone.of('com', { id: 'no id' })];
  const codes = [
    AcmeSolver.http01({ ingressClass: 'No Class', zones: worse }),
    AcmeSolver.cloudflare({ apiToken: bad, zones: worse }),
    AcmeSolver.rfc2136({ nameserver: 'ns1', tsig: { keyName: '-', secret: bad }, zones: worse }),
  ].map(({ findings }) => findings.map(({ code }) => code));
  expect(codes).toEqual([
    ['ZONE-02', 'NAME-04'],
    ['ZONE-02', 'NAME-04', 'NAME-05'],
    ['ZONE-02', 'ISSUER-06', 'DNS-13', 'NAME-04', 'NAME-05'],
  ]);
});

import fc from 'fast-check';
import type { CertificateRequest } from '../../lib/model/certificate';
import { derive, type Integrations, plan, type Route, wildcardNames } from '../../lib/model/derive';
import { canonicalHost, covers } from '../../lib/model/host';
import type { Issuer } from '../../lib/model/issuer';
import { CertificateStrategy } from '../../lib/model/strategy';
import { HostedZone } from '../../lib/model/zone';

const issuer: Issuer = {
  kind: 'ClusterIssuer',
  name: 'letsencrypt',
  letsEncrypt: true,
  solvers: [{ challenge: 'dns01' }],
};
const zone = HostedZone.of('example.com');
const devZone = HostedZone.of('dev.example.com');
const dns = { targets: ['203.0.113.10'], ttlSeconds: 300 };
const perRoute: Integrations = {
  zones: [zone],
  certificates: { issuer, strategy: CertificateStrategy.perRoute() },
  dns,
};
const perZone: Integrations = {
  zones: [zone, devZone],
  certificates: { issuer, strategy: CertificateStrategy.wildcardPerZone() },
};

const route = (name: string, hosts: readonly string[], others: Partial<Route> = {}): Route => ({
  namespace: 'shop',
  name,
  at: `app/shop/${name}`,
  hosts,
  secretName: `${name}-secret`,
  ...others,
});
const address = (dnsName: string) => ({
  dnsName,
  recordType: 'A',
  recordTTL: 300,
  targets: ['203.0.113.10'],
});
const shuffled = <T>(values: readonly T[]) => fc.shuffledSubarray([...values], { minLength: values.length });

describe('one route', () => {
  test('gives a certificate for its Secret and a record for each host', () => {
    const asked = route('my-ingress', ['api.example.com', 'www.example.com'], { secretName: 'www-tls-certificate' });
    expect(derive(asked, perRoute)).toEqual({
      route: asked,
      certificate: {
        namespace: 'shop',
        name: 'my-ingress-tls',
        secretName: 'www-tls-certificate',
        dnsNames: ['api.example.com', 'www.example.com'],
        issuer,
        besideWildcard: false,
      },
      wildcardZones: [],
      records: [address('api.example.com'), address('www.example.com')],
      problems: [],
    });
  });

  test('is certified and announced independently', () => {
    const gives = (asked: Route, integrations: Integrations) => {
      const { certificate, records, problems } = derive(asked, integrations);
      expect(problems).toEqual([]);
      return [certificate?.name, ...records.map(({ dnsName }) => dnsName)];
    };
    const web = route('web', ['www.example.com']);
    expect(gives(web, { ...perRoute, dns: undefined })).toEqual(['web-tls']);
    expect(gives(web, { ...perRoute, certificates: undefined })).toEqual([undefined, 'www.example.com']);
    expect(gives({ ...web, secretName: undefined }, perRoute)).toEqual([undefined, 'www.example.com']);
    expect(gives({ ...web, hosts: [] }, { ...perRoute, dns: { ...dns, targets: [] } })).toEqual([undefined]);
  });

  test('gives the same whatever the order of targets and zones', () => {
    const zones = [zone, devZone, HostedZone.of('example.com', { private: true }), HostedZone.of('example.net')];
    const targets = ['203.0.113.10', '10.0.0.1', '2001:db8::10', 'lb.example.net'];
    const web = route('web', ['a.dev.example.com', 'a.example.org', 'b.example.org', 'example.com']);
    const derived = (integrations: Integrations) => ({
      ...derive(web, integrations),
      problems: derive(web, integrations).problems.map(({ code, message, fix }) => [code, message, fix]),
    });
    for (const integrations of [perRoute, perZone]) {
      const expected = derived({ ...integrations, zones, dns: { ...dns, targets } });
      fc.assert(
        fc.property(shuffled(zones), shuffled(targets), (zones, targets) => {
          expect(derived({ ...integrations, zones, dns: { ...dns, targets } })).toEqual(expected);
        }),
      );
    }
  });

  test('goes on without the hosts that are refused, and says everything at its place', () => {
    const { certificate, records, problems } = derive(route('web', ['a.example.com', 'co.uk', 'localhost']), {
      ...perRoute,
      dns: { targets: ['10.0.0.1'], ttlSeconds: 0 },
    });
    expect(certificate?.dnsNames).toEqual(['a.example.com', 'co.uk']);
    expect(records.map(({ dnsName }) => dnsName)).toEqual(['a.example.com', 'co.uk']);
    expect(problems.map(({ code, value, at }) => [code, value, at]).sort()).toEqual([
      ['DNS-04', '10.0.0.1', 'app/shop/web'],
      ['DNS-05', '0', 'app/shop/web'],
      ['HOST-01', 'localhost', 'app/shop/web'],
      ['HOST-03', 'co.uk', 'app/shop/web'],
      ['ZONE-01', 'co.uk', 'app/shop/web'],
    ]);
  });

  test('has its targets checked although every host is refused', () => {
    const integrations = { ...perRoute, dns: { targets: [], ttlSeconds: 300 } };
    expect(derive(route('web', ['localhost']), integrations).problems.map(({ code }) => code)).toEqual([
      'HOST-01',
      'DNS-01',
    ]);
  });

  test('has each host, whatever its text, refused, or certified and announced', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain()), (text) => {
        const host = canonicalHost(text);
        const { certificate, records, problems } = derive(route('web', [host]), { ...perRoute, zones: [] });
        if (problems.length > 0) return expect(problems.map(({ value }) => value)).toContain(host);
        expect(certificate?.dnsNames).toEqual([host]);
        expect(records.map(({ dnsName }) => dnsName)).toEqual([host]);
      }),
    );
  });

  test('may stand beside the wildcard of another certificate if its strategy says so', () => {
    const strategy = CertificateStrategy.perRoute({ besideWildcard: true });
    const { certificate } = derive(route('web', ['a.example.com']), { zones: [], certificates: { issuer, strategy } });
    expect(certificate?.besideWildcard).toBe(true);
  });
});

describe('one wildcard per zone', () => {
  test('holds the zone and one label below', () => {
    expect(wildcardNames(zone)).toEqual(['*.example.com', 'example.com']);
  });

  test('serves them without a certificate of the route', () => {
    const web = route('web', ['*.example.com', 'a.dev.example.com', 'b.example.com', 'dev.example.com', 'example.com']);
    const { certificate, wildcardZones } = derive(web, perZone);
    expect(certificate).toBeUndefined();
    expect(wildcardZones.map(({ name }) => name).sort()).toEqual(['dev.example.com', 'example.com']);
  });

  test('cannot be had where no zone is known', () => {
    const web = route('web', ['a.example.com', 'example.com']);
    expect(derive(web, { ...perZone, zones: [] }).problems).toEqual([
      {
        code: 'CERT-12',
        at: 'app/shop/web',
        value: 'a.example.com, example.com',
        message: 'a wildcard for each zone is wanted, and no zone is known',
        fix: "Give zones: [HostedZone.of('example.com')], or an issuer whose solvers have zones",
      },
    ]);
  });

  test('leaves deeper hosts to a certificate of the route', () => {
    const web = route('web', ['*.a.example.com', 'a.b.example.com', 'b.example.com'], { secretName: undefined });
    expect(derive(web, perZone)).toMatchObject({
      certificate: {
        name: 'web-tls',
        secretName: 'web-tls',
        dnsNames: ['*.a.example.com', 'a.b.example.com'],
        reason: 'for hosts more than one label below their zone, where its wildcard does not reach',
      },
      wildcardZones: [zone],
      problems: [],
    });
    expect(derive({ ...web, secretName: 'mine' }, perZone).certificate?.secretName).toBe('mine');
  });

  test('covers every host exactly once, together with the route', () => {
    const names = fc.array(fc.constantFrom('a', 'dev', '*'), { maxLength: 3 }).map((labels) => {
      return [...labels.filter((label, index) => label !== '*' || index === 0), 'example.com'].join('.');
    });
    fc.assert(
      fc.property(fc.uniqueArray(names), (hosts) => {
        const { certificate, wildcardZones } = derive(route('web', hosts), perZone);
        const certificates = [...wildcardZones.map(wildcardNames), certificate?.dnsNames ?? []];
        // The apex of the zone below is in its own wildcard's certificate, and reached by that of the zone above.
        for (const host of hosts.filter((each) => each !== devZone.name)) {
          const covering = certificates.filter((dnsNames) => dnsNames.some((name) => covers(name, host)));
          expect(covering).toHaveLength(1);
        }
        for (const { name } of wildcardZones) expect(hosts.some((host) => host.endsWith(name))).toBe(true);
      }),
    );
  });
});

describe('several routes', () => {
  const planned = (routes: readonly Route[], others?: readonly CertificateRequest[], integrations = perRoute) =>
    plan(
      routes.map((each) => derive(each, integrations)),
      others?.map((request) => ({ request, at: `app/${request.namespace}/${request.name}` })),
    );

  test('of one namespace with one Secret share the certificate of the first, for the hosts of all', () => {
    const routes = [
      route('c', ['0.example.com', 'c.example.com'], { secretName: 'shared' }),
      route('b', ['a.example.com', 'b.example.com'], { secretName: 'shared' }),
      route('a', ['b.example.com'], { secretName: 'other', namespace: 'api' }),
      route('d', ['d.example.com'], { secretName: 'other' }),
    ];
    expect(planned(routes).certificates).toMatchObject([
      { namespace: 'api', name: 'a-tls', secretName: 'other', dnsNames: ['b.example.com'] },
      {
        namespace: 'shop',
        name: 'b-tls',
        secretName: 'shared',
        dnsNames: ['0.example.com', 'a.example.com', 'b.example.com', 'c.example.com'],
      },
      { namespace: 'shop', name: 'd-tls', secretName: 'other', dnsNames: ['d.example.com'] },
    ]);
  });

  test('share a certificate, that stands beside a wildcard only if all of them said so', () => {
    const beside = (besideWildcard: boolean, name: string) =>
      derive(route(name, [`${name}.example.com`], { secretName: 'shared' }), {
        ...perRoute,
        certificates: { issuer, strategy: CertificateStrategy.perRoute({ besideWildcard }) },
      });
    const stands = (a: boolean, b: boolean) => plan([beside(a, 'a'), beside(b, 'b')]).certificates[0]?.besideWildcard;
    expect([stands(true, true), stands(true, false), stands(false, true)]).toEqual([true, false, false]);
  });

  test('cannot have one Secret written by two issuers', () => {
    const signedBy = (other: Partial<Issuer>, name: string) =>
      derive(route(name, [`${name}.example.com`], { secretName: 'shared' }), {
        ...perRoute,
        certificates: { issuer: { ...issuer, ...other }, strategy: CertificateStrategy.perRoute() },
      });
    const first = signedBy({}, 'a');
    expect(plan([signedBy({ kind: 'Issuer', namespace: 'shop' }, 'b'), first]).problems).toMatchObject([
      { code: 'CERT-04' },
    ]);
    expect(plan([signedBy({ name: 'staging' }, 'b'), first]).problems).toEqual([
      {
        code: 'CERT-04',
        at: 'app/shop/b',
        value: 'shared',
        message:
          'Certificate a-tls writes this Secret with ClusterIssuer letsencrypt, and this route asks ClusterIssuer staging',
        fix: 'Use one issuer for both, or another secretName',
      },
    ]);
  });

  test('can be too many for one certificate, which is said once', () => {
    const hosts = (letter: string) => Array.from({ length: 60 }, (_, index) => `${letter}${index}.example.com`).sort();
    const sharing = (...letters: string[]) =>
      planned(letters.map((letter, index) => route(`r${index}`, hosts(letter), { secretName: 'shared' }))).problems;
    expect(sharing('a', 'b', 'c')).toMatchObject([{ code: 'CERT-01', at: 'app/shop/r0', value: '180 names' }]);
    expect(sharing('a', 'b')).toMatchObject([{ code: 'CERT-01', at: 'app/shop/r0', value: '120 names' }]);
    expect(sharing('a', 'a', 'a')).toEqual([]);
    expect(planned([route('alone', [...hosts('a'), ...hosts('b')])]).problems).toEqual([]);
  });

  test('announce a name once, by the first of them', () => {
    const routes = [
      route('b', ['a.example.com', 'b.example.com'], { secretName: undefined }),
      route('a', ['a.example.com'], { secretName: undefined }),
      route('c', ['b.example.com'], { secretName: undefined }),
    ];
    expect(planned(routes)).toEqual({
      certificates: [],
      endpoints: [
        { namespace: 'shop', name: 'a', records: [address('a.example.com')] },
        { namespace: 'shop', name: 'b', records: [address('b.example.com')] },
      ],
      problems: [],
    });
  });

  test('do not announce a name in two ways', () => {
    const announced = (name: string, targets: string[], ttlSeconds = 300) =>
      derive(route(name, ['a.example.com'], { secretName: undefined }), {
        ...perRoute,
        dns: { targets, ttlSeconds },
      });
    const first = announced('a', ['203.0.113.10', '2001:db8::10']);
    expect(plan([announced('b', ['2001:db8::10', '203.0.113.10']), first]).problems).toEqual([]);
    expect(plan([announced('b', ['203.0.113.10'], 60), first]).problems).toEqual([
      {
        code: 'DNS-06',
        at: 'app/shop/b',
        value: 'a.example.com',
        message:
          'route shop/a announces the name as A 203.0.113.10 for 300 s and AAAA 2001:db8::10 for 300 s, and this one as A 203.0.113.10 for 60 s',
        fix: 'Give both the same targets and ttlSeconds, or say dns: false in one of them',
      },
    ]);
  });

  test('whose certificates cover one name are refused at the second', () => {
    expect(planned([route('b', ['a.example.com']), route('a', ['a.example.com'])]).problems).toMatchObject([
      {
        code: 'CERT-03',
        at: 'app/shop/b',
        value: 'a.example.com',
        fix: "Have one certificate serve both: routes of one namespace with secretName 'a-secret', or the wildcard of the zone",
      },
    ]);
  });

  test('are laid beside certificates that are not theirs', () => {
    const wildcard = (name: string, of: HostedZone): CertificateRequest => ({
      namespace: 'edge',
      name,
      secretName: name,
      dnsNames: wildcardNames(of),
      issuer,
    });
    const routes = [route('a', ['a.example.com'])];
    const others = [wildcard('one', zone), wildcard('two', zone)];
    const { certificates, problems } = planned(routes, others);
    expect(certificates.map(({ name }) => name)).toEqual(['a-tls']);
    expect(problems.map(({ code, at, value }) => [code, at, value])).toEqual([
      ['CERT-03', 'app/edge/two', '*.example.com, example.com'],
      ['CERT-03', 'app/shop/a', 'a.example.com'],
    ]);
    expect(planned(routes, others.reverse()).problems).toEqual(problems);
  });

  test('stand in the order of namespace and name', () => {
    const own = (namespace: string, name: string) => route(name, [`${name}.${namespace}.example.com`], { namespace });
    const routes = [own('a-b', 'x'), own('a', 'y.z'), own('b', 'x'), own('a', 'y'), own('a', 'y-z')];
    const { certificates, endpoints } = planned(routes);
    const order = ['a/y', 'a/y-z', 'a/y.z', 'a-b/x', 'b/x'];
    expect(endpoints.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(order);
    expect(certificates.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(order.map((key) => `${key}-tls`));
  });

  const routes = fc
    .uniqueArray(
      fc.record({
        namespace: fc.constantFrom('a', 'a-b', 'b'),
        name: fc.constantFrom('x', 'x-y', 'x.y', 'z'),
        secretName: fc.constantFrom('one', 'two', undefined),
        hosts: fc
          .uniqueArray(fc.constantFrom('*', 'a', 'a.a', 'b', 'b.a'), { minLength: 1 })
          .map((labels) => labels.map((label) => `${label}.example.com`).sort()),
      }),
      { selector: ({ namespace, name }) => `${namespace}/${name}` },
    )
    .map((list) => list.map((each) => route(each.name, each.hosts, { ...each, at: `${each.namespace}/${each.name}` })));

  test('give the same plan in any order', () => {
    const orders = routes.chain((list) => fc.tuple(fc.constant(list), shuffled(list)));
    fc.assert(fc.property(orders, ([list, other]) => expect(planned(other)).toEqual(planned(list))));
  });

  test('have each host covered by the one certificate of its Secret and in one endpoint, and nothing else is there', () => {
    fc.assert(
      fc.property(routes, (list) => {
        const { certificates, endpoints, problems } = planned(list);
        const ofSecret = (namespace: string, secret: string | undefined) =>
          certificates.filter((each) => each.namespace === namespace && each.secretName === secret);
        for (const { namespace, secretName, hosts } of list.filter((each) => each.secretName !== undefined)) {
          const [one, ...others] = ofSecret(namespace, secretName);
          expect(others).toEqual([]);
          for (const host of hosts) expect(one?.dnsNames.filter((name) => covers(name, host))).toHaveLength(1);
        }
        const wanted = list.flatMap(({ namespace, secretName, hosts }) =>
          hosts.map((host) => `${namespace}/${secretName} ${host}`),
        );
        for (const { namespace, secretName, dnsNames } of certificates) {
          for (const name of dnsNames) expect(wanted).toContain(`${namespace}/${secretName} ${name}`);
        }

        const announced = endpoints.flatMap(({ records }) => records.map(({ dnsName }) => dnsName));
        expect(announced.sort()).toEqual([...new Set(list.flatMap(({ hosts }) => hosts))].sort());

        const certified = certificates.flatMap(({ dnsNames }) => dnsNames);
        const isServedTwice = certified.some((host) =>
          certificates.some(
            (one) =>
              one.dnsNames.some((name) => covers(name, host)) &&
              certificates.some((two) => two !== one && two.dnsNames.includes(host)),
          ),
        );
        expect(problems.some(({ code }) => code === 'CERT-03')).toBe(isServedTwice);
      }),
    );
  });
});

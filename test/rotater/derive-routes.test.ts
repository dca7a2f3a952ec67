import { printProblem } from '../../lib/model/problem';
import { deriveRoutes } from '../../lib/rotater/derive-routes';
import { isMeant, isRoute, type KubeObject, readRoute } from '../../lib/rotater/route-object';
import type { RotaterSettingsProps } from '../../lib/rotater/settings-props';
import { settingsOf } from '../support/derive';
import { schemaProblems } from '../support/schemas';
import { BOTH, ingressRoute } from './support';

/** What is derived from routes, as users see it. */
function derived(
  objects: readonly KubeObject[],
  raw: RotaterSettingsProps = BOTH,
  serviceTargets: readonly string[] = [],
) {
  const settings = settingsOf(raw);
  const routes = objects
    .filter((object) => isRoute(object) && isMeant(object, settings))
    .map((object, index) => readRoute({ object, at: `#${index}`, placeOf: (path) => `#${index} ${path.join('.')}` }));
  const result = deriveRoutes(routes, settings, serviceTargets);
  return {
    objects: [...result.objects.values()].flat().concat(result.wildcards),
    problems: result.problems.map(printProblem),
    notices: result.notices.map(printProblem),
  };
}

const names = (objects: ReturnType<typeof derived>['objects']) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);

test("the rotater's own example", () => {
  const object = ingressRoute({
    name: 'my-ingress',
    match: 'Host(`www.example.com`) && PathPrefix(`/images`)',
    tls: { secretName: 'www-tls-certificate' },
  });
  const { objects, problems } = derived([object]);
  expect(problems).toEqual([]);
  expect(objects).toMatchObject([
    {
      kind: 'Certificate',
      metadata: { name: 'my-ingress-tls', namespace: 'shop' },
      spec: {
        secretName: 'www-tls-certificate',
        dnsNames: ['www.example.com'],
        issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt' },
      },
    },
    {
      kind: 'DNSEndpoint',
      metadata: { name: 'my-ingress', namespace: 'shop' },
      spec: {
        endpoints: [{ dnsName: 'www.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] }],
      },
    },
  ]);
  for (const one of objects) {
    expect(one.metadata.labels['app.kubernetes.io/managed-by']).toBe('traefik-ha');
    expect(schemaProblems(one)).toEqual([]);
  }
});

describe('which routes', () => {
  test('of the class, by its field or its annotation', () => {
    const raw = { ...BOTH, ingressClass: 'traefik' };
    expect(derived([ingressRoute({ ingressClassName: 'traefik' })], raw).objects).toHaveLength(2);
    expect(derived([ingressRoute({ ingressClassName: 'other' })], raw).objects).toEqual([]);
    expect(derived([ingressRoute()], raw).objects).toEqual([]);
    const annotations = { 'kubernetes.io/ingress.class': 'traefik' };
    expect(derived([ingressRoute({ annotations })], raw).objects).toHaveLength(2);
    expect(derived([ingressRoute({ annotations, ingressClassName: 'other' })], raw).objects).toEqual([]);
  });

  test('of namespaces, with labels', () => {
    expect(derived([ingressRoute()], { ...BOTH, namespaces: ['blog'] }).objects).toEqual([]);
    expect(derived([ingressRoute({ labels: { team: 'a' } })], { ...BOTH, selector: 'team=b' }).objects).toEqual([]);
    expect(derived([ingressRoute({ labels: { team: 'b' } })], { ...BOTH, selector: 'team=b' }).objects).toHaveLength(2);
  });

  test('that do not opt out, of all or of one', () => {
    const ignoring = (value: string) =>
      names(derived([ingressRoute({ annotations: { 'traefik-ha/ignore': value } })]).objects);
    expect(ignoring('true')).toEqual([]);
    expect(ignoring('dns')).toEqual(['Certificate shop/web-tls']);
    expect(ignoring('certificates')).toEqual(['DNSEndpoint shop/web']);
    expect(ignoring('certificates, dns')).toEqual([]);
    expect(ignoring('false')).toHaveLength(2);
    expect(derived([ingressRoute({ annotations: { 'traefik-ha/ignore': 'tls' } })]).problems).toEqual([
      'ROUTE-13 [#0 metadata.annotations.traefik-ha/ignore] annotation traefik-ha/ignore names no integration (tls). Write certificates or dns, or true for all',
    ]);
  });
});

describe('which certificate', () => {
  test('none without a Secret, or where TLS is passed on', () => {
    expect(names(derived([ingressRoute({ tls: null })]).objects)).toEqual(['DNSEndpoint shop/web']);
    expect(names(derived([ingressRoute({ tls: {} })]).objects)).toEqual(['DNSEndpoint shop/web']);
    const passed = ingressRoute({
      kind: 'IngressRouteTCP',
      match: 'HostSNI(`db.example.com`)',
      tls: { passthrough: true, secretName: 'x' },
    });
    expect(names(derived([passed]).objects)).toEqual(['DNSEndpoint shop/web']);
  });

  test('of a TCP route', () => {
    const { objects } = derived([ingressRoute({ kind: 'IngressRouteTCP', match: 'HostSNI(`db.example.com`)' })]);
    expect(objects[0]?.spec).toMatchObject({ dnsNames: ['db.example.com'], secretName: 'www-tls' });
  });

  test('for its domains before the hosts of its rules', () => {
    const tls = { secretName: 'x', domains: [{ main: '*.example.com', sans: ['example.com'] }] };
    const { objects } = derived([ingressRoute({ tls })]);
    expect(objects).toMatchObject([
      { kind: 'Certificate', spec: { dnsNames: ['*.example.com', 'example.com'] } },
      { kind: 'DNSEndpoint', spec: { endpoints: [{ dnsName: 'www.example.com' }] } },
    ]);
    const regexp = derived([ingressRoute({ tls, match: 'HostRegexp(`^.+\\.example\\.com$`)' })]);
    expect(regexp.objects[1]?.spec).toMatchObject({
      endpoints: [{ dnsName: '*.example.com' }, { dnsName: 'example.com' }],
    });
  });

  test('shared by routes of one Secret, for the hosts of all', () => {
    const both = [ingressRoute({ name: 'a' }), ingressRoute({ name: 'b', match: 'Host(`b.example.com`)' })];
    const { objects } = derived(both);
    expect(names(objects)).toEqual(['Certificate shop/a-tls', 'DNSEndpoint shop/a', 'DNSEndpoint shop/b']);
    expect(objects[0]?.spec).toMatchObject({ dnsNames: ['b.example.com', 'www.example.com'] });
  });

  test('from the template', () => {
    const template = { labels: { team: 'edge' }, annotations: { note: 'x' }, spec: { renewBeforePercentage: 40 } };
    const { objects } = derived([ingressRoute()], { certificates: { issuer: 'letsencrypt', template } });
    expect(objects[0]).toMatchObject({
      metadata: { labels: { team: 'edge', 'app.kubernetes.io/managed-by': 'traefik-ha' }, annotations: { note: 'x' } },
      spec: { renewBeforePercentage: 40, privateKey: { algorithm: 'ECDSA' } },
    });
  });

  test('of a whole zone, where that is the strategy', () => {
    const raw: RotaterSettingsProps = {
      zones: ['example.com'],
      certificates: { issuer: 'letsencrypt', strategy: 'wildcard-per-zone', wildcardNamespace: 'edge' },
    };
    const deep = ingressRoute({ name: 'deep', match: 'Host(`a.b.example.com`)' });
    const { objects, problems } = derived([ingressRoute({ tls: {} }), deep], raw);
    expect(problems).toEqual([]);
    expect(names(objects)).toEqual(['Certificate shop/deep-tls', 'Certificate edge/wildcard-example-com']);
    expect(objects[1]?.spec).toMatchObject({
      secretName: 'wildcard-example-com-tls',
      dnsNames: ['*.example.com', 'example.com'],
    });
    expect(derived([ingressRoute({ tls: {}, match: 'Host(`a.b.example.com`)' })], raw).problems).toEqual([
      'CERT-13 [#0] no wildcard of a zone covers the name, and the route names no Secret that a certificate could go into (a.b.example.com). Give the route a tls.secretName',
    ]);
    expect(derived([ingressRoute({ tls: null })], raw).objects).toEqual([]);
  });
});

describe('where it points', () => {
  test('as its annotation says, by value', () => {
    const annotations = { 'traefik-ha/targets': '203.0.113.20, 2001:db8::20' };
    const { objects } = derived([ingressRoute({ annotations })]);
    expect(objects[1]?.spec).toEqual({
      endpoints: [
        { dnsName: 'www.example.com', recordType: 'A', recordTTL: 300, targets: ['203.0.113.20'] },
        { dnsName: 'www.example.com', recordType: 'AAAA', recordTTL: 300, targets: ['2001:db8::20'] },
      ],
    });
  });

  test('as the Service does; nowhere while it has no address', () => {
    const raw: RotaterSettingsProps = { dns: { service: 'edge/traefik', ttlSeconds: 60 } };
    expect(derived([ingressRoute()], raw).objects).toEqual([]);
    expect(derived([ingressRoute()], raw, ['lb.example.net']).objects[0]?.spec).toEqual({
      endpoints: [{ dnsName: 'www.example.com', recordType: 'CNAME', recordTTL: 60, targets: ['lb.example.net'] }],
    });
  });

  test('only routes that say it, where nothing else does', () => {
    expect(derived([ingressRoute()], { dns: {} }).objects).toEqual([]);
  });
});

describe('what is wrong', () => {
  test('a rule that Traefik refuses, at its place', () => {
    const { problems, objects } = derived([ingressRoute({ match: 'Hst(`a.example.com`)' })]);
    expect(objects).toEqual([]);
    expect(problems).toEqual([
      'RULE-02 [#0 spec.routes.0.match] column 1: Hst is no matcher of HTTP rules in v3 syntax (Hst). Did you mean Host?',
    ]);
  });

  test('a host in none of the zones', () => {
    expect(derived([ingressRoute()], { ...BOTH, zones: ['example.org'] }).problems[0]).toMatch(
      /^ZONE-01 \[#0 spec\.routes\.0\.match\]/,
    );
  });

  test('two kinds with one name', () => {
    const tcp = ingressRoute({
      kind: 'IngressRouteTCP',
      match: 'HostSNI(`db.example.com`)',
      tls: { secretName: 'db' },
    });
    const { problems, objects } = derived([ingressRoute(), tcp]);
    expect(problems).toEqual([
      'ROUTE-14 [#1] the IngressRoute at #0 has the same name, and so would what is derived from both (web). Rename one of them, or have one ignored by the annotation traefik-ha/ignore',
    ]);
    expect(names(objects)).toEqual(['Certificate shop/web-tls', 'DNSEndpoint shop/web']);
  });

  test('no host is none of it, but said', () => {
    const { problems, notices, objects } = derived([ingressRoute({ match: 'PathPrefix(`/`)' })]);
    expect([problems, objects]).toEqual([[], []]);
    expect(notices).toEqual([
      'RULE-07 [#0 spec.routes.0.match] the rule names no host. Add Host(`a.example.com`), or HostSNI for TCP',
    ]);
    expect(derived([ingressRoute({ match: '!Host(`a.example.com`)' })]).notices[0]).toMatch(/^RULE-07/);
  });
});

test('what is no route, or not to be understood, is passed by', () => {
  const odd = [
    { kind: 'IngressRoute' },
    { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRouteUDP', metadata: { name: 'u' } },
    { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: null, spec: 7 },
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name: 'x' },
      spec: { routes: 'none', tls: [] },
    },
  ];
  const { objects, problems, notices } = derived(odd);
  expect([objects, problems]).toEqual([[], []]);
  expect(notices).toEqual([
    'RULE-07 [#0 spec.routes] the route has no rules, and so no host. Give it routes with a match',
  ]);
  for (const kind of ['constructor', 'toString', '__proto__']) {
    expect(isRoute({ ...ingressRoute(), kind })).toBe(false);
  }
});

test('annotations that are no texts', () => {
  const route = ingressRoute();
  const annotations = { 'traefik-ha/ignore': true };
  expect(derived([{ ...route, metadata: { ...route.metadata, annotations } }]).problems).toEqual([
    'ROUTE-13 [#0 metadata.annotations.traefik-ha/ignore] annotation traefik-ha/ignore is no text (true). Write it between quotes',
  ]);
});

test('names that Kubernetes would refuse', () => {
  const long = derived([ingressRoute({ name: 'a'.repeat(253) })]);
  expect(long.problems[0]).toMatch(/^NAME-04 \[#0\] the Certificate is not a name/);
  const secret = derived([ingressRoute({ tls: { secretName: 'not a name' } })]);
  expect(secret.problems[0]).toMatch(/^NAME-04 \[#0\] tls\.secretName is not a name/);
});

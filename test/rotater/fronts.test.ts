import { Testing } from 'cdk8s';
import fc from 'fast-check';
import { TraefikHaError } from '../../lib/model/problem';
import { CertificateStrategy } from '../../lib/model/strategy';
import { HostedZone } from '../../lib/model/zone';
import type { LiveObject } from '../../lib/rotater/live/live-object';
import { reconcile } from '../../lib/rotater/live/reconcile';
import { TlsStore } from '../../lib/traefik/tls-store';
import { ExistingTraefik } from '../../lib/traefik/traefik';
import { chartOf } from '../support/charts';
import { derivedBy, settingsOf } from '../support/derive';
import { BACKEND, routeIn } from '../support/routes';
import type { Manifest } from '../support/synthesize';

/** A route of a program, in what matters for certificates and DNS. */
interface DeclaredRoute {
  readonly namespace: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly secretName: string | undefined;
  readonly protocol: 'http' | 'tcp';
}

/** So many that most programs name a host once, and so are right. */
const NAMES = ['a.example.com', 'B.example.com', ...[...'cdefghijklmnop'].map((letter) => `${letter}.example.org`)];
const host = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom('deep.a.example.com', 'example.com', '*.example.com') },
  { weight: 1, arbitrary: fc.constantFrom('x.elsewhere.net', 'single') },
);
const declared: fc.Arbitrary<DeclaredRoute> = fc.record({
  namespace: fc.constantFrom('shop', 'blog'),
  name: fc.constantFrom('web', 'api', 'pages'),
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 3 }),
  secretName: fc.constantFrom(undefined, undefined, 'one-tls', 'two-tls'),
  protocol: fc.constantFrom('http', 'http', 'tcp'),
});
const program = fc.record({
  routes: fc.uniqueArray(declared, {
    minLength: 1,
    maxLength: 4,
    selector: ({ namespace, name }) => `${namespace}/${name}`,
  }),
  strategy: fc.constantFrom('per-route' as const, 'wildcard-per-zone' as const),
  zones: fc.constantFrom<string[]>(['example.com', 'example.org'], ['example.com', 'example.org'], []),
  targets: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<string[]>(['203.0.113.10', '2001:db8::1'], ['lb.example.net']) },
    { weight: 1, arbitrary: fc.constant(['10.0.0.1']) },
  ),
});
type Program = typeof program extends fc.Arbitrary<infer T> ? T : never;

/** What the construct makes of the program: its objects, or the codes of what is wrong. */
function synthesized({ routes, strategy, zones, targets }: Program): Manifest[] | string[] {
  const app = Testing.app();
  const charts = new Map(
    [...new Set(['edge', ...routes.map(({ namespace }) => namespace)])].map((name) => [name, chartOf(name, app)]),
  );
  const chart = (namespace: string) => charts.get(namespace) as NonNullable<ReturnType<typeof charts.get>>;
  const store = new TlsStore(chart('edge'), 'store');
  for (const { namespace, name, hosts, secretName, protocol } of routes) {
    routeIn(chart(namespace), name, {
      traefik: new ExistingTraefik({ dnsTargets: targets, defaultStore: store }),
      routes: [{ host: hosts, backend: BACKEND }],
      zones: zones.map((zone) => HostedZone.of(zone)),
      certificate: strategy === 'per-route' ? CertificateStrategy.perRoute() : CertificateStrategy.wildcardPerZone(),
      secretName,
      protocol,
    });
  }
  try {
    return [...charts.values()].flatMap((one) => Testing.synth(one) as Manifest[]);
  } catch (error) {
    if (!(error instanceof TraefikHaError)) throw error;
    return error.problems.map(({ code }) => code).sort();
  }
}

const settingsFor = ({ strategy, zones, targets }: Program) =>
  settingsOf({
    zones,
    certificates: { issuer: 'letsencrypt', strategy, wildcardNamespace: 'edge' },
    dns: { targets },
  });
const routesAmong = (objects: readonly Manifest[]) => objects.filter(({ kind }) => kind.startsWith('IngressRoute'));

/** What the controller makes of the routes among `objects`, in a cluster with nothing else. */
function controlled(objects: readonly Manifest[], one: Program): Manifest[] {
  const routes = routesAmong(objects).map((route, index) => {
    const metadata = { ...route.metadata, uid: `uid-${index}`, resourceVersion: String(index) };
    return JSON.parse(JSON.stringify({ ...route, metadata })) as LiveObject;
  });
  const view = { routes, service: undefined, nodes: [], slices: [], objects: [] };
  const { apply, remove, problems } = reconcile(view, { name: 'test', settings: settingsFor(one) });
  expect([remove, problems]).toEqual([[], []]);
  return apply.map((object) => JSON.parse(JSON.stringify(object)) as Manifest);
}

/** What the filter makes of the routes among `objects`. */
const filtered = (objects: readonly Manifest[], one: Program) =>
  derivedBy(settingsFor(one), routesAmong(objects), { onlyDerived: true });

const byIdentity = (objects: readonly Manifest[]) =>
  Object.fromEntries(
    objects
      .filter(({ kind }) => kind === 'Certificate' || kind === 'DNSEndpoint')
      .map(({ kind, metadata, spec }) => [`${kind} ${metadata.namespace}/${metadata.name}`, spec])
      .sort(),
  );

test('construct, filter and controller derive the same kinds, names and specs from the same routes', () => {
  let compared = 0;
  fc.assert(
    fc.property(program, (one) => {
      const objects = synthesized(one);
      if (objects.some((object) => typeof object === 'string')) return;
      const wanted = byIdentity(objects as Manifest[]);
      expect(byIdentity(filtered(objects as Manifest[], one))).toEqual(wanted);
      expect(byIdentity(controlled(objects as Manifest[], one))).toEqual(wanted);
      compared += 1;
    }),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(40);
});

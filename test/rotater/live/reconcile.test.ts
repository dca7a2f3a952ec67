import { printProblem } from '../../../lib/model/problem';
import { identityOf, type LiveObject } from '../../../lib/rotater/live/live-object';
import { type Changes, type ClusterView, reconcile } from '../../../lib/rotater/live/reconcile';
import type { RotaterSettingsProps } from '../../../lib/rotater/settings-props';
import { settingsOf } from '../../support/derive';
import { BOTH, ingressRoute } from '../support';

let versions = 0;
/** An object as the API server would have it. */
const live = (object: object, uid = `uid-${versions}`): LiveObject => {
  const { metadata, ...rest } = object as LiveObject;
  versions += 1;
  return { ...rest, metadata: { ...metadata, uid, resourceVersion: String(versions) } };
};
const routeOf = (options: Parameters<typeof ingressRoute>[0] = {}) =>
  live(ingressRoute(options), `uid-of-${options.name ?? 'web'}`);
const look = (view: Partial<ClusterView>, raw: RotaterSettingsProps = BOTH, name = 'traefik-ha') =>
  reconcile(
    { routes: [], service: undefined, nodes: [], slices: [], objects: [], ...view },
    { name, settings: settingsOf(raw) },
  );
/** The cluster as it is when that was done. */
const done = (view: Partial<ClusterView>, { apply, remove }: Changes): Partial<ClusterView> => {
  const gone = new Set([...remove, ...apply].map(identityOf));
  const kept = (view.objects ?? []).filter((object) => !gone.has(identityOf(object)));
  // The API server gives back what it was sent, without what is undefined, and with what it adds.
  const added = apply.map((object) => {
    const sent = JSON.parse(JSON.stringify(object));
    return live({ ...sent, spec: { ...sent.spec, addedByServer: true }, status: {} });
  });
  return { ...view, objects: [...kept, ...added] };
};
const summary = ({ apply, remove, problems }: Changes) => ({
  apply: apply.map(identityOf),
  remove: remove.map(identityOf),
  problems: problems.map(({ problem }) => printProblem(problem)),
});
const NOTHING = { apply: [], remove: [], problems: [] };
const OBJECTS = ['Certificate shop/web-tls', 'DNSEndpoint shop/web'];

test('what a route needs, as its own, and then nothing', () => {
  const view = { routes: [routeOf()] };
  const changes = look(view);
  expect(summary(changes)).toEqual({ ...NOTHING, apply: OBJECTS });
  expect(changes.apply[0]?.metadata).toMatchObject({
    labels: { 'app.kubernetes.io/managed-by': 'traefik-ha' },
    ownerReferences: [
      { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'web', uid: 'uid-of-web', controller: true },
    ],
  });
  expect([changes.routes, changes.derived]).toEqual([1, 2]);
  expect(summary(look(done(view, changes)))).toEqual(NOTHING);
});

test('a host that changes, a Secret that goes, a route that goes', () => {
  const before = { routes: [routeOf()] };
  const there = done(before, look(before));
  const moved = { ...there, routes: [routeOf({ match: 'Host(`new.example.com`)' })] };
  expect(summary(look(moved))).toEqual({ ...NOTHING, apply: OBJECTS });
  expect(summary(look({ ...there, routes: [routeOf({ tls: {} })] }))).toEqual({
    ...NOTHING,
    remove: ['Certificate shop/web-tls'],
  });
  expect(summary(look({ ...there, routes: [] }))).toEqual({ ...NOTHING, remove: OBJECTS });
  const leaving = { ...routeOf(), metadata: { ...routeOf().metadata, deletionTimestamp: '2026-11-24T00:00:00Z' } };
  expect(summary(look({ ...there, routes: [leaving] })).remove).toEqual(OBJECTS);
});

test('what was changed by hand is set right, and so is what was wanted before', () => {
  const view = { routes: [routeOf()] };
  const there = done(view, look(view));
  const [certificate, endpoint] = there.objects as [LiveObject, LiveObject];
  const changed = { ...certificate, spec: { ...(certificate.spec as object), dnsNames: ['other.example.com'] } };
  expect(summary(look({ ...there, objects: [changed, endpoint] })).apply).toEqual(['Certificate shop/web-tls']);
  const raw = { ...BOTH, certificates: { issuer: 'letsencrypt', template: { labels: { team: 'edge' } } } };
  const labelled = done(view, look(view, raw));
  expect(summary(look(labelled, raw))).toEqual(NOTHING);
  expect(summary(look(labelled)).apply).toEqual(['Certificate shop/web-tls']);
});

test('what others made is left alone, and said where it differs', () => {
  const foreign = live({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'web-tls', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    spec: { secretName: 'x' },
  });
  const changes = look({ routes: [routeOf()], objects: [foreign] });
  expect(summary(changes)).toEqual({
    apply: ['DNSEndpoint shop/web'],
    remove: [],
    problems: [
      'ROUTE-15 [IngressRoute shop/web] somebody else made the object of that name, with another content; it is left alone (Certificate shop/web-tls). Remove or rename it, or have the route ignored by the annotation traefik-ha/ignore',
    ],
  });
  expect(summary(look({ objects: [foreign] }))).toEqual(NOTHING);
  const [same] = look({ routes: [routeOf()] }).apply;
  const declared = live({
    ...same,
    metadata: { name: 'web-tls', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'traefik-ha' } },
  });
  expect(summary(look({ routes: [routeOf()], objects: [declared] })).problems).toEqual([]);
});

test('what another rotater made is its own, whatever this one derives', () => {
  const theirs = done({ routes: [routeOf()] }, look({ routes: [routeOf()] }, BOTH, 'theirs'));
  expect(summary(look({ objects: theirs.objects }, BOTH, 'ours'))).toEqual(NOTHING);
  // Of the same content there is nothing to be said.
  expect(summary(look(theirs, BOTH, 'ours'))).toEqual(NOTHING);
  const { apply, remove, problems } = summary(look(theirs, { dns: { targets: ['203.0.113.99'] } }, 'ours'));
  expect([apply, remove]).toEqual([[], []]);
  expect(problems).toEqual([expect.stringMatching(/^ROUTE-15 .*DNSEndpoint shop\/web/)]);
});

test('a route with a problem keeps what it has', () => {
  const view = { routes: [routeOf()] };
  const there = done(view, look(view));
  const wrong = { ...there, routes: [routeOf({ match: 'Host(`www.example.com`) && Hst(`x`)' })] };
  const { apply, remove, problems } = summary(look(wrong));
  expect([apply, remove]).toEqual([[], []]);
  expect(problems).toEqual([
    'RULE-02 [IngressRoute shop/web spec routes 0 match] column 28: Hst is no matcher of HTTP rules in v3 syntax (Hst). Did you mean Host?',
  ]);
});

test('what it keeps is not made a second time for a route that shares it', () => {
  const a = routeOf({
    name: 'a',
    match: 'Host(`a.example.com`) || Host(`both.example.com`)',
    tls: { secretName: 's' },
  });
  const b = routeOf({
    name: 'b',
    match: 'Host(`b.example.com`) || Host(`both.example.com`)',
    tls: { secretName: 's' },
  });
  const there = done({ routes: [a, b] }, look({ routes: [a, b] }));
  expect(there.objects?.map(identityOf)).toEqual([
    'Certificate shop/a-tls',
    'DNSEndpoint shop/a',
    'DNSEndpoint shop/b',
  ]);
  const wrong = routeOf({ name: 'a', match: 'Hst(`a.example.com`)', tls: { secretName: 's' } });
  const { apply, remove } = summary(look({ ...there, routes: [wrong, b] }));
  expect([apply, remove]).toEqual([[], []]);
});

test('a route without hosts has a notice, and no problem', () => {
  const { problems } = look({ routes: [routeOf({ match: 'PathPrefix(`/dashboard`)' })] });
  expect(problems.map(({ problem, isNotice }) => [problem.code, isNotice])).toEqual([['RULE-07', true]]);
});

test('an owner beside the route is no matter of ours', () => {
  const view = { routes: [routeOf()] };
  const there = done(view, look(view));
  const objects = there.objects?.map((object) => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: 'other' };
    const ownerReferences = [other, ...(object.metadata.ownerReferences ?? [])];
    return { ...object, metadata: { ...object.metadata, ownerReferences } };
  });
  expect(summary(look({ ...view, objects }))).toEqual(NOTHING);
});

test('two routes of which one certificate covers what the other asks for', () => {
  const routes = [
    routeOf({ match: 'Host(`*.example.com`)' }),
    routeOf({ name: 'b', match: 'Host(`b.example.com`)', tls: { secretName: 'b' } }),
  ];
  const { problems } = look({ routes });
  expect(problems.map(({ problem, route }) => [problem.code, route?.metadata.name])).toEqual([['CERT-03', 'b']]);
});

test('records follow the Service', () => {
  const raw: RotaterSettingsProps = { dns: { service: 'edge/traefik' } };
  const service = (...ingress: object[]) =>
    live({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'traefik', namespace: 'edge' },
      status: { loadBalancer: { ingress } },
    });
  const view = { routes: [routeOf()] };
  const noTarget = {
    ...NOTHING,
    problems: [
      'DNS-12 [Service edge/traefik] it is not there, or has no address yet; records are neither made nor changed until it has one. Name the Service of the load balancer in dns.service, and see why it has no address',
    ],
  };
  expect(summary(look(view, raw))).toEqual(noTarget);
  const there = done(
    { ...view, service: service({ ip: '203.0.113.10' }) },
    look({ ...view, service: service({ ip: '203.0.113.10' }) }, raw),
  );
  expect(summary(look(there, raw))).toEqual(NOTHING);
  const changes = look({ ...there, service: service({ hostname: 'lb.example.net' }) }, raw);
  expect(changes.apply[0]?.spec).toMatchObject({ endpoints: [{ recordType: 'CNAME', targets: ['lb.example.net'] }] });
  // While it has no address, what is there stays: a Service that is being made anew must not take all names away.
  expect(summary(look({ ...there, service: service() }, raw))).toEqual(noTarget);
});

test('certificates of zones belong to no route', () => {
  const raw: RotaterSettingsProps = {
    zones: ['example.com'],
    certificates: { issuer: 'letsencrypt', strategy: 'wildcard-per-zone', wildcardNamespace: 'edge' },
  };
  const view = { routes: [routeOf({ tls: {} })] };
  const changes = look(view, raw);
  expect(summary(changes).apply).toEqual(['Certificate edge/wildcard-example-com']);
  expect(changes.apply[0]?.metadata.ownerReferences).toEqual([]);
  expect(summary(look(done(view, changes), raw))).toEqual(NOTHING);
  expect(summary(look({ ...done(view, changes), routes: [] }, raw)).remove).toEqual([
    'Certificate edge/wildcard-example-com',
  ]);
  // Nobody can tell whose hosts it serves while a route cannot be read.
  const wrong = { ...done(view, changes), routes: [routeOf({ match: 'Hst(`x`)', tls: {} })] };
  expect(summary(look(wrong, raw)).remove).toEqual([]);
});

describe('the record of nodes', () => {
  const NODES: RotaterSettingsProps = { nodes: { endpoint: 'edge/traefik-nodes', hostName: 'edge.example.com' } };
  const RECORD = 'DNSEndpoint edge/traefik-nodes';
  const nodeOf = (index: number, isReady = true) =>
    live({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `node${index}` },
      status: {
        addresses: [{ type: 'ExternalIP', address: `203.0.113.${index}` }],
        conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }],
      },
    });
  const targets = ({ apply }: Changes) =>
    apply.flatMap(({ spec }) =>
      (spec as { endpoints: readonly { targets: readonly string[] }[] }).endpoints.flatMap(
        (endpoint) => endpoint.targets,
      ),
    );

  test('is made, follows the nodes, and then there is nothing to do', () => {
    const view = { nodes: [nodeOf(1), nodeOf(2)] };
    const changes = look(view, NODES);
    expect(summary(changes)).toEqual({ ...NOTHING, apply: [RECORD] });
    expect(changes.apply[0]?.metadata).toMatchObject({ ownerReferences: [] });
    expect(changes).toMatchObject({ derived: 1, routes: 0, nodes: { matching: 2, announced: 2 } });
    const there = done(view, changes);
    expect(summary(look(there, NODES))).toEqual(NOTHING);
    const withdrawn = look({ ...there, nodes: [nodeOf(1), nodeOf(2, false)] }, NODES);
    expect([summary(withdrawn).apply, targets(withdrawn)]).toEqual([[RECORD], ['203.0.113.1']]);
  });

  test('stays as it was where no node can be announced, and that is said', () => {
    const there = done({ nodes: [nodeOf(1)] }, look({ nodes: [nodeOf(1)] }, NODES));
    for (const nodes of [[], [nodeOf(1, false)]]) {
      const { apply, remove, problems } = summary(look({ ...there, nodes }, NODES));
      expect([apply, remove]).toEqual([[], []]);
      expect(problems).toEqual([expect.stringMatching(/^NODE-01 \[DNSEndpoint edge\/traefik-nodes\]/)]);
    }
  });

  test('goes when nobody asks for one any more', () => {
    const there = done({ nodes: [nodeOf(1)] }, look({ nodes: [nodeOf(1)] }, NODES));
    expect(summary(look({ objects: there.objects })).remove).toEqual([RECORD]);
  });

  test("is left to whoever made it, as a program's own is", () => {
    const declared = live({
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: {
        name: 'traefik-nodes',
        namespace: 'edge',
        labels: { 'app.kubernetes.io/managed-by': 'traefik-ha' },
      },
      spec: { endpoints: [] },
    });
    const { apply, problems } = summary(look({ nodes: [nodeOf(1)], objects: [declared] }, NODES));
    expect([apply, problems]).toEqual([[], [expect.stringMatching(/^ROUTE-15 .*traefik-nodes/)]]);
  });

  test('stands beside what routes need', () => {
    const changes = look({ routes: [routeOf()], nodes: [nodeOf(1)] }, { ...BOTH, ...NODES });
    expect(summary(changes).apply).toEqual([...OBJECTS, RECORD]);
  });
});

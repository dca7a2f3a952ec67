import type { Recorded } from './recording-engine';
import { run } from './short-program';

/** Rules and backends of which parts are known late are written and judged as plain ones are. */

const backend = "backend: { service: 'web', port: 80 }";
const route = (match: string, { to = backend, more = '' } = {}) =>
  `new ha.IngressRouteWithTls('web', {
  namespace: 'shop', traefik: new ExistingTraefik(), issuer: CertManagerIssuer.existing('letsencrypt'), dns: false, ${more}
  routes: [{ ${match}, ${to} }],
});`;
const matchOf = ({ resources }: Recorded) => {
  const inputs = resources.find(({ type }) => /:IngressRoute(TCP)?$/.test(type))?.inputs;
  return (inputs?.spec as { routes: { match: string }[] } | undefined)?.routes[0]?.match;
};
/** A value that would end the quotes that it stands in. */
const ODD = '/x`) || Host(`evil.example.net';
const QUOTED = `"${ODD}"`;
const late = (value: string) => `late(${JSON.stringify(value)})`;

test.each([
  ['pathPrefix', `host: 'a.example.com', pathPrefix: ${late(ODD)}`],
  ['Match', `match: Match.and(Match.host('a.example.com'), Match.pathPrefix(ha.text(${late(ODD)})))`],
  ['a rule between backticks', `rule: 'Host(\`a.example.com\`) && PathPrefix(\`' + ha.text(${late(ODD)}) + '\`)'`],
  ['a rule between quotes', `rule: 'Host("a.example.com") && PathPrefix("' + ha.text(${late(ODD)}) + '")'`],
])(
  'a value stays one, whatever it holds: %s',
  async (_, match) => {
    const recorded = await run(route(match));
    expect(recorded.errors).toEqual([]);
    expect(matchOf(recorded)).toBe(`Host(\`a.example.com\`) && PathPrefix(${QUOTED})`);
  },
  60_000,
);

test('in an IngressRoute of a program of its own as well', async () => {
  const of = (value: string) =>
    run(`object('r', { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: { name: 'r' }, spec: { routes: [
  { kind: 'Rule', match: 'Host("a.example.com") && PathPrefix(\`' + ha.text(${late(value)}) + '\`)', services: [{ name: 'web', port: 80 }] },
] } });
new ha.SynthesizedApp('x', { app });`);
  const recorded = await of(ODD);
  expect(recorded.errors).toEqual([]);
  expect(matchOf(recorded)).toBe(`Host(\`a.example.com\`) && PathPrefix(${QUOTED})`);
  const wrong = await of('x');
  expect(wrong.errors).toEqual([
    expect.stringMatching(/^RULE-05 \[edge\/r\] a path begins with a slash \(x\)\. Write \/x$/),
  ]);
  expect(matchOf(wrong)).toBe(undefined);
}, 60_000);

test('hosts within longer texts, in one spelling', async () => {
  const recorded = await run(
    route(`match: Match.host('a.' + ha.text(late('Ünö.example.com')))`, { more: "secretName: 'web-tls'," }),
  );
  expect(recorded.errors).toEqual([]);
  expect(matchOf(recorded)).toBe('Host(`a.xn--n-1gaq.example.com`)');
  const certificate = recorded.resources.find(({ type }) => type.endsWith(':Certificate'))?.inputs.spec;
  expect(certificate).toMatchObject({ dnsNames: ['a.xn--n-1gaq.example.com'] });
}, 60_000);

test('methods and networks', async () => {
  const recorded = await run(
    route(
      `match: Match.and(Match.host('a.example.com'), Match.method(ha.text(late('get'))), Match.clientIp(ha.text(late('192.0.2.0/24'))))`,
    ),
  );
  expect(recorded.errors).toEqual([]);
  expect(matchOf(recorded)).toBe('Host(`a.example.com`) && Method(`GET`) && ClientIP(`192.0.2.0/24`)');
}, 60_000);

test('a rule that was patched by hand stays', async () => {
  const recorded = await run(
    `const { construct } = ${route(`host: 'a.example.com', pathPrefix: late('/x')`)}
construct.resource.addJsonPatch(JsonPatch.replace('/spec/routes/0/match', 'Host(\`b.example.com\`)'));`,
  );
  expect(matchOf(recorded)).toBe('Host(`b.example.com`)');
}, 60_000);

const host = "host: 'a.example.com'";
test.each([
  ['RULE-05', 'a path', route(`${host}, pathPrefix: late('x')`), 'x'],
  [
    'RULE-05',
    'a regular expression',
    route(`match: Match.and(Match.host('a.example.com'), Match.pathRegexp(ha.text(late('('))))`),
    '\\(',
  ],
  [
    'RULE-05',
    'a network',
    route(`match: Match.and(Match.host('a.example.com'), Match.clientIp(ha.text(late('x'))))`),
    'x',
  ],
  ['RULE-04', 'nothing', route(`${host}, pathPrefix: late('')`), undefined],
  [
    'RULE-06',
    'a host that is not ASCII',
    route("rule: 'Host(`' + ha.text(late('ü.example.com')) + '`)'"),
    'ü.example.com',
  ],
  ['ROUTE-01', 'a port', route(host, { to: "backend: { service: 'web', port: late('Web') }" }), 'web:Web'],
  ['ROUTE-01', 'a Service', route(host, { to: "backend: { service: late('Web'), port: 80 }" }), 'Web:80'],
  ['NAME-04', 'a Secret', route(host, { more: "secretName: late('Web_')," }), 'Web_'],
  [
    'NAME-04',
    'a middleware',
    route(host, { to: `${backend}, middlewares: [{ name: late('a b'), declaredElsewhere: true }]` }),
    'a b',
  ],
  ['HOST-01', 'a host within a longer text', route("match: Match.host('a.' + ha.text(late('b c')))"), 'a.b c'],
])(
  '%s: what turns out to be wrong is refused as plain texts are, and no object of the route applied: %s',
  async (code, _, body, value) => {
    const { errors, resources } = await run(body);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`^${code} \\[shop/web\\] `, 'm'));
    if (value !== undefined) expect(errors[0]).toMatch(new RegExp(`\\(${value}\\)`));
    expect(resources.filter(({ type }) => type.startsWith('kubernetes:'))).toEqual([]);
  },
  60_000,
);

test('settings of the rotater are judged before its pods have them', async () => {
  const of = (issuer: string, host: string) =>
    run(`new ha.CertRotater('rotater', { namespace: 'edge', image: 'registry.example.com/traefik-ha:0.1.0', settings: {
  certificates: { issuer: late('${issuer}') }, nodes: { endpoint: 'edge/nodes', hostName: late('${host}') },
} });`);
  const right = await of('letsencrypt', 'edge.example.com');
  expect(right.errors).toEqual([]);
  const wrong = await of('Let us encrypt', 'https://edge.example.com/');
  expect(wrong.errors[0]?.split('\n')).toEqual([
    expect.stringMatching(/^NAME-04 \[edge\/rotater certificates issuer\] .*Let us encrypt/),
    expect.stringMatching(/^HOST-01 \[edge\/rotater nodes hostName\] .*Leave out the scheme/),
  ]);
  const kinds = wrong.resources.map(({ type }) => type.split(':').at(-1));
  expect(kinds.filter((kind) => kind === 'ConfigMap' || kind === 'Deployment')).toEqual([]);
}, 60_000);

test('two routes whose hosts turn out to be one, with different backends', async () => {
  const of = (host: string) =>
    run(`new ha.IngressRouteWithTls('web', {
  namespace: 'shop', traefik: new ExistingTraefik(), issuer: CertManagerIssuer.existing('letsencrypt'), dns: false,
  routes: [
    { host: 'a.example.com', backend: { service: 'web', port: 80 } },
    { host: late('${host}'), backend: { service: 'api', port: 80 } },
  ],
});`);
  expect((await of('b.example.com')).errors).toEqual([]);
  const { errors } = await of('A.example.com');
  expect(errors).toEqual([expect.stringMatching(/^ROUTE-18 \[shop\/web\] another route of it has the same rule /)]);
}, 60_000);

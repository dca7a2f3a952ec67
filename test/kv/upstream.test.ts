import fc from 'fast-check';
import { DYNAMIC_CONFIGURATION } from '../../lib/kv/dynamic-configuration';
import { kvEntries } from '../../lib/kv/entries';
import { readKvEntries } from '../../lib/kv/read-entries';
import { fieldsOf, type Schema } from '../../lib/kv/schema';
import { anyConfiguration, canonical } from '../support/kv';
import { askConfigurations, askOptions, type KnownOption, ORACLE_TIMEOUT } from '../support/oracle';

/** What Traefik knows and the schema leaves out, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'http.models': 'made by Traefik itself for entry points',
  'http.routers.*.parentRefs': 'of routers in layers, which no store was seen to hold',
  'http.services.*.middlewares': 'of services, which the documentation does not have',
  'http.services.*.failover.healthCheck': 'read from files alone',
  'http.middlewares.*.ipWhiteList': 'renamed to ipAllowList',
  'http.middlewares.*.plugin': 'of plugins, which have options of their own',
  'http.middlewares.*.contentType.autoDetect': 'deprecated',
  'http.middlewares.*.stripPrefix.forceSlash': 'deprecated',
  'http.middlewares.*.headers.featurePolicy': 'deprecated',
  'http.middlewares.*.headers.sslRedirect': 'deprecated',
  'http.middlewares.*.headers.sslTemporaryRedirect': 'deprecated',
  'http.middlewares.*.headers.sslHost': 'deprecated',
  'http.middlewares.*.headers.sslForceHost': 'deprecated',
  'http.middlewares.*.forwardAuth.tls.caOptional': 'deprecated',
  'tcp.middlewares.*.ipWhiteList': 'renamed to ipAllowList',
  'tcp.services.*.loadBalancer.proxyProtocol': 'deprecated: of a transport',
  'tcp.services.*.loadBalancer.terminationDelay': 'deprecated: of a transport',
  'tls.options.*.preferServerCipherSuites': 'deprecated',
  'tls.stores.*.defaultGeneratedCert': 'of built-in ACME',
};

test(
  'the schema has the options that Traefik has, of the same kinds',
  () => {
    const options = described(DYNAMIC_CONFIGURATION, '');
    const known = flattened(askOptions(), '').filter(
      (line) => !Object.keys(LEFT_OUT).some((path) => isBelow(line, path)),
    );
    expect(options.length).toBeGreaterThan(250);
    expect(options.sort()).toEqual(known.sort());
  },
  ORACLE_TIMEOUT,
);

test(
  'what is left out is known to Traefik',
  () => {
    const known = flattened(askOptions(), '');
    expect(Object.keys(LEFT_OUT).filter((path) => !known.some((line) => isBelow(line, path)))).toEqual([]);
  },
  ORACLE_TIMEOUT,
);

test(
  'Traefik reads from the entries what was declared',
  () => {
    const configurations = fc.sample(anyConfiguration(), 300);
    const rootKey = 'edge/traefik';
    const lists = configurations.map((configuration) => ({ rootKey, ...kvEntries(configuration, { rootKey }) }));
    const answers = askConfigurations(lists);
    answers.forEach(({ error, configuration }, index) => {
      expect(error).toBeUndefined();
      const [read, declared] = [configuration, configurations[index]].map((each) => withoutNames(canonical(each)));
      expect(read).toMatchObject(declared ?? {});
    });
  },
  ORACLE_TIMEOUT,
);

test(
  'Traefik misreads what is refused here',
  () => {
    const read = (...entries: (readonly [string, string])[]) => ({
      rootKey: 'traefik',
      entries: entries.map(([key, value]) => ({ key: `traefik/${key}`, value })),
    });
    const rule = (name: string) => [`http/routers/${name}/rule`, 'Path(`/`)'] as const;
    const answers = askConfigurations([
      read(['http/middlewares/strip/stripPrefix/prefixes/00', '/a,/b']),
      read(['http/middlewares/page/errors/statusRewrites/404', '200']),
      read(rule('shop'), ['http/routers/Shop/service', 'other']),
      read(rule('shop'), ['http/routers/shop/servise', 'web']),
      read(rule('shop'), ['http/middlewares/auth/basicAuth', '']),
      read(['http/middlewares/h/headers/customResponseHeaders/Server', '']),
    ]);
    expect(answers).toMatchObject([
      { configuration: { http: { middlewares: { strip: { stripPrefix: { prefixes: ['/a', '/b'] } } } } } },
      { error: 'statusRewrites cannot be a standalone element (type map[string]int)' },
      { configuration: { http: { routers: { Shop: { rule: 'Path(`/`)', service: 'other' } } } } },
      { error: 'field not found, node: servise' },
      { error: 'basicAuth cannot be a standalone element (type *dynamic.BasicAuth)' },
      { configuration: { http: { middlewares: { h: { headers: { customResponseHeaders: { Server: '' } } } } } } },
    ]);
  },
  ORACLE_TIMEOUT,
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyConfiguration(), (configuration) => {
      const { entries } = kvEntries(configuration);
      expect(readKvEntries(entries)).toEqual({ configuration, findings: [] });
    }),
    { numRuns: 300 },
  );
});

function isBelow(line: string, path: string): boolean {
  const [at = ''] = line.split(' ');
  return at === path || at.startsWith(`${path}.`);
}

/** A line for each option: where it is, and of what kind. */
function flattened({ kind, mayBeEmpty, fields, item }: KnownOption, path: string): string[] {
  const own = path === '' ? [] : [`${path} ${kind}${mayBeEmpty ? ' or empty' : ''}`];
  const below = Object.entries(fields ?? {}).flatMap(([name, field]) =>
    flattened(field, path === '' ? name : `${path}.${name}`),
  );
  return [...own, ...below, ...(item ? flattened(item, `${path}.*`) : [])];
}

function described(schema: Schema, path: string): string[] {
  return flattened(asOption(schema), path);
}

function asOption(schema: Schema): KnownOption {
  switch (schema.kind) {
    case 'list':
      return { kind: 'list', item: asOption(schema.item) };
    case 'dictionary':
      return { kind: schema.listed ? 'list' : 'dictionary', item: asOption(schema.item) };
    case 'struct':
    case 'choice': {
      const fields = Object.entries(fieldsOf(schema)).map(([name, field]) => [name, asOption(field)]);
      const mayBeEmpty = schema.kind === 'struct' && schema.mayBeEmpty;
      return { kind: 'struct', mayBeEmpty, fields: Object.fromEntries(fields) };
    }
    default:
      return { kind: schema.kind };
  }
}

/** Certificates have names in a store, and in Traefik neither these nor an order. */
function withoutNames(configuration: unknown): object {
  const { tls, ...others } = configuration as { tls?: { certificates?: object } };
  if (tls?.certificates === undefined) return { ...others, ...(tls && { tls }) };
  const certificates = Object.values(tls.certificates).map((each) => [JSON.stringify(each), each] as const);
  const sorted = certificates.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { ...others, tls: { ...tls, certificates: sorted } };
}

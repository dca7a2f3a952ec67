import type { DynamicConfiguration } from '../../lib/kv/dynamic-configuration';
import { kvEntries } from '../../lib/kv/entries';
import { locate, printProblem } from '../../lib/model/problem';

const shop: DynamicConfiguration = {
  http: {
    routers: {
      shop: {
        rule: 'Host(`shop.example.com`)',
        service: 'shop',
        entryPoints: ['websecure'],
        middlewares: ['compress', 'hsts@file'],
        tls: {},
      },
    },
    services: {
      shop: { loadBalancer: { servers: [{ url: 'http://10.0.0.1' }, { url: 'http://10.0.0.2', weight: 2 }] } },
    },
    middlewares: { compress: { compress: {} } },
  },
  tls: {
    certificates: { shop: { certFile: '/certs/shop.crt', keyFile: '/certs/shop.key', stores: ['default'] } },
    options: { default: { minVersion: 'VersionTLS12', sniStrict: true } },
  },
};

test('a configuration, what is referred to first', () => {
  const { entries, findings } = kvEntries(shop);
  expect(findings).toEqual([]);
  expect(entries.map(({ key, value }) => `${key} = ${value}`).join('\n')).toMatchInlineSnapshot(`
"traefik/tls/options/default/minVersion = VersionTLS12
traefik/tls/options/default/sniStrict = true
traefik/tls/certificates/shop/certFile = /certs/shop.crt
traefik/tls/certificates/shop/keyFile = /certs/shop.key
traefik/tls/certificates/shop/stores/00 = default
traefik/http/services/shop/loadBalancer/servers/00/url = http://10.0.0.1
traefik/http/services/shop/loadBalancer/servers/01/url = http://10.0.0.2
traefik/http/services/shop/loadBalancer/servers/01/weight = 2
traefik/http/middlewares/compress/compress = true
traefik/http/routers/shop/entryPoints/00 = websecure
traefik/http/routers/shop/middlewares/00 = compress
traefik/http/routers/shop/middlewares/01 = hsts@file
traefik/http/routers/shop/rule = Host(\`shop.example.com\`)
traefik/http/routers/shop/service = shop
traefik/http/routers/shop/tls = true"
`);
});

test('below another root', () => {
  const { entries } = kvEntries(shop, { rootKey: 'edge/blue' });
  expect(entries.every(({ key }) => key.startsWith('edge/blue/'))).toBe(true);
});

test('the order of a long list stays', () => {
  const prefixes = Array.from({ length: 101 }, (_, index) => `/${index}`);
  const { entries } = kvEntries({ http: { middlewares: { strip: { stripPrefix: { prefixes } } } } });
  expect(entries.map(({ value }) => value)).toEqual(prefixes);
  expect(entries[100]?.key).toBe('traefik/http/middlewares/strip/stripPrefix/prefixes/100');
  expect(entries[2]?.key).toBe('traefik/http/middlewares/strip/stripPrefix/prefixes/002');
});

/** The problems of `configuration`, whatever its type. */
function problems(configuration: unknown): string[] {
  const { findings } = kvEntries(configuration as DynamicConfiguration);
  return locate(findings, 'kv').map(printProblem);
}

const middlewares = (each: Record<string, unknown>) => problems({ http: { middlewares: each } });

test('an unknown option', () => {
  expect(problems({ http: { routers: { shop: { ...shop.http?.routers?.shop, prioritty: 3 } } } })).toEqual([
    'KV-03 [kv] Traefik has no such option, and one of these makes it reject everything in the store (http.routers.shop.prioritty). Use one of rule, service, entryPoints, middlewares, ruleSyntax, priority, tls, observability',
  ]);
  expect(middlewares({ strip: { stripprefix: { prefixes: ['/a'] } } })[0]).toMatch(/Write stripPrefix$/);
  expect(problems({ acme: {} })[0]).toMatch(/^KV-03 \[kv\] .*\(acme\)/);
});

test('a value that is none of the option', () => {
  const wrong = (rateLimit: object) => middlewares({ limit: { rateLimit } });
  expect(wrong({ average: 'many' })).toEqual([
    'KV-04 [kv] the option takes a whole number (http.middlewares.limit.rateLimit.average: many). Write such a value, or leave the option out',
  ]);
  expect(wrong({ period: '1 minute' })[0]).toMatch(/takes a time such as 10s or 1m30s/);
  expect(wrong({ average: 1.5 })[0]).toMatch(/takes a whole number/);
  expect(wrong([])[0]).toMatch(/takes options with values/);
  expect(problems({ tls: { options: { old: { minVersion: 'TLS1.2' } } } })[0]).toMatch(
    /takes one of VersionTLS10, VersionTLS11, VersionTLS12, VersionTLS13/,
  );
  expect(middlewares({ strip: { stripPrefix: { prefixes: '/a' } } })[0]).toMatch(/takes a list/);
  expect(problems({ http: { routers: [] } })[0]).toMatch(/takes names with values/);
  expect(middlewares({ h: { headers: { frameDeny: 'yes' } } })[0]).toMatch(/takes true or false/);
  expect(middlewares({ p: { addPrefix: { prefix: 3 } } })[0]).toMatch(/takes a text/);
});

test('an item that would be read as another', () => {
  expect(middlewares({ strip: { stripPrefix: { prefixes: ['/a,/b', ' /c', ''] } } })).toEqual([
    expect.stringContaining('(http.middlewares.strip.stripPrefix.prefixes.00: /a,/b)'),
    expect.stringContaining('(http.middlewares.strip.stripPrefix.prefixes.01:  /c)'),
    expect.stringContaining('(http.middlewares.strip.stripPrefix.prefixes.02: )'),
  ]);
  expect(middlewares({ strip: { stripPrefixRegex: { regex: ['/a{1,3}'] } } })).toEqual([
    'KV-05 [kv] Traefik splits lists at commas and cuts spaces, so it would read other items (http.middlewares.strip.stripPrefixRegex.regex.00: /a{1,3}). Write each item without commas and outer spaces; in a regular expression {1,3} can be written as x{1}|x{2}|x{3}',
  ]);
});

test('what is secret is not shown', () => {
  const [finding] = middlewares({ auth: { basicAuth: { users: ['admin:hash,other:hash'] } } });
  expect(finding).toMatch(/^KV-05 .*users\.00: \(not shown\)\)/);
  expect(middlewares({ auth: { basicAuth: { users: 'admin:hash' } } })[0]).toMatch(/^KV-04 .*users: \(not shown\)\)/);
});

test('names', () => {
  expect(middlewares({ '42': { compress: {} } })).toEqual([
    'KV-06 [kv] not a name in a store: numbers are read as indices, slashes as levels, and what follows @ as a provider (http.middlewares.42). Use letters, digits, hyphens and dots, with a letter among them',
  ]);
  expect(middlewares({ 'a/b': { compress: {} }, 'a@file': { compress: {} }, '': { compress: {} } })).toHaveLength(3);
  expect(middlewares({ '.': { compress: {} }, '..': { compress: {} }, '..a': { compress: {} } })).toHaveLength(2);
  expect(middlewares({ e: { errors: { service: 'x@file', statusRewrites: { '404': 200, '500-599': 503 } } } })).toEqual(
    [expect.stringMatching(/^KV-06 .*statusRewrites\.404/)],
  );
  expect(middlewares({ Compress: { compress: {} }, compress: { compress: {} } })).toEqual([
    'KV-07 [kv] Traefik does not tell it from Compress, and would make one of both (http.middlewares.compress). Give names that differ in more than upper and lower case',
  ]);
  expect(problems({ tls: { certificates: { '0': { certFile: 'a', keyFile: 'b' } } } })).toEqual([]);
});

test('what says nothing', () => {
  expect(middlewares({ auth: { basicAuth: {} } })).toEqual([
    'KV-08 [kv] nothing is said in it, so nothing would be in the store (http.middlewares.auth.basicAuth). Set one of its options, or leave it out',
  ]);
  expect(middlewares({ strip: { stripPrefix: { prefixes: [] } } })[0]).toMatch(/^KV-08 .*stripPrefix\)/);
  expect(problems({ http: {}, tcp: { routers: {} } })).toEqual([]);
});

test('what is missing, and one too many', () => {
  expect(problems({ http: { routers: { shop: { rule: 'Path(`/`)' } } } })).toEqual([
    'KV-09 [kv] the option must be there (http.routers.shop.service). Set service',
  ]);
  const both = { compress: {}, addPrefix: { prefix: '/a' } };
  expect(middlewares({ both })[0]).toMatch(
    /^KV-09 \[kv\] exactly one kind must be there \(http\.middlewares\.both: compress, addPrefix\)\. Set one of addPrefix, /,
  );
  expect(middlewares({ none: {} })[0]).toMatch(/^KV-09 .*\(http\.middlewares\.none: \)/);
});

test('what refers to nothing', () => {
  expect(problems({ http: { routers: { shop: { rule: 'Path(`/`)', service: 'shop' } } } })).toEqual([
    'KV-10 [kv] the configuration has no such entry in services, so what names it would silently be off (http.routers.shop.service: shop). Declare it, or write shop@swarm, shop@file or whose else it is',
  ]);
  const services = { web: { loadBalancer: { servers: [{ url: 'http://a' }], serversTransport: 'mtls' } } };
  const everywhere: DynamicConfiguration = {
    http: {
      routers: { shop: { rule: 'Path(`/`)', service: 'web', middlewares: ['a'], tls: { options: 'b' } } },
      services: {
        ...services,
        weighted: { weighted: { services: [{ name: 'c' }] } },
        hrw: { highestRandomWeight: { services: [{ name: 'd' }] } },
        mirror: { mirroring: { service: 'e', mirrors: [{ name: 'f' }] } },
        failover: { failover: { service: 'g', fallback: 'h' } },
      },
      middlewares: { chain: { chain: { middlewares: ['i'] } }, page: { errors: { service: 'j' } } },
    },
    udp: { routers: { dns: { service: 'k' } } },
  };
  const named = problems(everywhere).map((line) => /: (\w+)\)/.exec(line)?.[1]);
  expect(named).toEqual(['a', 'b', 'mtls', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']);
});

test('what has a name and no value is not there', () => {
  const router = { rule: 'Path(`/`)', service: 'gone', middlewares: ['old'] };
  const http = {
    routers: { shop: router, none: undefined },
    services: { gone: undefined },
    middlewares: { old: undefined },
    serversTransports: undefined,
  };
  expect(problems({ http, tls: { options: { modern: undefined } } }).map((line) => /\((.+)\)/.exec(line)?.[1])).toEqual(
    ['http.routers.shop.service: gone', 'http.routers.shop.middlewares: old'],
  );
});

test('built-in ACME', () => {
  const tls = { certResolver: 'letsencrypt' };
  expect(problems({ http: { routers: { shop: { rule: 'Path(`/`)', service: 'web@file', tls } } } })).toEqual([
    'KV-11 [kv] built-in ACME cannot work with several instances: each would keep certificates and challenges to itself (http.routers.shop.tls.certResolver: letsencrypt). Leave it out: certificates come from the store',
  ]);
});

test('rules are those of routes', () => {
  expect(problems({ http: { routers: { shop: { rule: 'Hots(`a.example.com`)', service: 'web@file' } } } })[0]).toMatch(
    /^RULE-02 \[kv\] http\.routers\.shop\.rule: /,
  );
  expect(problems({ tcp: { routers: { db: { rule: 'Host(`a.example.com`)', service: 'web@file' } } } })[0]).toMatch(
    /^RULE-02/,
  );
});

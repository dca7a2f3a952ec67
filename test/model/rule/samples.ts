import type { SampleConnection, SampleRequest } from '../../support/oracle';

const HEADERS: readonly Readonly<Record<string, readonly string[]>>[] = [
  { A: ['b'] },
  { A: ['d'] },
  { A: ['b', 'd'] },
  { A: ['b'], C: ['d'] },
];

/**
 * Requests that tell the values of the corpus apart: each host, path, query, header, method and address in turn, against
 * a plain background. No query parameter is repeated, see `fromV2`.
 */
export const REQUESTS: readonly SampleRequest[] = [
  ...[
    'a',
    'b',
    'c',
    'a.example.com',
    'A.EXAMPLE.com',
    'a.example.com.',
    'b.example.com:8080',
    'sub.example.com',
    'x.y.example.com',
    'example.com',
    '1.2.3.4',
  ].map((host) => request({ host })),
  ...[
    '/',
    '/a',
    '/A',
    '/a/',
    '/a/b',
    '/ab',
    '/b',
    '/b/7',
    '/b/x',
    '/a/12/c',
    '/a.b',
    '/a%20b',
    '/a%2Fb',
    '/x.jpg',
    '/{id}',
    '/{',
    '/a+b',
  ].map((path) => request({ path })),
  ...[
    'a',
    'a=',
    'a=b',
    'a=c',
    'a=abc',
    'b=a',
    'a=b&c=d',
    'c=b',
    'c=bbb',
    'a=%7Bx%7D',
    'A=b',
    'a=b=c',
    'a=b%0Ac',
    'a=1',
  ].map((query) => request({ query })),
  ...['GET', 'POST', 'post'].map((method) => request({ method })),
  ...[['a'], ['b'], ['b', 'a'], ['aaa'], ['']].map((values) => request({ headers: { 'X-Test': values } })),
  ...HEADERS.map((headers) => request({ headers })),
  ...['1.2.3.4:1', '1.2.3.5:1', '192.0.2.7:1', '[2001:db8::1]:1', '[::1]:1'].map((remoteAddr) =>
    request({ remoteAddr }),
  ),
];

/** The same for connections. */
export const CONNECTIONS: readonly SampleConnection[] = [
  ...[
    '',
    'a',
    'b',
    'a.example.com',
    'A.EXAMPLE.com',
    'b.example.com',
    'sub.example.com',
    'x.y.example.com',
    '1.2.3.4',
  ].map((serverName) => ({ serverName, remoteAddr: '203.0.113.1:1' })),
  ...[['h2'], ['http/1.1'], ['http/1.1', 'h2'], ['a']].map((alpn) => ({
    serverName: 'a',
    remoteAddr: '203.0.113.1:1',
    alpn,
  })),
  ...['1.2.3.4:1', '1.2.3.5:1', '192.0.2.7:1', '[2001:db8::1]:1'].map((remoteAddr) => ({
    serverName: 'a',
    remoteAddr,
  })),
];

interface Parts {
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly remoteAddr?: string;
}

function request({
  host = 'a',
  path = '/',
  query = '',
  method = 'GET',
  headers = {},
  remoteAddr = '203.0.113.1:1',
}: Parts): SampleRequest {
  return { method, url: `http://${host}${path}${query === '' ? '' : `?${query}`}`, headers, remoteAddr };
}

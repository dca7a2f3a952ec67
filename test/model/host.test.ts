import fc from 'fast-check';
import { canonicalHost, certificateNames, covers, hostFindings, isWildcard } from '../../lib/model/host';

const HOST_01 = {
  code: 'HOST-01',
  message: 'not a fully qualified host name',
  fix: 'Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com',
};
const HOST_02 = {
  code: 'HOST-02',
  message: 'a wildcard is one whole label, the first one',
  fix: 'Write *.example.com, or list the names',
};

/** Texts that come near to host names, and all others. */
const texts = () =>
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('a', 'Z', '0', '-', '_', '*', '.', '。', 'ü', 'İ', 'xn--', '/', ':', '%41', '\n', '?'), {
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
  );

const label = () => fc.constantFrom('a', 'b', 'example', 'com');
const hosts = () =>
  fc
    .tuple(fc.boolean(), fc.array(label(), { minLength: 1, maxLength: 4 }))
    .map(([wildcard, labels]) => [...(wildcard ? ['*'] : []), ...labels].join('.'));

test.each([
  ['Shop.Example.COM', 'shop.example.com'],
  ['shop.example.com.', 'shop.example.com'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['straße.example', 'xn--strae-oqa.example'],
  ['*.BÜCHER.example.', '*.xn--bcher-kva.example'],
  ['bücher。example。', 'xn--bcher-kva.example'],
])('%s is written %s', (text, host) => {
  expect(canonicalHost(text)).toBe(host);
  expect(hostFindings(host)).toEqual([]);
});

test.each([
  'bücher.example/path',
  'bücher.example?query',
  'bücher.example#part',
  'bü%41cher.example',
  'bücher.example\n',
  'bücher.example..',
  'shop.example.com..',
])('%j is no other host that would pass', (text) => {
  expect(hostFindings(canonicalHost(text))).toMatchObject([{ code: 'HOST-01' }]);
});

test('a text without ASCII form is shown as it was given, in lower case', () => {
  expect(canonicalHost('Bü cher.example.')).toBe('bü cher.example');
});

test('writing any text twice changes nothing more', () => {
  fc.assert(fc.property(texts(), (text) => canonicalHost(canonicalHost(text)) === canonicalHost(text)));
});

test('any text is a name of ASCII labels, or refused once by its own value', () => {
  fc.assert(
    fc.property(texts(), (text) => {
      const host = canonicalHost(text);
      const findings = hostFindings(host);
      if (findings.length > 0) expect(findings).toMatchObject([{ value: host }]);
      else expect(host).toMatch(/^(\*\.)?([a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}$/);
    }),
  );
});

test.each([
  '',
  'localhost',
  '*.com',
  '203.0.113.10',
  'a.10',
  '2001:db8::10',
  'a..example.com',
  '.example.com',
  '-a.example.com',
  'a-.example.com',
  'a_b.example.com',
  'a b.example.com',
  'Shop.example.com',
  `${'a'.repeat(64)}.example.com`,
  `${'a.'.repeat(126)}ab`,
  `*.${'a.'.repeat(125)}ab`,
])('%s is no host name', (host) => {
  expect(hostFindings(host)).toEqual([{ ...HOST_01, value: host }]);
});

test.each(['*', 'a.*.example.com', '*.*.example.com', 'a*.example.com', '**.example.com'])(
  '%s is no wildcard',
  (host) => {
    expect(hostFindings(host)).toEqual([{ ...HOST_02, value: host }]);
  },
);

test.each([
  'example.com',
  '*.example.com',
  '10.com',
  '9-9.ab.example.com',
  'xn--bcher-kva.example',
  `${'a'.repeat(63)}.example.com`,
  `${'a.'.repeat(126)}a`,
])('%s is a host name', (host) => {
  expect(hostFindings(host)).toEqual([]);
});

test('a wildcard covers itself and one label in its place, not the apex, not two labels, not other wildcards', () => {
  const asked = ['*.a.com', 'b.a.com', 'a.com', 'c.b.a.com', '*.b.a.com', 'ba.com', 'com'];
  expect(asked.filter((host) => covers('*.a.com', host))).toEqual(['*.a.com', 'b.a.com']);
  expect(asked.filter((host) => covers('b.a.com', host))).toEqual(['b.a.com']);
});

test('covers compares label by label', () => {
  fc.assert(
    fc.property(hosts(), hosts(), (pattern, host) => {
      const [patternLabels, hostLabels] = [pattern.split('.'), host.split('.')];
      const isCovered =
        patternLabels.length === hostLabels.length &&
        patternLabels.every((own, index) => own === '*' || own === hostLabels[index]);
      expect(covers(pattern, host)).toBe(isCovered);
    }),
  );
});

test('only *. begins a wildcard', () => {
  expect(['*.example.com', '*', 'a.*.com', '*a.com'].filter(isWildcard)).toEqual(['*.example.com']);
});

test('an address of a page is told from a host', () => {
  expect(hostFindings('https://shop.example.com')).toEqual([
    { ...HOST_01, value: 'https://shop.example.com', fix: 'Leave out the scheme, the port and the path' },
  ]);
});

test('a certificate holds no name that a wildcard of it covers', () => {
  expect(certificateNames(['b.a.example.com', '*.example.com', 'a.example.com', 'example.com', 'example.com'])).toEqual(
    ['*.example.com', 'b.a.example.com', 'example.com'],
  );
});

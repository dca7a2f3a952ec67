import fc from 'fast-check';
import { parseAllDocuments, stringify } from 'yaml';
import { printProblem } from '../../lib/model/problem';
import { deriveStream } from '../../lib/rotater/derive-stream';
import { readDocuments } from '../../lib/rotater/manifest-stream';
import { settingsOf } from '../support/derive';
import type { Manifest } from '../support/synthesize';
import { BOTH, ingressRoute } from './support';

const filter = (text: string, options: { onlyDerived?: boolean; raw?: typeof BOTH; name?: string } = {}) => {
  const { raw = BOTH, name = 'in.yaml', ...rest } = options;
  const { problems, notices, ...result } = deriveStream([{ name, text }], settingsOf(raw), rest);
  return { ...result, problems: problems.map(printProblem), notices: notices.map(printProblem) };
};
const objectsIn = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
const kinds = (text: string) => objectsIn(text).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

const ROUTE = stringify(ingressRoute());
const OTHER = `# A comment that stays
apiVersion: v1
kind: ConfigMap   # and this one
metadata: { name: "settings" }
data:
  text: |
    --- this is no marker
     ...
`;

test('what a route needs stands behind it, all else is untouched', () => {
  const text = `${OTHER}---\n# of the route\n${ROUTE}---\n${OTHER.replace('settings', 'last')}`;
  const { text: out, problems } = filter(text);
  expect(problems).toEqual([]);
  expect(kinds(out)).toEqual([
    'ConfigMap settings',
    'IngressRoute web',
    'Certificate web-tls',
    'DNSEndpoint web',
    'ConfigMap last',
  ]);
  const [before = '', after = ''] = out.split(/---\napiVersion: cert-manager.io[\s\S]*?- 203.0.113.10\n/);
  expect(before + after).toBe(text);
});

test('only what is derived', () => {
  const { text } = filter(`${OTHER}---\n${ROUTE}`, { onlyDerived: true });
  expect(kinds(text)).toEqual(['Certificate web-tls', 'DNSEndpoint web']);
});

test('a stream without routes stays as it is', () => {
  for (const text of [
    '',
    '\n',
    '# nothing\n',
    OTHER,
    `---\n${OTHER}...\n---\n${OTHER}`,
    '%YAML 1.2\n---\na: 1\n',
    'text',
  ]) {
    expect(filter(text).text).toBe(text);
  }
});

test('several sources become one stream', () => {
  const sources = [OTHER, ROUTE.trimEnd(), OTHER].map((text, index) => ({ name: `${index}.yaml`, text }));
  const { text } = deriveStream(sources, settingsOf(BOTH));
  expect(kinds(text)).toEqual([
    'ConfigMap settings',
    'IngressRoute web',
    'Certificate web-tls',
    'DNSEndpoint web',
    'ConfigMap settings',
  ]);
});

test('lists are looked into', () => {
  const list = stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [ingressRoute(), ingressRoute({ name: 'b', namespace: 'blog', match: 'Host(`b.example.com`)' })],
  });
  expect(kinds(filter(list, { onlyDerived: true }).text)).toEqual([
    ...['Certificate web-tls', 'DNSEndpoint web', 'Certificate b-tls', 'DNSEndpoint b'],
  ]);
  const wrong = list.replace('Host(`b.example.com`)', 'Hst(`b`)');
  expect(filter(wrong).problems[0]).toMatch(/^RULE-02 \[in\.yaml:26:18\]/);
});

test('JSON values that follow each other, and lists of one kind', () => {
  const text = ['a', 'b']
    .map((name) => JSON.stringify(ingressRoute({ name, match: `Host(\`${name}.example.com\`)` })))
    .join('\n');
  const two = filter(text);
  expect(two.problems).toEqual([]);
  expect(JSON.parse(`[${two.text.replaceAll(/\}\s*(?=\{)/g, '},')}]`).map(({ kind }: Manifest) => kind)).toEqual([
    ...['IngressRoute', 'Certificate', 'DNSEndpoint', 'IngressRoute', 'DNSEndpoint'],
  ]);
  const { apiVersion, kind: _, ...item } = ingressRoute();
  const list = JSON.stringify({ apiVersion, kind: 'IngressRouteList', items: [item] });
  expect(filter(list, { onlyDerived: true }).text).toMatch(/"kind": "Certificate"[\s\S]*"kind": "DNSEndpoint"/);
  // A flow mapping whose text looks like two.
  const flow = `{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { a: '} {' } }\n`;
  expect(filter(flow)).toMatchObject({ text: `---\n${flow}`, problems: [] });
});

test('JSON comes out as JSON, and among YAML readers take it for YAML', () => {
  const json = `${JSON.stringify(ingressRoute())}\n`;
  const { text } = filter(json);
  expect(text.startsWith(json)).toBe(true);
  expect(text).not.toContain('---');
  expect(JSON.parse(`[${text.replaceAll(/\}\n(?=\{)/g, '},')}]`)).toHaveLength(3);
  const mixed = filter(`${json}---\n${OTHER}`).text;
  expect(mixed.startsWith('---\n{')).toBe(true);
  expect(kinds(mixed)).toEqual(['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web', 'ConfigMap settings']);
});

test('values that old readers take for something else are quoted', () => {
  const raw = {
    ...BOTH,
    certificates: { issuer: 'letsencrypt', template: { labels: { a: 'yes', b: '0x1f', c: '1e3', d: '1_000' } } },
  };
  expect(filter(ROUTE, { raw }).text).toMatch(/a: 'yes'\n\s+b: '0x1f'\n\s+c: '1e3'\n\s+d: '1_000'/);
});

describe('what is wrong', () => {
  test('is told by file, line and column, and nothing is written', () => {
    const text = `${OTHER}---\n${ROUTE}---\nkind: [\n---\nb: {\n`;
    const { text: out, problems } = filter(text);
    expect(out).toBe('');
    expect(problems.map((line) => line.replace(/\].*/, ']'))).toEqual([
      'INPUT-01 [in.yaml:26:1]',
      'INPUT-01 [in.yaml:28:1]',
    ]);
  });

  test('in a rule, at the rule; in a route, at its name', () => {
    expect(filter(`${OTHER}---\n${ROUTE.replace('Host', 'Hst')}`).problems).toEqual([
      'RULE-02 [in.yaml:18:14] column 1: Hst is no matcher of HTTP rules in v3 syntax (Hst). Did you mean Host?',
    ]);
    expect(filter(`${OTHER}---\n${ROUTE}`, { raw: { ...BOTH, zones: ['example.org'] } }).problems[0]).toMatch(
      /^ZONE-01 \[in\.yaml:18:14\]/,
    );
    expect(filter(ROUTE.replace('www.example', 'w_w..example')).problems[0]).toMatch(/^HOST-01 \[in\.yaml:9:14\]/);
  });

  test('a key that stands twice, an alias of nothing', () => {
    expect(filter('a: 1\na: 2\n').problems[0]).toMatch(/^INPUT-01 \[in\.yaml:2:1\]/);
    expect(filter('a: *b\n').problems[0]).toMatch(/^INPUT-01 \[in\.yaml:1:\d+\]/);
  });
});

test('a route without a usable host is named', () => {
  expect(filter(ROUTE.replace('Host(`www.example.com`)', 'PathPrefix(`/`)')).notices).toEqual([
    'RULE-07 [in.yaml:9:14] the rule names no host. Add Host(`a.example.com`), or HostSNI for TCP',
  ]);
});

describe('what is there already', () => {
  const certificate = (name: string, namespace = 'shop') =>
    stringify({
      ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name, namespace } },
      spec: { secretName: 'www-tls', dnsNames: ['www.example.com'], issuerRef: { name: 'mine' } },
    });

  test('is not written again: what came out comes out once more', () => {
    const wildcards = { ...BOTH, zones: ['example.com'] };
    const raw = {
      ...wildcards,
      certificates: { issuer: 'letsencrypt', strategy: 'wildcard-per-zone' as const, wildcardNamespace: 'edge' },
    };
    for (const options of [{}, { raw }]) {
      const { text } = filter(`${OTHER}---\n${ROUTE}`, options);
      expect(kinds(text)).toHaveLength(4);
      expect(filter(text, options)).toEqual({ text, problems: [], notices: [] });
      expect(filter(text, { ...options, onlyDerived: true }).text).toBe('');
    }
  });

  test('is left alone where it says something else, which is told', () => {
    const { text, notices } = filter(`${ROUTE}---\n${certificate('web-tls')}`);
    expect(kinds(text)).toEqual(['IngressRoute web', 'DNSEndpoint web', 'Certificate web-tls']);
    expect(notices).toEqual([
      'ROUTE-15 [in.yaml:19:9] the object that would be derived is there already, with another content; it is left alone (Certificate web-tls). Remove or rename it, or have the route ignored by the annotation traefik-ha/ignore',
    ]);
  });

  test('a Certificate of another name must not write the same Secret', () => {
    expect(filter(`${certificate('mine')}---\n${ROUTE}`)).toEqual({
      text: '',
      problems: [
        'CERT-11 [in.yaml:16:9] Certificate mine, at in.yaml:1, writes the Secret already, and each would undo the other (shop/www-tls). Remove that one, or have the route ignored by the annotation traefik-ha/ignore: certificates',
      ],
      notices: [],
    });
    expect(filter(`${certificate('mine', 'other')}---\n${ROUTE}`).problems).toEqual([]);
    const ignored = stringify(ingressRoute({ annotations: { 'traefik-ha/ignore': 'certificates' } }));
    expect(filter(`${certificate('mine')}---\n${ignored}`).problems).toEqual([]);
  });
});

describe('routes that nothing is derived from', () => {
  const OLD = ROUTE.replace('traefik.io/', 'traefik.containo.us/');
  const PLAIN = stringify(ingressRoute({ name: 'plain', tls: null }));
  const raw = { certificates: { issuer: 'letsencrypt' } };

  test('of the old group', () => {
    expect(filter(`${ROUTE}---\n${OLD}`).notices).toEqual([
      'ROUTE-19 [in.yaml:16:13] Traefik 3 reads no routes of this group, and nothing is derived from web (traefik.containo.us/v1alpha1). Write apiVersion: traefik.io/v1alpha1',
    ]);
    expect(filter(OLD).notices).toHaveLength(1);
  });

  test('are told once where there are no others', () => {
    const other = { ...raw, ingressClass: 'other' };
    for (const [text, options] of [
      [`${PLAIN}---\n${PLAIN.replace('plain', 'other')}`, { raw }],
      [`${ROUTE}---\n${stringify(ingressRoute({ tls: {} }))}`, { raw: other }],
    ] as const) {
      expect(filter(text, options).notices).toEqual([
        expect.stringMatching(
          /^ROUTE-20 \[in\.yaml:4:9\] nothing is derived from any route of the input \(2 routes\)\./,
        ),
      ]);
    }
  });

  test('are no matter where one has what it needs, where they opted out, or where there are none', () => {
    const ignored = stringify(ingressRoute({ annotations: { 'traefik-ha/ignore': 'true' } }));
    for (const text of [`${ROUTE}---\n${PLAIN}`, ignored, OTHER]) expect(filter(text, { raw }).notices).toEqual([]);
  });
});

describe('fixes are those of manifests', () => {
  test('a private address', () => {
    expect(
      filter(ROUTE, { raw: { ...BOTH, dns: { targets: ['10.0.0.1'] }, zones: ['example.com'] } }).problems,
    ).toEqual([
      'DNS-04 [in.yaml:4:9] a private address is announced to the public as www.example.com (10.0.0.1). Give the public address, or give zones: [{ name: example.com, private: true }] in the settings (--config)',
    ]);
  });

  test('hosts by a regular expression, as it is written', () => {
    const match = 'HostRegexp(`^\\w+\\.example\\.com$`)';
    expect(filter(stringify(ingressRoute({ match }))).notices).toEqual([
      'RULE-07 [in.yaml:9:14] the rule names its hosts by a regular expression, which cannot be listed (^\\w+\\.example\\.com$). Add the hosts with Host (HostSNI for TCP), or list them in tls.domains',
    ]);
  });
});

test('a document without a marker behind the end of another one', () => {
  const text = `${OTHER}...\n${ROUTE}...\n# of the last\n${OTHER.replace('settings', 'last')}`;
  const { text: out, problems } = filter(text);
  expect(problems).toEqual([]);
  expect(kinds(out)).toEqual([
    ...['ConfigMap settings', 'IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web', 'ConfigMap last'],
  ]);
  const without = text.replace('IngressRoute', 'Other');
  expect(filter(without).text).toBe(without);
});

describe('what others may write', () => {
  test('directives behind what was derived', () => {
    const directives = '%YAML 1.2\n---\nkind: ConfigMap\nmetadata: { name: last }\n';
    const { text, problems } = filter(`${ROUTE}...\n${directives}`);
    expect(problems).toEqual([]);
    expect(filter(text, { onlyDerived: true }).problems).toEqual([]);
    expect(kinds(text)).toEqual(['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web', 'ConfigMap last']);
  });

  test('many blank lines', () => {
    const text = `${'\n'.repeat(5000)}${OTHER}`;
    const result = deriveStream(
      [ROUTE, text].map((each) => ({ name: 'in', text: each })),
      settingsOf(BOTH),
    );
    expect(kinds(result.text)).toHaveLength(4);
  });

  test('a byte order mark, which stays at the beginning and nowhere else', () => {
    const sources = [ROUTE, ROUTE.replaceAll('web', 'b').replace('www.example', 'b.example')].map((text, index) => ({
      name: String(index),
      text: `\ufeff${text.replace('www-tls', `tls-${index}`)}`,
    }));
    const { text } = deriveStream(sources, settingsOf(BOTH));
    expect(text.lastIndexOf('\ufeff')).toBe(0);
    expect(kinds(text)).toHaveLength(6);
    expect(filter(`\ufeff${JSON.stringify(ingressRoute())}`).text).not.toContain('---');
  });

  test('what Unicode takes for the end of a line', () => {
    const text = `${ROUTE}note: |\n  a\u2028--- b\n`;
    expect(filter(text).text.startsWith(text)).toBe(true);
  });

  test('aliases: many, merged, of nothing, of a list in itself', () => {
    const many = `kind: ConfigMap\nx: &x v\ny:\n${'- *x\n'.repeat(500)}`;
    expect(filter(many)).toEqual({ text: many, problems: [], notices: [] });
    expect(filter('a: {<<: 3}\n').problems[0]).toMatch(/^INPUT-01 \[in\.yaml:1:1\]/);
    expect(filter('a: &a {<<: *a}\n').problems[0]).toMatch(/^INPUT-01/);
    expect(filter('&a {kind: List, items: [*a]}\n').problems).toEqual([]);
  });
});

test('tags of others are passed on', () => {
  const text = `a: !vault |\n  secret\n---\n${ROUTE}`;
  expect(filter(text).problems).toEqual([]);
  expect(filter(text).text.startsWith(text)).toBe(true);
});

test('documents, put one behind the other, are the text', () => {
  const line = fc.constantFrom(
    '---',
    '...',
    '--- # x',
    'a: 1',
    '# c',
    '',
    '%YAML 1.2',
    '{"a": 1}',
    '  - b',
    '----',
    '--- |',
    '  ---',
    'kind: x',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const text = lines.join(end);
      const { documents, problems } = readDocuments({ name: 'in', text });
      if (problems.length === 0) expect(documents.map((document) => document.text).join('')).toBe(text);
    }),
  );
});

import { parse, stringify } from 'yaml';
import { deriveResourceList, readResourceList } from '../../lib/rotater/resource-list';
import { settingsOf } from '../support/derive';
import type { Manifest } from '../support/synthesize';
import { BOTH, ingressRoute } from './support';

const listOf = (items: readonly object[] | undefined, functionConfig?: object) =>
  stringify({ apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList', functionConfig, items });

function run(text: string, { strict = false, raw = BOTH } = {}) {
  const list = readResourceList(text);
  if (list === undefined) throw new Error('no ResourceList');
  const result = deriveResourceList(list, settingsOf(raw), { strict });
  return { ...result, list: parse(result.text) as Manifest };
}

test('what a route needs stands behind it', () => {
  const { list, problems } = run(
    listOf([ingressRoute(), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }]),
  );
  expect(problems).toEqual([]);
  expect(list.kind).toBe('ResourceList');
  expect(list.items.map(({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`)).toEqual([
    ...['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web', 'ConfigMap x'],
  ]);
  expect(list.results).toBeUndefined();
});

test('problems are results, and nothing is added', () => {
  const { list, problems } = run(listOf([ingressRoute({ match: 'Hst(`x`)' })]));
  expect(problems).toHaveLength(1);
  expect(list.items).toHaveLength(1);
  expect(list.results).toEqual([
    {
      message:
        'RULE-02 [IngressRoute shop/web spec.routes.0.match] column 1: Hst is no matcher of HTTP rules in v3 syntax (Hst). Did you mean Host?',
      severity: 'error',
      tags: { code: 'RULE-02' },
    },
  ]);
});

test('a route without a host is told as well, and is a mistake where that was said', () => {
  const text = listOf([ingressRoute({ match: 'PathPrefix(`/`)' })]);
  expect(run(text).list.results).toMatchObject([{ severity: 'info', tags: { code: 'RULE-07' } }]);
  expect(run(text, { strict: true }).problems).toMatchObject([{ code: 'RULE-07' }]);
});

test('what is there already is not added, and a Certificate of another name is a mistake', () => {
  const once = run(listOf([ingressRoute()])).text;
  expect(run(once).text).toBe(once);
  const mine = {
    ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name: 'mine', namespace: 'shop' } },
    spec: { secretName: 'www-tls' },
  };
  expect(run(listOf([mine, ingressRoute()])).problems).toMatchObject([
    { code: 'CERT-11', at: 'IngressRoute shop/web' },
  ]);
});

test('a list without items, and comments that stay', () => {
  expect(run(listOf(undefined)).list.items).toEqual([]);
  expect(run(`# kept\n${listOf([])}`).text).toMatch(/^# kept/);
});

test('aliases are looked through, and nothing is lost', () => {
  const head = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n';
  const aliased = `${head}x: &x\n  - ${JSON.stringify(ingressRoute())}\nitems: *x\n`;
  expect(run(aliased).list.items).toHaveLength(3);
  const match = `${head}items:\n  - ${JSON.stringify(ingressRoute()).replace('"Host(`www.example.com`)"', '&m Host(`a.example.com`)')}\n  - ${JSON.stringify(ingressRoute({ name: 'b', tls: null })).replace('"Host(`www.example.com`)"', '*m ')}\n`;
  expect(run(match).problems).toEqual([]);
  expect(run(`${head}items: [null]\n`).list.items).toEqual([null]);
  for (const items of ['{a: b}', '[{<<: 3}]', '*none'])
    expect(readResourceList(`${head}items: ${items}\n`)).toBeUndefined();
});

test('only what is derived', () => {
  const list = readResourceList(listOf([ingressRoute()]));
  const { text } = deriveResourceList(list as NonNullable<typeof list>, settingsOf(BOTH), {
    strict: false,
    onlyDerived: true,
  });
  expect(parse(text).items.map(({ kind }: Manifest) => kind)).toEqual(['Certificate', 'DNSEndpoint']);
});

test('the configuration of the function', () => {
  expect(readResourceList(listOf([], { apiVersion: 'v1', kind: 'Derive', spec: { dns: {} } }))?.configuration).toEqual({
    dns: {},
  });
  expect(readResourceList(listOf([]))?.configuration).toBeUndefined();
});

test.each(['', 'kind: ResourceList\n', 'apiVersion: v1\nkind: List\nitems: []\n', 'kind: [ResourceList\n'])(
  '%j is none',
  (text) => {
    expect(readResourceList(text)).toBeUndefined();
  },
);

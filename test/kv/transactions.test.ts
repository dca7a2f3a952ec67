import fc from 'fast-check';
import { kvEntries } from '../../lib/kv/entries';
import {
  consulImport,
  consulTransaction,
  etcdTransaction,
  type KvOperation,
  kvTransactions,
  redisCommands,
} from '../../lib/kv/transactions';
import { anyConfiguration } from '../support/kv';

const CERTIFICATE = { key: 'traefik/tls/certificates/shop/certFile', value: 'certificate\n' };
const KEY = { key: 'traefik/tls/certificates/shop/keyFile', value: 'Schlüssel' };
const PAIR = [CERTIFICATE, KEY];
const OLD = 'traefik/http/routers/old/rule';
const OPERATIONS: KvOperation[] = [
  { verb: 'set', ...CERTIFICATE },
  { verb: 'delete', key: OLD },
];

test('nothing of what others wrote is deleted', () => {
  expect(
    kvTransactions(PAIR)
      .flat()
      .map(({ verb }) => verb),
  ).toEqual(['set', 'set']);
  const written = [CERTIFICATE.key, OLD, 'traefik/http/routers/old/service'];
  expect(kvTransactions(PAIR, { written }).flat().slice(2)).toEqual([
    { verb: 'delete', key: 'traefik/http/routers/old/service' },
    { verb: 'delete', key: OLD },
  ]);
});

test('what changes within a router changes at once', () => {
  const auth = kvEntries({ http: { middlewares: { a: { compress: {} }, b: { compress: {} } } } }).entries;
  const now = kvEntries({ http: { middlewares: { a: { addPrefix: { prefix: '/a' } } } } }).entries;
  const [first, ...others] = kvTransactions(now, { written: auth.map(({ key }) => key) });
  expect(others).toEqual([]);
  expect(first).toEqual([
    { verb: 'set', key: 'traefik/http/middlewares/a/addPrefix/prefix', value: '/a' },
    { verb: 'delete', key: 'traefik/http/middlewares/a/compress' },
    { verb: 'delete', key: 'traefik/http/middlewares/b/compress' },
  ]);
});

test('a transaction holds 64 operations and 300 kB at most, and what belongs together', () => {
  fc.assert(
    fc.property(anyConfiguration(), fc.constantFrom('traefik', 'a/b'), (configuration, rootKey) => {
      const { entries } = kvEntries(configuration, { rootKey });
      const transactions = kvTransactions(entries, { rootKey });
      expect(transactions.flat()).toEqual(entries.map((entry) => ({ verb: 'set', ...entry })));
      expect(transactions.every(({ length }) => length > 0 && length <= 64)).toBe(true);
      const unitOf = ({ key }: KvOperation) =>
        key
          .slice(rootKey.length + 1)
          .split('/')
          .slice(0, 3)
          .join('/');
      const certificates = transactions.map((each) =>
        [...new Set(each.map(unitOf))].filter((unit) => unit.startsWith('tls/certificates')),
      );
      expect(new Set(certificates.flat()).size).toBe(certificates.flat().length);
    }),
  );
});

test('many certificates fill several transactions, none of which parts a pair', () => {
  const entries = Array.from({ length: 100 }, (_, index) =>
    PAIR.map(({ key, value }) => ({ key: key.replace('shop', `c${index}`), value: value.padEnd(2000) })),
  ).flat();
  const transactions = kvTransactions(entries);
  expect(transactions.map(({ length }) => length)).toEqual([64, 64, 64, 8]);
  const large = kvTransactions(entries.map(({ key, value }) => ({ key, value: value.padEnd(100_000) })));
  expect(large.map(({ length }) => length)).toEqual(Array(100).fill(2));
  const wide = kvTransactions(entries.map(({ key, value }) => ({ key, value: '漢'.repeat(value.length * 25) })));
  expect(wide.map(({ length }) => length)).toEqual(Array(100).fill(2));
});

test('the forms of each store', () => {
  expect(consulTransaction(OPERATIONS)).toEqual([
    { KV: { Verb: 'set', Key: CERTIFICATE.key, Value: 'Y2VydGlmaWNhdGUK' } },
    { KV: { Verb: 'delete', Key: OLD } },
  ]);
  expect(consulImport(PAIR)[1]).toEqual({ key: KEY.key, flags: 0, value: 'U2NobMO8c3NlbA==' });
  expect(etcdTransaction(OPERATIONS)).toEqual({
    success: [
      { requestPut: { key: base64(CERTIFICATE.key), value: 'Y2VydGlmaWNhdGUK' } },
      { requestDeleteRange: { key: base64(OLD) } },
    ],
  });
  expect(redisCommands(OPERATIONS)).toEqual([
    ['MULTI'],
    ['SET', CERTIFICATE.key, 'certificate\n'],
    ['DEL', OLD],
    ['EXEC'],
  ]);
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

import fc from 'fast-check';
import { tokenOf } from '../../lib/model/token';
import { remainsIn } from '../../lib/pulumi/remains';

const tokens = fc.integer({ min: 1, max: 999_999 }).map(tokenOf);
const around = fc.tuple(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }));
const TOKEN = tokenOf(42);

describe('what is left of the text of an Output is found', () => {
  test('a part of eight letters and more, in small letters and large ones, in any text', () => {
    const part = fc
      .tuple(tokens, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 8, max: 19 }))
      .map(([token, from, length]) => token.slice(from, from + length))
      .filter((each) => each.length >= 8);
    fc.assert(
      fc.property(part, around, fc.boolean(), (left, [before, after], isLarge) => {
        const text = `${before}${isLarge ? left.toUpperCase() : left}${after}`;
        expect(remainsIn({ data: { a: text } })).toBe('data.a');
      }),
    );
  });

  test.each(['slice(0, 5)', 'slice(-6)', 'slice(7, 13)'])('a shorter part, as a word of its own: %s', (cut) => {
    const left = new Function('token', `return token.${cut}`)(TOKEN) as string;
    expect(remainsIn({ a: `web-${left}` })).toBe('a');
  });

  test('base64 and hexadecimal, wherever they begin', () => {
    fc.assert(
      fc.property(tokens, around, fc.constantFrom('base64', 'base64url', 'hex'), (token, [before, after], as) => {
        const text = Buffer.from(before + token + after).toString(as as BufferEncoding);
        expect(remainsIn({ list: ['x', `a: ${text}`] })).toBe('list.1');
      }),
    );
  });

  test.each<[string, unknown, string]>([
    ['capitals', { a: TOKEN.toUpperCase() }, 'a'],
    ['a capital', { a: TOKEN[0]?.toUpperCase() + TOKEN.slice(1) }, 'a'],
    ['letters replaced', { a: TOKEN.replace('zq', 'a') }, 'a'],
    ['the pieces of a split', { a: TOKEN.split('x') }, 'a.1'],
    ['taken for a list', { a: [...TOKEN] }, 'a'],
    ['taken for a map', { spec: { ...(TOKEN as unknown as object) } }, 'spec'],
    ['in a key', { data: { [TOKEN.slice(3)]: 'a' } }, `data.${TOKEN.slice(3)}`],
  ])('%s', (_, value, path) => {
    expect(remainsIn(value)).toBe(path);
  });
});

test('whole ones, and all other texts, are not', () => {
  fc.assert(
    fc.property(tokens, tokens, fc.base64String({ maxLength: 400 }), (one, other, text) => {
      expect(remainsIn({ a: one, b: `${one}.${other}/x`, [one]: [one, 'a', 'b'], d: text, e: one + other })).toBe(
        undefined,
      );
    }),
  );
  expect(remainsIn({ log: '/var/log/output-2024.log', by: 'zq', id: '0xj0', n: 1, no: null, list: ['a', 'b'] })).toBe(
    undefined,
  );
});

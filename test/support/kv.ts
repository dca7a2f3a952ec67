import fc from 'fast-check';
import { DYNAMIC_CONFIGURATION, type DynamicConfiguration } from '../../lib/kv/dynamic-configuration';
import { type Choice, fieldsOf, type Leaf, type Schema, type Struct } from '../../lib/kv/schema';

/**
 * Configurations of every form that the schema permits, with names and texts of any kind; what they say need not make
 * sense, since it is about how they are written and read.
 */
export function anyConfiguration(text: fc.Arbitrary<string> = anyText): fc.Arbitrary<DynamicConfiguration> {
  return fields(DYNAMIC_CONFIGURATION, text, { atTop: true }) as fc.Arbitrary<DynamicConfiguration>;
}

const name = fc
  .oneof(
    fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,8}$/),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
      .filter((text) => /^(?!\.\.?$)[^/@\p{Cc}]+$/u.test(text)),
  )
  .filter(
    (text) => text.trim() === text && !/^\d+$/.test(text) && text.toLowerCase() === text.toLowerCase().normalize(),
  );

const anyText = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9 ,:/.-]{0,12}$/),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('true', 'false', '0', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
);

const LEAVES: Record<Exclude<Leaf['kind'], 'text'>, fc.Arbitrary<unknown>> = {
  flag: fc.boolean(),
  whole: fc.integer({ min: -1000, max: 100_000 }),
  duration: fc
    .tuple(fc.nat(5000), fc.constantFrom('ms', 's', 'm', 'h'), fc.boolean())
    .map(([count, unit, more]) => `${count}${unit}${more && unit === 'm' ? '30s' : ''}`),
};

function any(schema: Schema, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  switch (schema.kind) {
    case 'struct':
    case 'choice':
      return fields(schema, text);
    case 'dictionary':
      return fc
        .uniqueArray(fc.tuple(name, any(schema.item, text)), {
          minLength: 1,
          maxLength: 3,
          selector: ([key]) => key.toLowerCase(),
        })
        .map((pairs) => Object.fromEntries(pairs));
    case 'list': {
      const item = schema.item.kind === 'text' ? any(schema.item, text).filter(isItem) : any(schema.item, text);
      return fc.array(item, { minLength: 1, maxLength: 12 });
    }
    default:
      if (schema.values !== undefined) return fc.constantFrom(...schema.values);
      return schema.kind === 'text' ? text : LEAVES[schema.kind];
  }
}

function isItem(text: unknown): boolean {
  return typeof text === 'string' && !text.includes(',') && text.trim() === text && text !== '';
}

/** Something in it, unless it may be empty. */
function fields(schema: Struct | Choice, text: fc.Arbitrary<string>, { atTop = false } = {}): fc.Arbitrary<unknown> {
  if (schema.kind === 'choice') {
    return fc.oneof(
      ...Object.entries(fieldsOf(schema)).map(([key, field]) => any(field, text).map((value) => ({ [key]: value }))),
    );
  }
  const model = Object.fromEntries(Object.entries(fieldsOf(schema)).map(([key, field]) => [key, any(field, text)]));
  const value = fc.record(model, { requiredKeys: Object.keys(schema.required) });
  return atTop || schema.mayBeEmpty ? value : value.filter((each) => Object.keys(each).length > 0);
}

/** Times in milliseconds, however they were written; what is nothing left out, as Traefik does when it prints. */
export function canonical(value: unknown): unknown {
  if (typeof value === 'string') return milliseconds(value) ?? value;
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, canonical(each)] as const);
  const present = entries.filter(([, each]) => each !== '' && each !== 0 && each !== false);
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function milliseconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0));
}

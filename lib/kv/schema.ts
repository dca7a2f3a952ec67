/**
 * What a configuration may hold, as data. From it follow its type, how it is written to a store, and how a store is read.
 */
export type Schema = Leaf | List | Dictionary | Struct | Choice;

/** A single value. */
export interface Leaf<T = unknown> {
  readonly kind: 'text' | 'flag' | 'whole' | 'duration';
  /** The values that there are; undefined for any. */
  readonly values?: readonly string[];
  /** What must not be read by everybody. */
  readonly secret?: true;
  /** Of types only. */
  readonly type?: T;
}

/** Values in their order, or structs. */
export interface List<Item extends Schema = Schema> {
  readonly kind: 'list';
  readonly item: Item;
}

/** Values by names of the user's own. */
export interface Dictionary<Item extends Schema = Schema> {
  readonly kind: 'dictionary';
  readonly item: Item;
  /** Whether it is a list in Traefik, so that names may be numbers. */
  readonly listed: boolean;
}

type Fields = Readonly<Record<string, Schema>>;

/** Named fields, of which `required` must be there. */
export interface Struct<Required extends Fields = Fields, Optional extends Fields = Fields> {
  readonly kind: 'struct';
  readonly required: Required;
  readonly optional: Optional;
  /** Whether it means something with nothing in it: it is then written as `true`. */
  readonly mayBeEmpty: boolean;
}

/** Exactly one of several. */
export interface Choice<Options extends Fields = Fields> {
  readonly kind: 'choice';
  readonly options: Options;
}

/** The type of what `S` describes. */
export type Value<S> =
  S extends Leaf<infer T>
    ? T
    : S extends List<infer Item>
      ? readonly Value<Item>[]
      : S extends Dictionary<infer Item>
        ? { readonly [name: string]: Value<Item> }
        : S extends Struct<infer Required, infer Optional>
          ? { readonly [K in keyof Required]: Value<Required[K]> } & {
              readonly [K in keyof Optional]?: Value<Optional[K]>;
            }
          : S extends Choice<infer Options>
            ? OneOf<Options>
            : never;

type OneOf<Options extends Fields> = {
  [K in keyof Options]: { readonly [P in K]: Value<Options[P]> } & {
    readonly [P in Exclude<keyof Options, K>]?: never;
  };
}[keyof Options];

type Unit = 'ms' | 's' | 'm' | 'h';
/** As Go writes it: `500ms`, `10s`, `1m30s`. */
export type DurationText = `${number}${Unit}` | `${number}${Unit}${number}${Unit}`;

export const text: Leaf<string> = { kind: 'text' };
export const secret: Leaf<string> = { kind: 'text', secret: true };
export const flag: Leaf<boolean> = { kind: 'flag' };
export const whole: Leaf<number> = { kind: 'whole' };
export const duration: Leaf<DurationText> = { kind: 'duration' };

export function oneOf<const T extends string>(...values: readonly T[]): Leaf<T> {
  return { kind: 'text', values };
}

export function list<Item extends Schema>(item: Item): List<Item> {
  return { kind: 'list', item };
}

export function dictionary<Item extends Schema>(item: Item): Dictionary<Item> {
  return { kind: 'dictionary', item, listed: false };
}

/** A list in Traefik, whose items have names here: each writer then has a part of its own. */
export function named<Item extends Schema>(item: Item): Dictionary<Item> {
  return { kind: 'dictionary', item, listed: true };
}

export function struct<const Optional extends Fields>(optional: Optional): Struct<Record<never, never>, Optional> {
  return { kind: 'struct', required: {}, optional, mayBeEmpty: false };
}

export function structWith<const Required extends Fields, const Optional extends Fields>(
  required: Required,
  optional: Optional,
): Struct<Required, Optional> {
  return { kind: 'struct', required, optional, mayBeEmpty: false };
}

/** A struct that means something with nothing in it. */
export function perhapsEmpty<S extends Struct>(schema: S): S {
  return { ...schema, mayBeEmpty: true };
}

export function choice<const Options extends Fields>(options: Options): Choice<Options> {
  return { kind: 'choice', options };
}

/** All fields of a struct or choice. */
export function fieldsOf(schema: Struct | Choice): Fields {
  return schema.kind === 'choice' ? schema.options : { ...schema.required, ...schema.optional };
}

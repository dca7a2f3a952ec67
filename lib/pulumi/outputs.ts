import { relative } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import type { ApiObject, Size } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { AcmeServer, CertificateStrategy, DnsProvider, HostedZone, LoadBalancer, Rule, Solver } from '../index';
import type { Problem } from '../model/problem';
import { hasToken, newToken, type Reveal, splitTokens } from '../model/token';
import { revealedText } from './documents';
import { whenEnded } from './program-end';
import { brokenQuotes } from './quotes';
import { judged, refusal, refuse } from './run-error';

/** What is made by functions and classes of the library and of cdk8s; `text()` gives these an Output. */
type Opaque =
  | AcmeServer
  | ApiObject
  | CertificateStrategy
  | DnsProvider
  | HostedZone
  | IConstruct
  | LoadBalancer
  | Rule
  | Size
  | Solver;

/**
 * `T` with an Input wherever it has an open text. Numbers, booleans, and texts of which only some are right stay as they
 * are: what is made depends on them.
 */
export type Inputs<T> = unknown extends T
  ? T
  : T extends Opaque
    ? T
    : T extends string
      ? string extends T
        ? pulumi.Input<string>
        : T
      : T extends number | boolean | undefined | null | ((...args: never[]) => unknown)
        ? T
        : T extends readonly (infer Item)[]
          ? readonly Inputs<Item>[]
          : { [Key in keyof T]: Inputs<T[Key]> };

/** What each token stands for. */
const outputs = new Map<string, pulumi.Output<string>>();
/** The token of each Output, so that it is the same text wherever it is used. */
const tokens = new WeakMap<object, string>();
/** Tokens that were given out and did not come out of a synthesis yet, and where the program asked for them. */
const unused = new Map<string, { readonly asked: string }>();

/**
 * `input` as a text that constructs take wherever they take an open one; what it stands for flows on when objects are
 * created, with its dependencies and its secrecy: whole, within a longer text, and within a document by
 * `JSON.stringify` or cdk8s's `Yaml.stringify`, where it is quoted as need be. In a template written by hand it is put
 * in as it is.
 *
 * The text is a place holder. What is made of it before (a part of it, its length, capitals, base64, a digest) is made of
 * the place holder: make it of the Output, by `apply`, and give `text()` what comes out, as in
 * `text(password.apply(digest))`. PULUMI-09 tells of what is left of one in an object, also of a digest of what the app
 * itself holds, such as the `data` of a ConfigMap as JSON; PULUMI-04 of one of which nothing came out at all.
 *
 * One Output always has the same text. Some properties of @pulumi/kubernetes are Outputs made anew at each access, such as
 * `namespace.metadata.name`: take them into a constant, or two texts stand for one name and are told apart until it is
 * known.
 *
 * @example new Chart(app, 'edge', { namespace: text(cluster.namespace) });
 */
export function text(input: pulumi.Input<string>): string {
  if (typeof input === 'string') return input;
  const isNew = !tokens.has(input);
  const token = textOf(input);
  if (isNew || unused.has(token)) unused.set(token, { asked: callerOf(text) });
  return token;
}

/** What {@link text} gives, for the library's own use. */
export function textOf(input: pulumi.Input<string>): string {
  if (typeof input === 'string') return input;
  const known = tokens.get(input);
  if (known !== undefined) return known;
  const token = newToken((value, make) => textOf(outputOfText(value).apply(make)));
  tokens.set(input, token);
  outputs.set(token, presentOf(input));
  return token;
}

/** Where in the program `called` was called, as file and line. */
function callerOf(called: (...args: never[]) => unknown): string {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, called);
  const [, file, line] = /\n\s+at (?:.*\()?(?:file:\/\/)?(.+?):(\d+):\d+/.exec(here.stack ?? '') ?? [];
  return file === undefined ? 'this program' : `${relative(process.cwd(), file)}:${line}`;
}

/**
 * `input`, of which something must come. Throws PULUMI-13 where it turns out to be nothing, as what its type says is a
 * text can be: the host name of a load balancer that has an address, or what another stack does not export.
 */
export function presentOf(input: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(input).apply((value) => {
    // Of any type at run time.
    if ((value as unknown) === undefined || (value as unknown) === null) refuse([NOTHING]);
    return value;
  });
}

const NOTHING: Problem = {
  code: 'PULUMI-13',
  at: 'this program',
  value: '',
  message: 'an Output that a text was made of turned out to be nothing',
  fix: "Say what stands for it then, by apply, as in output.apply((value) => value ?? '')",
};

/** `args` with a token in place of each Output and promise. */
export function plain<T>(args: Inputs<T>): T {
  return replaced(args, (value) => (isLate(value) ? textOf(value as pulumi.Input<string>) : value)) as T;
}

/** `value`, of the resource `at`, with Outputs where it has tokens; a map with a token in a key is an Output as a whole. */
export function resolved(value: unknown, at: string): pulumi.Input<unknown> {
  if (typeof value === 'string') return resolvedText(value, at);
  if (Array.isArray(value)) return value.map((part) => resolved(part, at));
  if (isLate(value)) return asOutput(value).apply((known) => pulumi.output(resolved(known, at)));
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, resolved(part, at)] as const);
  if (!entries.some(([key]) => hasToken(key))) return Object.fromEntries(entries);
  return pulumi
    .all(entries.map(([key, part]) => pulumi.all([resolvedText(key), part])))
    .apply((pairs) => Object.fromEntries(pairs));
}

// What was measured, compared or taken apart, so that what it stands for is not where it should be.
whenEnded(() =>
  [...unused.values()].map(({ asked: at }) => ({
    ...{ code: 'PULUMI-04', at, value: '' },
    message: 'of the text of an Output that was made here nothing came out',
    fix: 'Give it to what is created as it is; what shall be done to it, do to the Output itself, by apply',
  })),
);

/** What the tokens in `texts` stand for, when it is known; undefined where there are none. */
export function revealOf(texts: readonly string[]): pulumi.Output<Reveal> | undefined {
  const known = [...new Set(texts.flatMap((part) => splitTokens(part).filter((_, index) => index % 2 === 1)))];
  if (known.length === 0) return undefined;
  return pulumi.all(known.map(outputOf)).apply((values) => {
    const byToken = new Map(known.map((token, index) => [token, values[index]]));
    return (value: string) =>
      splitTokens(value)
        .map((part) => byToken.get(part) ?? part)
        .join('');
  });
}

/** `value` with what its tokens stand for. */
export function outputOfText(value: string): pulumi.Output<string> {
  return pulumi.output(resolvedText(value));
}

function resolvedText(value: string, at = 'this program'): pulumi.Input<string> {
  if (!hasToken(value)) return value;
  const parts = splitTokens(value).map((part, index) => (index % 2 === 1 ? outputOf(part) : part));
  const [before, only, after] = parts;
  if (parts.length === 3 && before === '' && after === '') return only as pulumi.Output<string>;
  const reveal = judged(revealOf([value]) as pulumi.Output<Reveal>, (known) => brokenQuotes(value, known, at));
  return reveal.apply((known) => revealedText(value, known));
}

function outputOf(token: string): pulumi.Output<string> {
  const output = outputs.get(token);
  if (output === undefined) {
    throw refusal({
      code: 'PULUMI-01',
      at: token,
      message: 'a text that stands for an Output of another program',
      fix: 'Give what text() returns to the program that it was called in',
    });
  }
  unused.delete(token);
  return output;
}

/** `value` with each part of its plain objects and lists as `replace` has it; other objects stay what they are. */
function replaced(value: unknown, replace: (part: unknown) => unknown): unknown {
  const own = replace(value);
  if (own !== value) return own;
  if (Array.isArray(value)) return value.map((part) => replaced(part, replace));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, replace)]));
}

function asOutput(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value) as pulumi.Output<unknown>;
}

function isLate(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Whether `value` is an object of no class. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

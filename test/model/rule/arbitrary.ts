import fc from 'fast-check';
import { quote } from '../../../lib/model/rule/literal';
import type { RouterKind } from '../../../lib/model/rule/matchers';
import { allOf, anyOf, matcher, type Rule } from '../../../lib/model/rule/tree';
import { CORPUS, REGEXPS } from './corpus';

/** Rules that routers of `kind` take, with texts of all sorts as values. */
export function rules(kind: RouterKind): fc.Arbitrary<Rule> {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const path = text.map((value) => `/${value}`);
  const leaf: fc.Arbitrary<Rule> =
    kind === 'http'
      ? fc.oneof(
          fc.stringMatching(/^[ -~]+$/).map((value) => matcher('Host', value)),
          fc.tuple(fc.constantFrom('Path', 'PathPrefix'), path).map(([name, value]) => matcher(name, value)),
          fc.tuple(text, text).map(([key, value]) => matcher('Header', key, value)),
          fc.array(text, { minLength: 1, maxLength: 2 }).map((values) => matcher('Query', ...values)),
          text.map((value) => matcher('Method', value)),
        )
      : fc.oneof(
          fc.stringMatching(/^[\w.-]+$/).map((value) => matcher('HostSNI', value)),
          text.map((value) => matcher('ALPN', value)),
        );
  return trees(leaf);
}

/** Rules that say something about hosts, each over few enough hosts that all cases can be tried. */
export function hostRules(): fc.Arbitrary<Rule> {
  return trees(fc.constantFrom('a', 'b', 'c').map((value) => matcher('Host', value)));
}

function trees(leaf: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> {
  return fc.letrec<{ rule: Rule }>((tie) => {
    const several = fc.array(tie('rule'), { minLength: 1, maxLength: 4 });
    return {
      rule: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        leaf,
        several.map(allOf),
        several.map(anyOf),
        tie('rule').map((operand): Rule => ({ type: 'not', operand })),
      ),
    };
  }).rule;
}

/** Texts near to rules: some are, most have one thing wrong, a few are noise. */
export function ruleTexts(): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: sentences(), weight: 4 },
    { arbitrary: damaged(fc.constantFrom(...CORPUS)), weight: 3 },
    { arbitrary: damaged(sentences()), weight: 2 },
    { arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join('')), weight: 2 },
    { arbitrary: regexpRules(), weight: 4 },
    { arbitrary: templateRules(), weight: 3 },
    { arbitrary: literalRules(), weight: 1 },
    { arbitrary: addressRules(), weight: 1 },
  );
}

const NAMES = [
  'Host',
  'HostHeader',
  'HostRegexp',
  'HostSNI',
  'HostSNIRegexp',
  'Path',
  'PathPrefix',
  'PathRegexp',
  'Method',
  'Header',
  'Headers',
  'HeaderRegexp',
  'HeadersRegexp',
  'Query',
  'QueryRegexp',
  'ClientIP',
  'ALPN',
  'host',
  'HOSTSNI',
  'Pathprefix',
  'Hots',
] as const;

const VALUES = [
  'a.example.com',
  'A.example.com',
  'b.example.com',
  'x.y.example.com',
  '*.example.com',
  '*',
  '/a',
  '/b',
  '/{id}',
  '/a/{id:[0-9]+}',
  'GET',
  'post',
  'a',
  'a=b',
  'a=',
  'c={x:b+}',
  'c=d',
  'X-Test',
  '^a',
  'h2',
  '1.2.3.4',
  '192.0.2.0/24',
  '2001:db8::/32',
  '{sub:[a-z]+}.example.com',
  '{sub}.example.com',
  '[a-z]+',
  '(',
  'é',
  '',
  'acme-tls/1',
  '`',
  '/a\r',
] as const;

const PIECES = [
  'Host',
  'Path',
  'HostSNI',
  'ClientIP',
  '(',
  ')',
  '(`a`)',
  '(`/a`)',
  '(`1.2.3.4`)',
  '`a`',
  '"a"',
  ',',
  '!',
  '&&',
  '||',
  ' ',
  '\n',
  '\t',
  '\r',
  '// x\n',
  '/* x */',
  '/* \n */',
  '...',
  '.',
  ';',
  "'a'",
  '1',
  '+',
  '==',
  'and',
  '\\',
  '"',
  '`',
  '{',
  '}',
  '[',
  ']',
  '\u00a0',
  'é',
] as const;

const BLANKS = ['', '', '', ' ', ' ', '\n', '\t', '\r\n', ' /* x */ ', '// x\n', '/*\n*/'] as const;

/** A whole rule, blanks at random: a line break may or may not end it. */
function sentences(): fc.Arbitrary<string> {
  const blank = fc.constantFrom(...BLANKS);
  const value = fc.constantFrom(...VALUES).map(quote);
  const call = fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.array(value, { minLength: 1, maxLength: 3 }),
      blank,
      blank,
      fc.constantFrom('', '', ',', '...'),
    )
    .map(([name, values, before, after, tail]) => `${name}(${before}${values.join(`,${before}`)}${tail}${after})`);
  return fc.letrec<{ rule: string }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      call,
      fc
        .tuple(tie('rule'), fc.constantFrom(' && ', '&&', ' || ', '||\n'), blank, tie('rule'))
        .map((parts) => parts.join('')),
      fc.tuple(fc.constant('('), blank, tie('rule'), fc.constant(')')).map((parts) => parts.join('')),
      fc.tuple(fc.constant('!'), blank, tie('rule')).map((parts) => parts.join('')),
      fc.tuple(blank, tie('rule'), blank).map((parts) => parts.join('')),
    ),
  })).rule;
}

/** One character more, less or other. */
function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...PIECES),
    fc.constantFrom(...'`"\\()!&|, \n\r{}[]*+?.^$-:=/0a\u0000\ufeffé😀'),
  );
  return fc.tuple(text, fc.nat(), fc.nat(2), piece).map(([original, place, dropped, added]) => {
    const characters = [...original];
    characters.splice(place % (characters.length + 1), dropped, added);
    return characters.join('');
  });
}

const REGEXP_PIECES = [
  'a',
  'b',
  'z',
  '.',
  '*',
  '+',
  '?',
  '|',
  '(',
  ')',
  '(?:',
  '(?i)',
  '(?P<n>',
  '(?=',
  '[',
  ']',
  '[^',
  '-',
  '{',
  '}',
  '{2}',
  '{2,}',
  '{500}',
  '{0}',
  ',',
  '1',
  '2',
  '\\',
  '\\d',
  '\\b',
  '\\Q',
  '\\E',
  '\\x',
  '\\pL',
  '\\p{Greek}',
  '\\p{',
  '^',
  '$',
  '[:alpha:]',
  '[:',
  ':]',
  ' ',
  'é',
  '😀',
  '\n',
  '0',
  '7',
  'p',
  'L',
] as const;

function regexps(): fc.Arbitrary<string> {
  const soup = fc
    .array(fc.constantFrom(...REGEXP_PIECES), { minLength: 1, maxLength: 10 })
    .map((pieces) => pieces.join(''));
  return fc.oneof(soup, fc.constantFrom(...REGEXPS), damaged(fc.constantFrom(...REGEXPS)));
}

function regexpRules(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('PathRegexp', 'HostRegexp', 'HostSNIRegexp', 'PathRegexp'), regexps())
    .map(([name, value]) => `${name}(${quote(value)})`);
}

function templateRules(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom('{', '}', ':', '/', '.', 'a', '{a}', '{b:', '{c:[0-9]{2}}', '+', '='),
    regexps(),
  );
  const template = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  return fc.oneof(
    template.map((value) => `Path(${quote(`/${value}`)})`),
    template.map((value) => `PathPrefix(${quote(`/${value}`)})`),
    template.map((value) => `HostRegexp(${quote(value)})`),
    template.map((value) => `HostSNIRegexp(${quote(value)})`),
    fc
      .array(template, { minLength: 1, maxLength: 3 })
      .map((values) => `Query(${values.map((value) => quote(`a=${value}`)).join()})`),
    fc.array(template, { minLength: 1, maxLength: 3 }).map((values) => `Query(${values.map(quote).join()})`),
  );
}

function literalRules(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    '\\',
    '"',
    '`',
    'a',
    'n',
    'x',
    'u',
    'U',
    '0',
    '4',
    '41',
    '0041',
    '\\x41',
    '\\u00e9',
    '\\xc3',
    '\\xa9',
    '\\377',
    '\\101',
    '\n',
    '\r',
    'é',
    '\t',
  );
  return fc
    .tuple(fc.constantFrom('"', '`'), fc.array(piece, { maxLength: 6 }))
    .map(([mark, pieces]) => `Path(${mark}/${pieces.join('')}${mark})`);
}

function addressRules(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    '0',
    '1',
    '25',
    '255',
    '256',
    '.',
    ':',
    '::',
    '/',
    '24',
    '32',
    '128',
    'f',
    'ffff',
    '%',
    '1.2.3.4',
    '2001:db8',
    '-',
    ' ',
  );
  const soup = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
  return fc
    .oneof(
      soup,
      fc.ipV6(),
      fc.ipV4Extended(),
      fc.tuple(fc.ipV6(), fc.nat(130)).map(([ip, bits]) => `${ip}/${bits}`),
    )
    .map((value) => `ClientIP(${quote(value)})`);
}

import fc from 'fast-check';
import type { Finding } from '../../../lib/model/problem';
import { MOST_LEVELS, type ParseOptions, parseRule } from '../../../lib/model/rule/parse';
import { printRule } from '../../../lib/model/rule/print';
import { rules, ruleTexts } from './arbitrary';

const findingsOf = (text: string, options?: ParseOptions) => parseRule(text, options).findings;
const messageOf = (text: string) => findingsOf(text).map(({ message, fix }) => `${message}. ${fix}`);

test('a rule becomes a tree in which && binds closer than ||, and ! closest', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((value) => ({ type: 'matcher', name: 'Host', values: [value] }));
  expect(parseRule('Host(`a`) || !Host("b") && HOST(`c`,)')).toEqual({
    rule: { type: 'or', operands: [a, { type: 'and', operands: [{ type: 'not', operand: b }, c] }] },
    findings: [],
  });
});

const CASES: [text: string, options: ParseOptions, finding: Finding][] = [
  [
    'Host(`a`',
    {},
    { code: 'RULE-01', value: '', message: 'column 9: the rule ends where , or ) is needed', fix: 'Write ) here' },
  ],
  [
    'Hots(`a`)',
    {},
    {
      code: 'RULE-02',
      value: 'Hots',
      message: 'column 1: Hots is no matcher of HTTP rules in v3 syntax',
      fix: 'Did you mean Host?',
    },
  ],
  [
    'Host(`a`, `b`)',
    {},
    {
      code: 'RULE-03',
      value: '`a`, `b`',
      message: 'column 1: Host takes one value, not 2',
      fix: 'Write Host(`a`) || Host(`b`)',
    },
  ],
  [
    'Path(``)',
    {},
    { code: 'RULE-04', value: '', message: 'column 6: a value of Path is empty', fix: 'Give a value, or leave it out' },
  ],
  ['Path(`a`)', {}, { code: 'RULE-05', value: 'a', message: 'column 6: a path begins with a slash', fix: 'Write /a' }],
  [
    'Host(`*.Bücher.example`)',
    {},
    {
      code: 'RULE-06',
      value: '*.Bücher.example',
      message: 'column 6: Traefik compares hosts in ASCII only',
      fix: 'Write *.xn--bcher-kva.example',
    },
  ],
  [
    `${'('.repeat(100_000)}`,
    {},
    {
      code: 'RULE-08',
      value: '',
      message: 'column 501: more than 500 parentheses and negations inside one another',
      fix: 'Leave out those that say nothing',
    },
  ],
  [
    'Host(`*.a`)',
    { syntax: 'v2' },
    {
      code: 'RULE-09',
      value: '*.a',
      message: 'column 6: in v2 syntax * is a character like any other, so that no request has this host',
      fix: 'Write HostRegexp(`{label:[^.]+}.a`), or use v3 syntax',
    },
  ],
  [
    'Path("/\\xff")',
    {},
    {
      code: 'RULE-10',
      value: '"/\\xff")',
      message: 'column 6: this value is not UTF-8',
      fix: 'Write characters, not bytes',
    },
  ],
];

test.each(CASES)('%.40s is refused (%j)', (text, options, finding) => {
  expect(findingsOf(text, options)).toEqual([finding]);
});

test.each([
  ['Host(`a`) and Path(`/`)', 'column 11: and is no operator. Write &&'],
  ['not Host(`a`)', 'column 1: not is no operator. Write !'],
  ['Host(`a`) & Path(`/`)', 'column 11: "&" means nothing in a rule. Write &&'],
  ["Host('a')", 'column 6: "\'" means nothing in a rule. Put values between backticks'],
  ['Host(“a”)', 'column 6: "“" means nothing in a rule. Put values between backticks'],
  [
    'Host(`a`)\n&& Path(`/`)',
    'line 1, column 10: this line break ends the rule. Break lines only after && or ||, an opening parenthesis or a comma',
  ],
  ['Host(`a`) &&\n Path(`/`', 'line 2, column 10: the rule ends where , or ) is needed. Write ) here'],
  ['Host(`a`) Path(`/`)', 'column 11: Path stands where the end, && or || is needed. Join matchers with && or ||'],
  ['Host(`a`) /* b', 'column 11: this comment has no end. Close it with */, or leave it out'],
  [
    'Host("a\\q")',
    'column 8: this backslash begins no escape that Go knows. Write \\\\ for a backslash, or put the value between backticks',
  ],
  ['Host(`a`)\u00a0', 'column 10: "\u00a0" means nothing in a rule. Write an ordinary space'],
  ['', 'column 1: the rule is empty. Write one, such as Host(`a.example.com`)'],
  [
    'HostSNI(`a`)',
    'column 1: HostSNI is no matcher of HTTP rules in v3 syntax. It belongs to TCP routers; here there are ClientIP, Header, HeaderRegexp, Host, HostRegexp, Method, Path, PathPrefix, PathRegexp, Query, QueryRegexp',
  ],
  ['Headers(`a`, `b`)', 'column 1: Headers is no matcher of HTTP rules in v3 syntax. Did you mean Header?'],
  [
    'ClientIP(`1.2.3`)',
    'column 10: this is neither an IP address nor a range of them in CIDR notation. Write it like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
  ],
  [
    'PathRegexp(`(?=a)`)',
    "column 12: the regular expression has a lookaround (?=…), which Go's regular expressions lack. Write it in the RE2 syntax of Go, https://github.com/google/re2/wiki/Syntax",
  ],
])('%j: %s', (text, message) => {
  expect(messageOf(text)).toEqual([message]);
});

test.each(['\0', '\ufeff', '\ud800'])('%j stands in no rule, not even in a value', (character) => {
  expect(messageOf(`Path(\`/${character}\`)`)).toEqual([
    'column 8: this character may stand nowhere in a rule. Leave it out, or write it as an escape between double quotes',
  ]);
});

test('everything that can be told is told at once', () => {
  expect(findingsOf('Hots(`a`) && Path(`b`, `c`) || Host(`é`').map(({ code, value }) => [code, value])).toEqual([
    ['RULE-02', 'Hots'],
    ['RULE-03', '`b`, `c`'],
    ['RULE-05', 'b'],
    ['RULE-05', 'c'],
    ['RULE-01', ''],
  ]);
});

test('any text has either a rule or findings, whatever it is read for', () => {
  const options = fc.record({ kind: fc.constantFrom('http', 'tcp'), syntax: fc.constantFrom('v3', 'v2') });
  fc.assert(
    fc.property(fc.oneof(ruleTexts(), fc.string({ unit: 'binary' })), options, (text, { kind, syntax }) => {
      const { rule, findings } = parseRule(text, { kind, syntax });
      expect(rule === undefined).toBe(findings.length > 0);
      for (const { code, message, fix } of findings) {
        expect(code).toMatch(/^RULE-(0[1-689]|10)$/);
        expect(message).toMatch(/^(line \d+, )?column \d+: ./);
        expect(fix).not.toBe('');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what is read and printed reads the same', () => {
  fc.assert(
    fc.property(ruleTexts(), fc.constantFrom('http', 'tcp'), fc.constantFrom('v3', 'v2'), (text, kind, syntax) => {
      const { rule } = parseRule(text, { kind, syntax });
      if (rule !== undefined) expect(parseRule(printRule(rule), { kind })).toEqual({ rule, findings: [] });
    }),
    { numRuns: 2_000 },
  );
});

test.each(['http', 'tcp'] as const)('what is built and printed reads the same (%s)', (kind) => {
  fc.assert(
    fc.property(rules(kind), (rule) => {
      expect(parseRule(printRule(rule), { kind })).toEqual({ rule, findings: [] });
    }),
    { numRuns: 1_000 },
  );
});

test('nothing long or deep is too much', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `Host(\`h${index}\`)`).join(' || ');
  expect(parseRule(many).rule).toMatchObject({ type: 'or', operands: { length: 20_000 } });
  const deep = `${'!('.repeat(MOST_LEVELS / 2)}Host(\`a\`)${')'.repeat(MOST_LEVELS / 2)}`;
  expect(parseRule(deep).findings).toEqual([]);
  for (const piece of ['!', '(', 'Host(', '!(', 'Host(`a`) && (', '/*', '`', '\\', '[', '{'])
    parseRule(piece.repeat(100_000));
  for (const piece of ['(', '[', '{', '(?:', '\\', 'a{2}', '(a|']) {
    expect(() => parseRule(`PathRegexp(\`${piece.repeat(100_000)}\`)`)).not.toThrow();
    expect(() => parseRule(`Path(\`/${piece.repeat(100_000)}\`)`, { syntax: 'v2' })).not.toThrow();
  }
});

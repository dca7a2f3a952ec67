import fc from 'fast-check';
import { hostsOf } from '../../../lib/model/rule/hosts';
import { type ParseOptions, parseRule } from '../../../lib/model/rule/parse';
import { allOf, anyOf, type Rule } from '../../../lib/model/rule/tree';
import { hostRules } from './arbitrary';

const read = (text: string, options?: ParseOptions) => {
  const { rule } = parseRule(text, options);
  if (rule === undefined) throw new Error(`no rule: ${text}`);
  return hostsOf(rule);
};

test('hosts are sorted, in lower case, each once and without trailing dot', () => {
  expect(
    read(
      'Host(`B.example.com`) || Host(`a.example.com.`) || (Host(`b.example.com`) && Path(`/`)) || Host(`*.C.example.com`)',
    ),
  ).toEqual({
    hosts: ['*.c.example.com', 'a.example.com', 'b.example.com'],
    findings: [],
  });
  expect(read('HostSNI(`a.example.com`) && !ALPN(`h2`) || HostSNI(`*`)', { kind: 'tcp' }).hosts).toEqual([
    'a.example.com',
  ]);
});

test('only the number of negations counts', () => {
  expect(read('Host(`a`) && !Host(`b`) && !(Host(`c`) || !Host(`d`))').hosts).toEqual(['a', 'd']);
});

test.each([
  [
    'HostRegexp(`^a$`)',
    '^a$',
    'the rule names its hosts by a regular expression, which cannot be listed',
    'Add the hosts with Host (HostSNI for TCP), or list them in hosts',
  ],
  [
    'Host(`::1`)',
    '::1',
    'the only host of the rule is an address, which has neither record nor public certificate',
    'Name a host',
  ],
  ['Host(`*`)', '*', 'the rule matches every host, which cannot be listed', 'Name the hosts, or list them in hosts'],
  [
    '!Host(`a`) && Path(`/`)',
    'a',
    'the rule only says which hosts it does not match',
    'Add the hosts that it does match',
  ],
  ['PathPrefix(`/`)', '', 'the rule names no host', 'Add Host(`a.example.com`), or HostSNI for TCP'],
])('%s has no host', (text, value, message, fix) => {
  expect(read(text)).toEqual({ hosts: [], findings: [{ code: 'RULE-07', value, message, fix }] });
});

test('the hosts are those that stand without ! once negation is pushed to the leaves', () => {
  fc.assert(
    fc.property(hostRules(), (rule) => {
      const pushed = pushNegation(rule, false);
      expect(new Set(hostsOf(rule).hosts)).toEqual(plainHosts(pushed));
      for (const asked of ['a', 'b', 'c', 'd']) expect(holds(pushed, asked)).toBe(holds(rule, asked));
    }),
  );
});

/** De Morgan's laws, word for word. */
function pushNegation(rule: Rule, isNegated: boolean): Rule {
  if (rule.type === 'not') return pushNegation(rule.operand, !isNegated);
  if (rule.type === 'matcher') return isNegated ? { type: 'not', operand: rule } : rule;
  const operands = rule.operands.map((operand) => pushNegation(operand, isNegated));
  return (rule.type === 'and') === isNegated ? anyOf(operands) : allOf(operands);
}

function plainHosts(rule: Rule): Set<string> {
  if (rule.type === 'not') return new Set();
  if (rule.type === 'matcher') return new Set(rule.values);
  return new Set(rule.operands.flatMap((operand) => [...plainHosts(operand)]));
}

function holds(rule: Rule, host: string): boolean {
  if (rule.type === 'not') return !holds(rule.operand, host);
  if (rule.type === 'matcher') return rule.values[0] === host;
  return rule.type === 'and'
    ? rule.operands.every((operand) => holds(operand, host))
    : rule.operands.some((operand) => holds(operand, host));
}

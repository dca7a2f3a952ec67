import { Match, ruleFindings } from '../../../lib/model/rule/build';
import { parseRule } from '../../../lib/model/rule/parse';
import { printRule } from '../../../lib/model/rule/print';
import { matcher, type Rule } from '../../../lib/model/rule/tree';

test('each part prints as Traefik writes it', () => {
  const { and, or, not } = Match;
  const parts: [Rule, string][] = [
    [Match.host('A.example.com', 'Bücher.example'), 'Host(`a.example.com`) || Host(`xn--bcher-kva.example`)'],
    [Match.hostRegexp('^a$'), 'HostRegexp(`^a$`)'],
    [Match.path('/a'), 'Path(`/a`)'],
    [Match.pathPrefix('/a', '/b'), 'PathPrefix(`/a`) || PathPrefix(`/b`)'],
    [Match.pathRegexp('\\.jpg$'), 'PathRegexp(`\\.jpg$`)'],
    [Match.method('get'), 'Method(`GET`)'],
    [Match.header('A', 'b`c'), 'Header(`A`, "b`c")'],
    [Match.headerRegexp('A', 'b'), 'HeaderRegexp(`A`, `b`)'],
    [Match.query('a'), 'Query(`a`)'],
    [Match.query('a', 'b\r\n\t\u0000"\\'), 'Query(`a`, "b\\r\\n\\t\\u0000\\"\\\\")'],
    [Match.queryRegexp('a', 'b'), 'QueryRegexp(`a`, `b`)'],
    [Match.clientIp('192.0.2.0/24'), 'ClientIP(`192.0.2.0/24`)'],
    [Match.hostSni('*'), 'HostSNI(`*`)'],
    [Match.hostSniRegexp('a'), 'HostSNIRegexp(`a`)'],
    [Match.alpn('h2'), 'ALPN(`h2`)'],
    [and(Match.host('a', 'b'), not(Match.path('/'))), '(Host(`a`) || Host(`b`)) && !Path(`/`)'],
    [or(and(Match.host('a'), Match.path('/')), not(not(Match.host('b')))), 'Host(`a`) && Path(`/`) || !!Host(`b`)'],
    [not(and(Match.host('a'), and(Match.path('/'), Match.query('b')))), '!(Host(`a`) && Path(`/`) && Query(`b`))'],
  ];
  expect(parts.map(([rule]) => printRule(rule))).toEqual(parts.map(([, text]) => text));
});

test('a built rule is checked as a read one is', () => {
  const faulty = Match.and(
    Match.path('a'),
    Match.not(Match.header('', 'b')),
    Match.hostSni('c'),
    matcher('Host', 'é', 'f'),
  );
  const read = parseRule(printRule(faulty)).findings;
  expect(ruleFindings(faulty, 'http')).toEqual(
    read.map((finding) => ({ ...finding, message: finding.message.replace(/^.*?: /, '') })),
  );
  expect(read.map(({ code }) => code)).toEqual(['RULE-05', 'RULE-04', 'RULE-02', 'RULE-03', 'RULE-06']);
  expect(ruleFindings(Match.host('a.example.com'), 'http')).toEqual([]);
  expect(ruleFindings(Match.hostSni('a.example.com'), 'tcp')).toEqual([]);
});

test('a rule that is too deep to print is refused', () => {
  const deep = Array.from({ length: 100_000 }).reduce<Rule>((rule) => Match.not(rule), Match.host('a'));
  expect(ruleFindings(deep, 'http')).toMatchObject([
    { code: 'RULE-08', message: 'more than 500 rules inside one another' },
  ]);
});

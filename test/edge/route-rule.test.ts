import { routeRule } from '../../lib/edge/route-rule';
import { Match } from '../../lib/model/rule/build';

const read = (match: Parameters<typeof routeRule>[0]) => {
  const { text, hosts, findings, hostFindings } = routeRule(match);
  expect([...findings, ...hostFindings]).toEqual([]);
  return [text, hosts];
};

test('hosts and a path', () => {
  expect(read({ host: 'a.example.com' })).toEqual(['Host(`a.example.com`)', ['a.example.com']]);
  expect(read({ host: ['B.example.com', 'a.example.com'], pathPrefix: '/x' })).toEqual([
    '(Host(`b.example.com`) || Host(`a.example.com`)) && PathPrefix(`/x`)',
    ['a.example.com', 'b.example.com'],
  ]);
});

test('typed parts', () => {
  const match = Match.and(Match.host('bücher.example'), Match.not(Match.pathPrefix('/internal')));
  expect(read({ match })).toEqual([
    'Host(`xn--bcher-kva.example`) && !PathPrefix(`/internal`)',
    ['xn--bcher-kva.example'],
  ]);
});

test('text of v3 is kept, but for what says nothing', () => {
  expect(read({ rule: '  (Host("a.example.com"))&&Path(`/`) ' })).toEqual([
    'Host(`a.example.com`) && Path(`/`)',
    ['a.example.com'],
  ]);
});

test('text of v2 is written as v3', () => {
  const rule = 'Host(`a.example.com`, `b.example.com`) && Path(`/{id:[0-9]+}`) && Headers(`X-A`, `1`)';
  expect(read({ rule, syntax: 'v2' })).toEqual([
    '(Host(`a.example.com`) || Host(`b.example.com`)) && PathRegexp(`^/(?:[0-9]+)$`) && Header(`X-A`, `1`)',
    ['a.example.com', 'b.example.com'],
  ]);
  expect(routeRule({ rule }).findings).not.toEqual([]);
});

test('what is wrong is a value', () => {
  const codes = (match: Parameters<typeof routeRule>[0]) => {
    const { findings, hostFindings } = routeRule(match);
    return [findings.map(({ code }) => code), hostFindings.map(({ code }) => code)];
  };
  expect(codes({ rule: 'Host(`a.example.com`' })).toEqual([['RULE-01'], []]);
  expect(codes({ host: [] })).toEqual([['RULE-04'], []]);
  expect(codes({ host: 'a.example.com', pathPrefix: 'x' })).toEqual([['RULE-05'], []]);
  expect(codes({ host: 'bücher.example/x' })).toEqual([['RULE-06'], []]);
  expect(codes({ match: Match.hostSni('*') })).toEqual([['RULE-02'], []]);
  expect(codes({ match: Match.pathPrefix('/') })).toEqual([[], ['RULE-07']]);
});

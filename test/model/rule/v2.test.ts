import { parseRule } from '../../../lib/model/rule/parse';
import { printRule } from '../../../lib/model/rule/print';

test.each([
  ['Host(`a`, `b`) && Path(`/x`)', '(Host(`a`) || Host(`b`)) && Path(`/x`)'],
  ['!Host(`a`, `b`)', '!(Host(`a`) || Host(`b`))'],
  ['HostHeader(`a`) || Host(`b`, `c`)', 'Host(`a`) || Host(`b`) || Host(`c`)'],
  ['HostRegexp(`{sub:[a-z]{1,3}}.example.com`)', 'HostRegexp(`(?i)^(?:[a-z]{1,3})\\.example\\.com$`)'],
  ['HostRegexp(`{sub}.example.com`)', 'HostRegexp(`(?i)^(?:[^.]+)\\.example\\.com$`)'],
  ['Path(`/a`, `/b/{id}`)', 'Path(`/a`) || PathRegexp(`^/b/(?:[^/]+)$`)'],
  ['PathPrefix(`/a.b`) && PathPrefix(`/{v:v[12]}/`)', 'PathPrefix(`/a.b`) && PathRegexp(`^/(?:v[12])/`)'],
  ['Method(`GET`, `POST`)', 'Method(`GET`) || Method(`POST`)'],
  ['Headers(`A`, `b`, `C`, `d`)', 'Header(`A`, `b`) && Header(`C`, `d`)'],
  ['!HeadersRegexp(`A`, `b`, `A`, `d`)', '!HeaderRegexp(`A`, `d`)'],
  [
    'Query(`a=b`, `c=`, `d={x:[0-9]+}`)',
    'Query(`a`, `b`) && QueryRegexp(`c`, `^.*$`) && QueryRegexp(`d`, `^(?:[0-9]+)$`)',
  ],
  ['Query(`a`, `b`)', 'Query(`a`, `b`)'],
  ['ClientIP(`1.2.3.4`, `::1`)', 'ClientIP(`1.2.3.4`) || ClientIP(`::1`)'],
])('%s is %s', (v2, v3) => {
  const { rule } = parseRule(v2, { syntax: 'v2' });
  expect(rule && printRule(rule)).toBe(v3);
});

test.each([
  ['HostSNI(`a`, `*`)', 'HostSNI(`a`) || HostSNIRegexp(`.`)'],
  ['HostSNI(`*`, `a`)', 'HostSNI(`*`)'],
  [
    'HostSNIRegexp(`{sub}.a`) && ALPN(`h2`, `h3`)',
    'HostSNIRegexp(`(?i)^(?:[^.]+)\\.a$`) && (ALPN(`h2`) || ALPN(`h3`))',
  ],
])('%s is %s for TCP', (v2, v3) => {
  const { rule } = parseRule(v2, { kind: 'tcp', syntax: 'v2' });
  expect(rule && printRule(rule)).toBe(v3);
});

test.each([
  ['Headers(`A`)', 'column 1: Headers takes values in pairs, not 1'],
  ['Query(`a`)', 'column 1: Query takes pairs in v2 syntax, and one of these has no ='],
  ['Query(`=b`)', 'column 1: v3 syntax has no query parameter whose name is empty or holds braces'],
  ['Query(`a={x}`, `b={x}`)', 'column 1: the variable x is used twice'],
  ['Path(`/{a`)', 'column 6: the template has braces that do not pair up'],
  ['Path(`/{a:}`)', 'column 6: the template has a variable without name or without pattern'],
  ['Path(`/{a:?}`)', 'column 6: the template has a pattern that has nothing to repeat before ?'],
  ['HostRegexp(`{a:b)|(c}`)', 'column 12: the template has a pattern that closes a group that is not open'],
  ['PathRegexp(`a`)', 'column 1: PathRegexp is no matcher of HTTP rules in v2 syntax'],
])('%s is refused: %s', (text, message) => {
  expect(parseRule(text, { syntax: 'v2' }).findings).toMatchObject([{ message }]);
});

import type { Finding } from '../problem';
import type { V2MatcherName } from './matchers';
import { isTemplate, templateFault, templatePattern, templateVariables } from './template';
import { allOf, anyOf, matcher, type Rule } from './tree';

/**
 * What a v2 matcher means in v3 syntax; its values are checked already. A finding where it means nothing (RULE-03,
 * RULE-05) or nothing that v3 syntax can say (RULE-09).
 *
 * One thing is lost: of a query parameter that is repeated, v2 looks at the first value only, v3 at each.
 */
export function fromV2(name: V2MatcherName, values: readonly string[]): Rule | Finding {
  return READERS[name](values);
}

type Reader = (values: readonly string[]) => Rule | Finding;

const READERS: Readonly<Record<V2MatcherName, Reader>> = {
  ALPN: anyValue((value) => matcher('ALPN', value)),
  ClientIP: anyValue((value) => matcher('ClientIP', value)),
  Headers: allPairs((key, value) => matcher('Header', key, value)),
  HeadersRegexp: allPairs((key, value) => matcher('HeaderRegexp', key, value)),
  Host: anyValue((value) => matcher('Host', value)),
  HostHeader: anyValue((value) => matcher('Host', value)),
  HostRegexp: anyValue((value) => matcher('HostRegexp', hostPattern(value))),
  HostSNI: readServerNames,
  HostSNIRegexp: anyValue((value) => matcher('HostSNIRegexp', hostPattern(value))),
  Method: anyValue((value) => matcher('Method', value)),
  Path: anyValue((value) =>
    isTemplate(value) ? matcher('PathRegexp', `^${templatePattern(value, '[^/]+')}$`) : matcher('Path', value),
  ),
  PathPrefix: anyValue((value) =>
    isTemplate(value) ? matcher('PathRegexp', `^${templatePattern(value, '[^/]+')}`) : matcher('PathPrefix', value),
  ),
  Query: readQuery,
};

function anyValue(read: (value: string) => Rule): Reader {
  return (values) => anyOf(values.map(read));
}

/** Keys and values in turn, all of which must hold; of a key that is given twice, the last value counts. */
function allPairs(read: (key: string, value: string) => Rule): Reader {
  return (values) => allOf([...new Map(inPairs(values))].map(([key, value]) => read(key, value)));
}

/** v2 matches a host pattern whole and in any case. */
function hostPattern(template: string): string {
  return `(?i)^${templatePattern(template, '[^.]+')}$`;
}

/** In first place, `*` also matches connections without a server name; further back, only those with one. */
function readServerNames(values: readonly string[]): Rule {
  if (values[0] === '*') return matcher('HostSNI', '*');
  return anyOf(values.map((value) => (value === '*' ? matcher('HostSNIRegexp', '.') : matcher('HostSNI', value))));
}

/** `key=value`, or a key and a value as values of their own; all must hold. */
function readQuery(values: readonly string[]): Rule | Finding {
  const parts = values.flatMap((value) => {
    const equals = value.indexOf('=');
    return equals < 0 ? [value] : [value.slice(0, equals), value.slice(equals + 1)];
  });
  if (parts.length % 2 !== 0) {
    const message = 'Query takes pairs in v2 syntax, and one of these has no =';
    return { code: 'RULE-03', value: values.join(', '), message, fix: `Write Query(\`${parts[0]}=value\`)` };
  }
  const rules: Rule[] = [];
  const variables = new Set<string>();
  for (const [key, template] of inPairs(parts)) {
    const finding = queryFinding(key, template, variables);
    if (finding !== undefined) return finding;
    for (const name of templateVariables(template)) variables.add(name);
    if (template !== '' && !isTemplate(template)) rules.push(matcher('Query', key, template));
    else rules.push(matcher('QueryRegexp', key, `^${template === '' ? '.*' : templatePattern(template, '.*')}$`));
  }
  return allOf(rules);
}

function queryFinding(key: string, template: string, variables: ReadonlySet<string>): Finding | undefined {
  const value = `${key}=${template}`;
  if (key === '' || /[{}]/.test(key)) {
    const message = 'v3 syntax has no query parameter whose name is empty or holds braces';
    return { code: 'RULE-09', value, message, fix: 'Name one query parameter before the =' };
  }
  const fault = templateFault(template, 'strict');
  if (fault !== undefined) {
    const fix = 'Write each variable part as {name} or {name:regexp}, and the regexp in the RE2 syntax of Go';
    return { code: 'RULE-05', value, message: `the template ${fault}`, fix };
  }
  const twice = templateVariables(template).find((name) => variables.has(name));
  if (twice === undefined) return undefined;
  const message = `the variable ${twice} is used twice`;
  return { code: 'RULE-05', value, message, fix: 'Give each variable a name of its own' };
}

function inPairs(values: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < values.length; at += 2) pairs.push([values[at] ?? '', values[at + 1] ?? '']);
  return pairs;
}

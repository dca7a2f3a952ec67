import fc from 'fast-check';
import type { Finding } from '../../../lib/model/problem';
import type { RouterKind, RuleSyntax } from '../../../lib/model/rule/matchers';
import { parseRule } from '../../../lib/model/rule/parse';
import { printRule } from '../../../lib/model/rule/print';
import {
  askMatches,
  askRules,
  type MatchQuestion,
  ORACLE_TIMEOUT,
  type OracleAnswer,
  type RuleQuestion,
} from '../../support/oracle';
import { rules, ruleTexts } from './arbitrary';
import { CORPUS, REGEXPS } from './corpus';
import { CONNECTIONS, REQUESTS } from './samples';

/** Changed by hand to look at other texts; `RULE_SEED` and `RULE_RUNS` do the same for one run. */
const SEED = Number(process.env.RULE_SEED ?? 20_261_122);
const RUNS = Number(process.env.RULE_RUNS ?? 4_000);

const ROUTERS: readonly { kind: RouterKind; syntax: RuleSyntax }[] = [
  { kind: 'http', syntax: 'v3' },
  { kind: 'http', syntax: 'v2' },
  { kind: 'tcp', syntax: 'v3' },
  { kind: 'tcp', syntax: 'v2' },
];

/** Where this library and Traefik part, on purpose. Everything else is a fault of the library. */
const EXCEPTIONS: readonly { why: string; holds: (asked: Asked) => boolean }[] = [
  {
    why: 'a v2 matcher that v3 syntax cannot express',
    holds: ({ syntax, findings, answer }) => syntax === 'v2' && answer.ok && isAll(findings, ['RULE-09']),
  },
  {
    why: 'a value that is not UTF-8',
    holds: ({ findings, answer }) => answer.ok && isAll(findings, ['RULE-09', 'RULE-10']),
  },
  {
    why: 'v2 takes server names beyond ASCII in HostSNIRegexp, though TLS carries none',
    holds: ({ kind, syntax, findings, answer }) =>
      kind === 'tcp' && syntax === 'v2' && answer.ok && isAll(findings, ['RULE-06', 'RULE-09']),
  },
  {
    why: 'which names of three letters and more Go knows in \\p{…} cannot be told',
    holds: ({ findings, answer }) =>
      findings.length === 0 && /invalid character class range: `\\[pP]\{/.test(answer.error ?? ''),
  },
];

interface Asked extends RuleQuestion {
  readonly findings: readonly Finding[];
  readonly answer: OracleAnswer;
}

function isAll(findings: readonly Finding[], codes: readonly string[]): boolean {
  return findings.length > 0 && findings.every(({ code }) => codes.includes(code));
}

/** The rules of `texts` on which we and Traefik differ without one of the exceptions. */
function differences(texts: readonly string[]): object[] {
  const questions = ROUTERS.flatMap((router) => texts.map((rule) => ({ ...router, rule })));
  const answers = askRules(questions);
  return questions.flatMap((question, index) => {
    const { findings } = parseRule(question.rule, question);
    const answer = answers[index] ?? { ok: false };
    if (answer.ok === (findings.length === 0)) return [];
    return EXCEPTIONS.some(({ holds }) => holds({ ...question, findings, answer }))
      ? []
      : [{ ...question, findings, error: answer.error }];
  });
}

const quoted = (regexp: string) => JSON.stringify(regexp).replaceAll('/', '\\x2f');
const regexpRules = REGEXPS.flatMap((regexp) => [
  `PathRegexp(${quoted(regexp)})`,
  `HostSNIRegexp(${quoted(regexp)})`,
  `Path(${quoted(`/{a:${regexp}}`)})`,
  `HostRegexp(${quoted(`b{a:${regexp}}c`)})`,
  `HostSNIRegexp(${quoted(`b{a:${regexp}}c`)})`,
  `HeadersRegexp(\`a\`, ${quoted(regexp)})`,
  `Query(${quoted(`a=${regexp}`)})`,
]);

test(
  'the corpus is taken and refused as Traefik does',
  () => {
    expect(differences(CORPUS)).toEqual([]);
  },
  ORACLE_TIMEOUT,
);

test(
  'regular expressions are taken and refused as Go does',
  () => {
    expect(differences(regexpRules)).toEqual([]);
  },
  ORACLE_TIMEOUT,
);

test(
  `${RUNS} generated texts are taken and refused as Traefik does (seed ${SEED})`,
  () => {
    const texts = fc.sample(ruleTexts(), { numRuns: RUNS, seed: SEED });
    const accepted = texts.filter((text) => ROUTERS.some((router) => parseRule(text, router).rule !== undefined));
    expect(accepted.length).toBeGreaterThan(RUNS / 20);
    expect(differences(texts)).toEqual([]);
  },
  ORACLE_TIMEOUT,
);

test(
  `what is built and printed is taken by Traefik (seed ${SEED})`,
  () => {
    const questions = (['http', 'tcp'] as const).flatMap((kind) =>
      fc
        .sample(rules(kind), { numRuns: 500, seed: SEED })
        .map((rule) => ({ kind, syntax: 'v3' as const, rule: printRule(rule) })),
    );
    const answers = askRules(questions);
    expect(questions.filter((_, index) => answers[index]?.ok !== true)).toEqual([]);
  },
  ORACLE_TIMEOUT,
);

test(
  `a rule matches what its printed v3 form matches (seed ${SEED})`,
  () => {
    const texts = [...CORPUS, ...regexpRules, ...fc.sample(ruleTexts(), { numRuns: RUNS, seed: SEED + 1 })];
    const pairs = ROUTERS.flatMap(({ kind, syntax }) =>
      texts.flatMap((text) => {
        const { rule } = parseRule(text, { kind, syntax });
        const samples = kind === 'http' ? { kind, requests: REQUESTS } : { kind, connections: CONNECTIONS };
        return rule === undefined
          ? []
          : [
              {
                given: { ...samples, syntax, rule: text } as MatchQuestion,
                printed: { ...samples, syntax: 'v3', rule: printRule(rule) } as MatchQuestion,
              },
            ];
      }),
    );
    const given = askMatches(pairs.map((pair) => pair.given));
    const printed = askMatches(pairs.map((pair) => pair.printed));
    const different = pairs.flatMap((pair, index) =>
      JSON.stringify(given[index]) === JSON.stringify(printed[index])
        ? []
        : [{ syntax: pair.given.syntax, given: pair.given.rule, printed: pair.printed.rule }],
    );
    expect(different).toEqual([]);
    expect(given.filter((matches) => matches.includes(true) && matches.includes(false)).length).toBeGreaterThan(100);
  },
  ORACLE_TIMEOUT,
);

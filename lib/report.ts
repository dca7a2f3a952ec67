import type { IConstruct } from 'constructs';
import { perApp } from './cluster';
import { type Finding, locate, type Problem, TraefikHaError } from './model/problem';

/** What an app has been found wrong with so far, and what can be looked at only when it is complete. */
interface Findings {
  readonly reported: Problem[];
  readonly checks: (() => readonly Problem[])[];
}

const findingsOf = perApp((app): Findings => {
  const findings: Findings = { reported: [], checks: [] };
  app.node.addValidation({
    validate: () => {
      const problems = [...findings.reported, ...findings.checks.flatMap((rule) => rule())];
      if (problems.length > 0) throw new TraefikHaError(problems);
      return [];
    },
  });
  return findings;
});

/**
 * Notes `findings` of `construct`. They are thrown together, as one {@link TraefikHaError}, when the app is synthesized;
 * until then the constructor goes on, so that one run shows everything that is wrong.
 */
export function report(construct: IConstruct, findings: readonly Finding[]): void {
  reportAll(construct, locate(findings, construct.node.path));
}

/** Notes `problems` that know their place already, as {@link report} does. */
export function reportAll(construct: IConstruct, problems: readonly Problem[]): void {
  if (problems.length > 0) findingsOf(construct).reported.push(...problems);
}

/** Adds a rule that needs the whole app; it runs at each synthesis and must answer the same each time. */
export function check(construct: IConstruct, rule: () => readonly Problem[]): void {
  findingsOf(construct).checks.push(rule);
}

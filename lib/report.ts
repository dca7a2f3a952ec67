import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Cluster, perApp } from './cluster';
import { type Finding, locate, type Problem, TraefikHaError } from './model/problem';

/** Gives the objects of a cluster; each is read once for all who ask at that time. */
export type ObjectReader = (cluster: IConstruct) => readonly ApiObject[];

/** What an app has been found wrong with so far, and what can be looked at only when it is complete. */
interface Findings {
  readonly reported: Problem[];
  readonly steps: ((objectsOf: ObjectReader) => void)[];
  readonly rules: ((objectsOf: ObjectReader) => readonly Problem[])[];
}

const findingsOf = perApp((app): Findings => {
  const findings: Findings = { reported: [], steps: [], rules: [] };
  app.node.addValidation({
    validate: () => {
      const objectsOf = objectReader();
      for (const step of findings.steps) step(objectsOf);
      const problems = [...findings.reported, ...findings.rules.flatMap((rule) => rule(objectsOf))];
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
  if (findings.length > 0) reportAll(construct, locate(findings, construct.node.path));
}

/** Notes `problems` that know their place already, as {@link report} does. */
export function reportAll(construct: IConstruct, problems: readonly Problem[]): void {
  if (problems.length > 0) findingsOf(construct).reported.push(...problems);
}

/**
 * Adds what can be done only when the app is complete, such as leaving out an object that another one stands for.
 * It runs at each synthesis before the rules, and must come to the same each time.
 */
export function settle(construct: IConstruct, step: (objectsOf: ObjectReader) => void): void {
  findingsOf(construct).steps.push(step);
}

/** Adds a rule about the whole app; it runs at each synthesis and must answer the same each time. */
export function check(construct: IConstruct, rule: (objectsOf: ObjectReader) => readonly Problem[]): void {
  findingsOf(construct).rules.push(rule);
}

function objectReader(): ObjectReader {
  const read = new Map<IConstruct, readonly ApiObject[]>();
  return (cluster) => {
    const objects = read.get(cluster) ?? objectsIn(cluster);
    read.set(cluster, objects);
    return objects;
  };
}

/** The objects of `cluster`, without those of clusters below it where it is an app that has some. */
function objectsIn(cluster: IConstruct): ApiObject[] {
  const objects = cluster.node.findAll().filter((construct) => construct instanceof ApiObject);
  return objects.filter((object) => Cluster.of(object) === cluster);
}

import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Cluster, perApp } from './cluster';
import { type Finding, locate, type Problem, TraefikHaError } from './model/problem';
import { hasToken } from './model/token';
import { tokenProblems } from './tokens-in-files';

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
  // cdk8s validates an app once for itself and once for each chart: it is looked at again only if it has changed.
  let looked: {
    readonly tree: readonly IConstruct[];
    readonly reported: number;
    readonly problems: readonly Problem[];
  };
  const hasChanged = () => {
    const tree = app.node.findAll();
    const { reported } = findings;
    return (
      looked?.reported !== reported.length ||
      looked.tree.length !== tree.length ||
      tree.some((construct, index) => construct !== looked.tree[index])
    );
  };
  app.node.addValidation({
    validate: () => {
      if (hasChanged()) {
        const problems = [...look(findings), ...tokenProblems(app)];
        looked = { tree: app.node.findAll(), reported: findings.reported.length, problems };
      }
      if (looked.problems.length > 0) throw new TraefikHaError(looked.problems);
      return [];
    },
  });
  return findings;
});

function look({ reported, steps, rules }: Findings): Problem[] {
  const objectsOf = objectReader();
  for (const step of steps) step(objectsOf);
  return [...reported, ...rules.flatMap((rule) => rule(objectsOf))];
}

/**
 * Notes `findings` of `construct`. They are thrown together, as one {@link TraefikHaError}, when the app is synthesized;
 * until then the constructor goes on, so that one run shows everything that is wrong.
 */
export function report(construct: IConstruct, findings: readonly Finding[]): void {
  if (findings.length > 0) reportAll(construct, locate(findings, construct.node.path));
}

/** Notes `problems` that know their place already, as {@link report} does. */
export function reportAll(construct: IConstruct, problems: readonly Problem[]): void {
  // What will be known only when the program is applied cannot be wrong yet.
  const known = problems.filter(({ code, value }) => !OF_FORM.has(code) || !hasToken(value));
  if (known.length > 0) findingsOf(construct).reported.push(...known);
}

/**
 * What judges nothing but the form of a text, so that it cannot be said of one that is not known yet. Constructs go on
 * with the text itself there; where they would go on with something else, a token is refused like any other text.
 */
const OF_FORM: ReadonlySet<string> = new Set([
  ...[
    'AWS-06',
    'AWS-07',
    'AWS-08',
    'DNS-02',
    'DNS-03',
    'DNS-04',
    'DNS-07',
    'DNS-09',
    'HOST-03',
    'IMAGE-01',
    'ISSUER-08',
    'LB-01',
    'LB-02',
  ],
  ...['NAME-04', 'NAME-05', 'NAME-06', 'ZONE-02', 'ZONE-03'],
]);

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

/** The objects below `scope`, in the order of the tree, without those of clusters below it. */
function objectsIn(scope: IConstruct, objects: ApiObject[] = []): ApiObject[] {
  for (const child of scope.node.children) {
    if (child instanceof ApiObject) objects.push(child);
    else if (!Cluster.isCluster(child)) objectsIn(child, objects);
  }
  return objects;
}

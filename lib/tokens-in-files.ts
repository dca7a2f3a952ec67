import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Problem } from './model/problem';
import { areTokensIssued, hasToken } from './model/token';

/** Marks apps that Pulumi applies: nothing of them is written to files. For all copies of the library in a program. */
const APPLIED = Symbol.for('traefik-ha.applied');

/** Says that `app` is applied by Pulumi, which knows what its tokens stand for. */
export function markApplied(app: IConstruct): void {
  Object.defineProperty(app, APPLIED, { value: true, configurable: true });
}

/** PULUMI-08 for each object of `app` that an Output stands in, where it would be written to a file. */
export function tokenProblems(app: IConstruct): Problem[] {
  if (!areTokensIssued() || APPLIED in app) return [];
  return app.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
    .filter((object) => hasToken(JSON.stringify(object.toJson())))
    .map(({ node }) => ({
      code: 'PULUMI-08',
      at: node.path,
      value: '',
      message: 'an Output would be written to a file, and is known only to Pulumi',
      fix: 'Apply the app with SynthesizedApp of traefik-ha/pulumi',
    }));
}

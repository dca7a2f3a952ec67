import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Problem } from './model/problem';
import type { Reveal } from './model/token';

/** What is judged when its texts are known, as late as a program is applied, by the rules that hold for plain ones. */
export interface LateRule {
  /** The texts that it depends on, of which some may hold tokens; asked when the app is complete. */
  readonly texts: () => readonly string[];
  /** What is wrong then. */
  readonly problems: (reveal: Reveal) => readonly Problem[];
}

/** A rule about one object, which is not applied where it is broken. */
export interface LateObject extends LateRule {
  /** The field of its `spec` that is written anew where it holds tokens, since its form depends on their values. */
  readonly field?: { readonly name: string; readonly write: (written: unknown, reveal: Reveal) => unknown };
}

/** Known to all copies of the library in a program. */
const OBJECT = Symbol.for('traefik-ha.late-object');
const RULES = Symbol.for('traefik-ha.late-rules');

/** Has `object` judged late. */
export function decideLate(object: ApiObject, late: LateObject): void {
  Object.defineProperty(object, OBJECT, { value: late });
}

/** What of `object` is decided late. */
export function lateOf(object: ApiObject): LateObject | undefined {
  return (object as { readonly [OBJECT]?: LateObject })[OBJECT];
}

/** Adds a rule about the whole app. */
export function checkLate(construct: IConstruct, rule: LateRule): void {
  const { root } = construct.node;
  const rules = lateRulesOf(root);
  if (rules.length === 0) Object.defineProperty(root, RULES, { value: rules });
  rules.push(rule);
}

/** The late rules of `app` as a whole. */
export function lateRulesOf(app: IConstruct): LateRule[] {
  return (app as { readonly [RULES]?: LateRule[] })[RULES] ?? [];
}

import * as pulumi from '@pulumi/pulumi';
// Of the main entry, whose constructs throw it.
import { type Problem, TraefikHaError } from '../index';
import { splitTokens } from '../model/token';

/** One problem of a program, thrown as constructs throw theirs. */
export function refusal(problem: Omit<Problem, 'value'> & Partial<Problem>): TraefikHaError {
  return new TraefikHaError([{ value: '', ...problem }]);
}

/**
 * `late` where `problems` finds nothing wrong with it when it is known. Of what is secret nothing is said but the code,
 * since messages repeat values.
 */
export function judged<T>(late: pulumi.Output<T>, problems: (known: T) => readonly Problem[]): pulumi.Output<T> {
  return pulumi.all([late, pulumi.isSecret(late)]).apply(([known, isSecret]) => {
    const found = problems(known as T);
    refuse(isSecret ? found.map(unsaid) : found);
    return known as T;
  });
}

function unsaid({ code, at }: Problem): Problem {
  return {
    ...{ code, at, value: '' },
    message: 'what a secret Output stands for is refused, and not shown',
    fix: `See ${code} in docs/problems.md`,
  };
}

/** Throws `problems`, if there are any, as {@link throwPlainly} does. */
export function refuse(problems: readonly Problem[]): void {
  throwPlainly(() => {
    if (problems.length > 0) throw new TraefikHaError(problems);
  });
}

/** Does what `act` does; what a user has to mend is thrown as Pulumi prints it: a line for each problem, without a stack. */
export function throwPlainly<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof TraefikHaError)) throw error;
    const told = new TraefikHaError(uniqueProblems(error.problems.map(asRawOutput)));
    throw runError(withoutTokens(told.message));
  }
}

/** What a template literal, or JSON, makes of an Output, also as a part of a path. */
export const RAW_OUTPUT = /calling.?\[?to(?:string|json)/i;

/** A text that such a template made is wrong for another reason than the rule that found it knows. */
function asRawOutput(problem: Problem): Problem {
  if (!RAW_OUTPUT.test(`${problem.at} ${problem.value}`)) return problem;
  return rawOutput(RAW_OUTPUT.test(problem.at) ? (problem.at.split('/').at(-1) ?? '') : problem.at);
}

/** PULUMI-05, of the construct or component `at`. */
export function rawOutput(at: string): Problem {
  return {
    ...{ code: 'PULUMI-05', at, value: '' },
    message: 'an Output stands where texts are taken',
    fix: 'Write text(output), also within a longer text',
  };
}

/** Several rules can look at one text. */
function uniqueProblems(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** Of each message one, by which Pulumi knows what it has printed already: a text can be wrong wherever it is used. */
const thrown = new Map<string, pulumi.RunError>();

function runError(message: string): pulumi.RunError {
  const error = thrown.get(message) ?? new pulumi.RunError(message);
  thrown.set(message, error);
  Object.defineProperties(error, {
    // Pulumi would put the names of the properties before it that the value is used in.
    message: { get: () => message, set: () => {}, configurable: true },
    // It prints the stack of what is thrown once the program has ended.
    stack: { value: message, configurable: true, writable: true },
  });
  return error;
}

/** What was given as an Output has no text yet that could be shown. */
function withoutTokens(message: string): string {
  return splitTokens(message)
    .map((part, index) => (index % 2 === 1 ? '<Output>' : part))
    .join('');
}

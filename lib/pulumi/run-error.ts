import { RunError } from '@pulumi/pulumi';
// Of the main entry, whose constructs throw it.
import { type Problem, TraefikHaError } from '../index';
import { type Finding, locate } from '../model/problem';
import { splitTokens } from '../model/token';

/** One problem of a program, thrown as constructs throw theirs. */
export function refusal(problem: Omit<Problem, 'value'>): TraefikHaError {
  return new TraefikHaError([{ value: '', ...problem }]);
}

/** `value`, which was an Output until now, where nothing is found wrong with it; throws as {@link throwPlainly} does. */
export function accepted<T>(value: T, findings: readonly Finding[], at: string): T {
  return throwPlainly(() => {
    if (findings.length > 0) throw new TraefikHaError(locate(findings, at));
    return value;
  });
}

/** Does what `act` does; what a user has to mend is thrown as Pulumi prints it: a line for each problem, without a stack. */
export function throwPlainly<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof TraefikHaError)) throw error;
    const plain = new RunError(withoutTokens(error.message));
    // Pulumi prints the stack of what is thrown once the program has ended.
    plain.stack = plain.message;
    throw plain;
  }
}

/** What was given as an Output has no text yet that could be shown. */
function withoutTokens(message: string): string {
  return splitTokens(message)
    .map((part, index) => (index % 2 === 1 ? '<Output>' : part))
    .join('');
}

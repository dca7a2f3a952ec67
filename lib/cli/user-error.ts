import { type Problem, printProblem } from '../model/problem';

/** What a user can mend: shown as lines, without a stack, and the process ends with 2. */
export class UserError extends Error {
  public constructor(public readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'UserError';
  }

  public static of(problems: readonly Problem[]): UserError {
    return new UserError(problems.map(printProblem));
  }
}

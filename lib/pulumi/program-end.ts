import * as pulumi from '@pulumi/pulumi';
import { TraefikHaError } from '../index';
import type { Problem } from '../model/problem';
import { refuse } from './run-error';

const checks: (() => readonly Problem[])[] = [];

/**
 * Has `check` asked when the program has ended well and all that it declared is there: what is wrong then fails it. It is
 * not asked of a program that something is wrong with already, since that may be why.
 */
export function whenEnded(check: () => readonly Problem[]): void {
  if (checks.length === 0) {
    process.once('beforeExit', () => {
      if (!pulumi.log.hasErrors()) refuse(checks.flatMap(problemsOf));
    });
  }
  checks.push(check);
}

/** What is wrong by `check`, which may throw it. */
function problemsOf(check: () => readonly Problem[]): readonly Problem[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof TraefikHaError) return error.problems;
    throw error;
  }
}

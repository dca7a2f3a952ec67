import type { IConstruct } from 'constructs';
import { type Problem, TraefikHaError } from './model/problem';

/**
 * Throws PROPS-01 for each of `names` that `props` lacks. Types say so already, but not to programs in JavaScript, nor
 * to TypeScript that is run without being checked; and without them a constructor cannot go on.
 */
export function requireProps<T extends object>(construct: IConstruct, props: T, ...names: (keyof T & string)[]): void {
  const problems = names
    .filter((name) => props?.[name] === undefined || props[name] === null)
    .map(
      (name): Problem => ({
        code: 'PROPS-01',
        at: construct.node.path,
        value: '',
        message: `${construct.constructor.name} needs ${name}, and it is not given`,
        fix: 'Give it; `npx tsc --noEmit` finds such mistakes before the program runs',
      }),
    );
  if (problems.length > 0) throw new TraefikHaError(problems);
}

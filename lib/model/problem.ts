/** One thing that is wrong, said so that its reader can mend it. */
export interface Problem {
  /** Stable identifier, listed with cause and remedy in `docs/problems.md`; for example `DNS-02`. */
  readonly code: string;
  /** Where: the construct's path, or file and line. */
  readonly at: string;
  /** The value that is refused, as it was given; empty where the fault is that nothing was given. */
  readonly value: string;
  /** Why it is refused. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** A problem whose place is added by whoever knows it: pure rules know the value, constructs and files know the place. */
export type Finding = Omit<Problem, 'at'>;

/** `findings`, all found at one place. */
export function locate(findings: readonly Finding[], at: string): Problem[] {
  return findings.map((finding) => ({ ...finding, at }));
}

/**
 * Everything that is wrong with an app, in one throw; each problem is one line of the message.
 *
 * What is to be mended stands in the user's program, and every line says where. So there is no stack trace, but for the
 * one line that Node wants to see before it prints an uncaught error plainly.
 */
export class TraefikHaError extends Error {
  /** The problems, in the order in which constructs were declared, then those of the app as a whole. */
  declare public readonly problems: readonly Problem[];

  public constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'));
    // Hidden, since Node would print them once more below the message.
    Object.defineProperties(this, {
      name: { value: 'TraefikHaError', enumerable: false },
      problems: { value: problems, enumerable: false },
    });
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    this.stack = `${this.name}: ${count}\n\n${this.message}\n\n    at app.synth()`;
  }
}

/** `problem` in one line, whatever its texts hold. */
export function printProblem({ code, at, value, message, fix }: Problem): string {
  const shown = value === '' ? '' : ` (${printValue(value)})`;
  return escapeControls(`${code} [${at}] ${message}${shown}. ${fix}`);
}

/** Values are free text: they are escaped as in a string, but for quotes and backslashes, and long ones are cut. */
function printValue(value: string): string {
  const text = value.length > 120 ? `${value.slice(0, 117)}...` : value;
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\(["\\])|\\./g, (escaped, plain?: string) => plain ?? escaped);
}

/** Messages and fixes may repeat values, and not all control characters are escaped in strings. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

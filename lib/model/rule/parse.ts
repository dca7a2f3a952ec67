import type { Finding } from '../problem';
import { checkValues } from './check';
import { findMatcher, findV2Matcher, type RouterKind, type RuleSyntax } from './matchers';
import { Scanner } from './scan';
import { unknownMatcherFinding } from './suggest';
import { allOf, anyOf, matcher, type Rule } from './tree';
import { fromV2 } from './v2';

/** The rule that a text says, or everything that was found wrong with it. */
export type ParsedRule =
  | { readonly rule: Rule; readonly findings: readonly [] }
  | { readonly rule: undefined; readonly findings: readonly Finding[] };

/** What a rule is read for. */
export interface ParseOptions {
  /** @default 'http' */
  readonly kind?: RouterKind;
  /** @default 'v3' - as in Traefik, where neither the router nor the static configuration says otherwise */
  readonly syntax?: RuleSyntax;
}

/** How deep parentheses and negations may stand inside one another; Go stops at 100,000. */
export const MOST_LEVELS = 500;

/**
 * Reads a router's rule, and refuses what Traefik refuses. A v2 rule becomes the v3 rule that means the same.
 *
 * The findings are RULE-01 for the syntax, RULE-02 for an unknown matcher, RULE-03 for the number of its values,
 * RULE-04 for an empty one, RULE-05 for one that the matcher refuses, RULE-06 for a host that is not ASCII. Traefik
 * takes, but this does not: RULE-08, nested deeper than {@link MOST_LEVELS}; RULE-09, a v2 matcher that v3 syntax
 * cannot express; RULE-10, a value that is not UTF-8. The other way round it takes what only Go's bounds refuse (more
 * than 100,000 operators in a row, a comment that is a wrong `//line` directive) and what `regexp.ts` names.
 *
 * @example parseRule('Host(`a.example.com`) && PathPrefix(`/x`)').rule
 */
export function parseRule(text: string, { kind = 'http', syntax = 'v3' }: ParseOptions = {}): ParsedRule {
  return new RuleParser(text, kind, syntax).parse();
}

/** A recursive descent: each method reads its part of the text and gives nothing once the syntax failed. */
class RuleParser {
  private readonly findings: Finding[] = [];
  private readonly scanner: Scanner;
  private level = 0;

  public constructor(
    private readonly text: string,
    private readonly kind: RouterKind,
    private readonly syntax: RuleSyntax,
  ) {
    this.scanner = new Scanner(text);
  }

  public parse(): ParsedRule {
    const rule = this.isText() ? this.readWhole() : undefined;
    return rule !== undefined && this.findings.length === 0
      ? { rule, findings: [] }
      : { rule: undefined, findings: this.findings };
  }

  private isText(): boolean {
    const at = this.text.search(NO_TEXT);
    if (at < 0) return true;
    const fix = 'Leave it out, or write it as an escape between double quotes';
    this.report(at, { code: 'RULE-01', value: '', message: 'this character may stand nowhere in a rule', fix });
    return false;
  }

  private readWhole(): Rule | undefined {
    const rule = this.readAny();
    if (rule === undefined) return undefined;
    const { at, type } = this.scanner;
    if (type === 'newline') this.scanner.next();
    if (this.scannerIsAt('end')) return rule;
    return type === 'newline' ? this.failLine(at) : this.fail('the end, && or ||', 'Join matchers with && or ||');
  }

  private readAny(): Rule | undefined {
    const first = this.readAll();
    if (first === undefined || this.scanner.type !== '||') return first;
    const operands = [first];
    while (this.scanner.type === '||') {
      this.scanner.next();
      const next = this.readAll();
      if (next === undefined) return undefined;
      operands.push(next);
    }
    return anyOf(operands);
  }

  private readAll(): Rule | undefined {
    const first = this.readOne();
    if (first === undefined || this.scanner.type !== '&&') return first;
    const operands = [first];
    while (this.scanner.type === '&&') {
      this.scanner.next();
      const next = this.readOne();
      if (next === undefined) return undefined;
      operands.push(next);
    }
    return allOf(operands);
  }

  private readOne(): Rule | undefined {
    const { scanner } = this;
    if (scanner.type === 'name') return this.readMatcher();
    if (scanner.type !== '!' && scanner.type !== '(') {
      return this.fail('a matcher', 'Write one, such as Host(`a.example.com`)');
    }
    if (this.level === MOST_LEVELS) return this.failDepth();
    this.level += 1;
    const rule = scanner.type === '!' ? this.readNegated() : this.readParenthesized();
    this.level -= 1;
    return rule;
  }

  private readNegated(): Rule | undefined {
    this.scanner.next();
    const operand = this.readOne();
    return operand && { type: 'not', operand };
  }

  private readParenthesized(): Rule | undefined {
    this.scanner.next();
    const rule = this.readAny();
    return rule && this.skip(')', 'a closing parenthesis') ? rule : undefined;
  }

  private readMatcher(): Rule | undefined {
    const { scanner } = this;
    const { at, value: name } = scanner;
    scanner.next();
    if (scanner.type !== '(' && OPERATORS_IN_WORDS[name.toLowerCase()] !== undefined) {
      return this.failAt(at, name, `${name} is no operator`, `Write ${OPERATORS_IN_WORDS[name.toLowerCase()]}`);
    }
    if (!this.skip('(', `( after ${name}`)) return undefined;

    const values: string[] = [];
    const places: number[] = [];
    while (scanner.type === 'string') {
      values.push(scanner.value);
      places.push(scanner.at);
      scanner.next();
      // Go's call syntax allows three dots behind the last argument, and Traefik does not look at them.
      const isLast = this.scannerIsAt('...');
      if (isLast) scanner.next();
      if (!this.scannerIsAt(',')) break;
      scanner.next();
      if (isLast) break;
    }
    if (!this.skip(')', values.length === 0 ? 'a value or )' : ', or )')) return undefined;
    return this.check(name, values, at, places);
  }

  /** A call, so that the compiler does not hold the type of the piece before for that of the next. */
  private scannerIsAt(type: Scanner['type']): boolean {
    return this.scanner.type === type;
  }

  /** The matcher, if it is one; else some rule, so that what follows is read as well. */
  private check(name: string, values: readonly string[], at: number, places: readonly number[]): Rule {
    const report = (finding: Finding, index?: number) =>
      this.report(index === undefined ? at : (places[index] ?? at), finding);
    const before = this.findings.length;
    if (this.syntax === 'v3') {
      const spec = findMatcher(name, this.kind);
      if (spec === undefined) return this.unknown(name, at);
      checkValues(spec, values, report);
      return { type: 'matcher', name: spec.name, values };
    }
    const spec = findV2Matcher(name, this.kind);
    if (spec === undefined) return this.unknown(name, at);
    checkValues(spec, values, report);
    if (this.findings.length > before) return NO_RULE;
    const rule = fromV2(spec.name, values);
    if (!('code' in rule)) return rule;
    report(rule);
    return NO_RULE;
  }

  private unknown(name: string, at: number): Rule {
    this.report(at, unknownMatcherFinding(name, this.kind, this.syntax));
    return NO_RULE;
  }

  private skip(type: '(' | ')', expected: string): boolean {
    if (this.scanner.type !== type) {
      this.fail(expected, `Write ${type} here`);
      return false;
    }
    this.scanner.next();
    return true;
  }

  /** RULE-01 for the piece that stands where `expected` should. */
  private fail(expected: string, fix: string): undefined {
    const { at, type, fault, end } = this.scanner;
    if (fault !== undefined) return this.report(at, { ...fault, value: this.text.slice(at, at + 20) });
    if (type === 'end') {
      const message =
        at === 0 || this.text.trim() === '' ? 'the rule is empty' : `the rule ends where ${expected} is needed`;
      return this.failAt(at, '', message, fix);
    }
    if (type === 'newline') return this.failLine(at);
    const found = this.text.slice(at, end);
    const word = OPERATORS_IN_WORDS[found.toLowerCase()];
    if (type === 'name' && word !== undefined)
      return this.failAt(at, found, `${found} is no operator`, `Write ${word}`);
    return this.failAt(at, found, `${found} stands where ${expected} is needed`, fix);
  }

  private failLine(at: number): undefined {
    const fix = 'Break lines only after && or ||, an opening parenthesis or a comma';
    return this.failAt(at, '', 'this line break ends the rule', fix);
  }

  private failAt(at: number, value: string, message: string, fix: string): undefined {
    return this.report(at, { code: 'RULE-01', value, message, fix });
  }

  private failDepth(): undefined {
    const message = `more than ${MOST_LEVELS} parentheses and negations inside one another`;
    return this.report(this.scanner.at, {
      code: 'RULE-08',
      value: '',
      message,
      fix: 'Leave out those that say nothing',
    });
  }

  private report(at: number, finding: Finding): undefined {
    this.findings.push({ ...finding, message: `${this.place(at)}: ${finding.message}` });
  }

  private place(at: number): string {
    const lines = this.text.slice(0, at).split('\n');
    const column = `column ${(lines.at(-1)?.length ?? 0) + 1}`;
    return this.text.trimEnd().includes('\n') ? `line ${lines.length}, ${column}` : column;
  }
}

/** Go takes none of these between literals nor in them; a byte order mark only at the very beginning. */
const NO_TEXT = /\0|(?<!^)\ufeff|\p{Surrogate}/u;

const OPERATORS_IN_WORDS: Readonly<Record<string, string | undefined>> = { and: '&&', or: '||', not: '!' };

/** Stands for a matcher with findings; it is never given away. */
const NO_RULE: Rule = matcher('Host');

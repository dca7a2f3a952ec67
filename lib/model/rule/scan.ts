import { unquote } from './literal';

/**
 * The smallest pieces of a rule. `newline` is a line break where Go ends the expression: after a name, a literal or a
 * closing parenthesis. `fault` is something that no rule can hold.
 */
export type TokenType = 'name' | 'string' | '(' | ')' | ',' | '...' | '!' | '&&' | '||' | 'newline' | 'end' | 'fault';

/** What is wrong with a `fault`. */
export interface ScanFault {
  readonly code: 'RULE-01' | 'RULE-10';
  readonly message: string;
  readonly fix: string;
}

/** Reads a rule piece by piece, as Go's scanner does: comments and white space between pieces do not count. */
export class Scanner {
  public type: TokenType = 'end';
  /** Where the piece begins and ends in the text. */
  public at = 0;
  public end = 0;
  /** The value of a `string`, the text of a `name`. */
  public value = '';
  public fault: ScanFault | undefined;

  public constructor(private readonly text: string) {
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.end = 1;
    this.next();
  }

  /** Goes on to the next piece; at the end, and at a fault, it stays. */
  public next(): void {
    if (this.type !== 'fault') this.type = this.read();
  }

  private read(): TokenType {
    const blank = this.skipBlanks(this.type === 'name' || this.type === 'string' || this.type === ')');
    if (blank !== undefined) return blank;
    const { text, at } = this;
    const character = text.charAt(at);
    switch (character) {
      case '':
        return this.found('end', 0);
      case '(':
      case ')':
      case ',':
        return this.found(character, 1);
      case '!':
        return text.charAt(at + 1) === '=' ? this.refuse(2) : this.found('!', 1);
      case '&':
      case '|':
        if (text.charAt(at + 1) !== character) return this.refuse(1);
        return this.found(character === '&' ? '&&' : '||', 2);
      case '.':
        return text.startsWith('...', at) ? this.found('...', 3) : this.refuse(1);
      case '`':
        return this.readRaw();
      case '"':
        return this.readQuoted();
      default:
        return this.readName();
    }
  }

  /** Moves `at` to the next piece, if it is not a line break or a comment without end. */
  private skipBlanks(endsLine: boolean): 'newline' | 'fault' | undefined {
    const { text } = this;
    this.at = this.end;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === NEWLINE && endsLine) return this.found('newline', 1);
      if (code === SPACE || code === TAB || code === RETURN || code === NEWLINE) {
        this.at += 1;
      } else if (code === SLASH && text.charAt(this.at + 1) === '/') {
        const end = text.indexOf('\n', this.at);
        this.at = end < 0 ? text.length : end;
      } else if (code === SLASH && text.charAt(this.at + 1) === '*') {
        const close = text.indexOf('*/', this.at + 2);
        if (close < 0) return this.fail(this.at, 'this comment has no end', 'Close it with */, or leave it out');
        const length = close + 2 - this.at;
        if (endsLine && text.slice(this.at, close).includes('\n')) return this.found('newline', length);
        this.at += length;
      } else {
        return undefined;
      }
    }
  }

  private readRaw(): TokenType {
    const { text, at } = this;
    const close = text.indexOf('`', at + 1);
    if (close < 0) return this.fail(at, 'this ` has no partner', 'Close the value with `');
    const value = text.slice(at + 1, close);
    this.value = value.includes('\r') ? value.replaceAll('\r', '') : value;
    return this.found('string', close + 1 - at);
  }

  private readQuoted(): TokenType {
    const { text, at } = this;
    QUOTED.lastIndex = at;
    const literal = QUOTED.exec(text)?.[0];
    if (literal === undefined) return this.fail(at, 'this " has no partner on its line', 'Close the value with "');
    const unquoted = unquote(literal.slice(1, -1));
    if ('value' in unquoted) {
      this.value = unquoted.value;
      return this.found('string', literal.length);
    }
    if (unquoted.fault === 'bytes') {
      return this.fail(at, 'this value is not UTF-8', 'Write characters, not bytes', 'RULE-10');
    }
    const message = 'this backslash begins no escape that Go knows';
    return this.fail(at + 1 + unquoted.at, message, 'Write \\\\ for a backslash, or put the value between backticks');
  }

  private readName(): TokenType {
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined) return this.refuse(1);
    this.value = name;
    return this.found('name', name.length);
  }

  private found<Type extends TokenType>(type: Type, length: number): Type {
    this.end = this.at + length;
    return type;
  }

  private refuse(length: number): 'fault' {
    const text =
      length === 1
        ? String.fromCodePoint(this.text.codePointAt(this.at) ?? 0)
        : this.text.slice(this.at, this.at + length);
    const fix = FIXES.find(({ characters }) => characters.test(text))?.fix ?? 'Leave it out';
    return this.fail(this.at, `${JSON.stringify(text)} means nothing in a rule`, fix);
  }

  private fail(at: number, message: string, fix: string, code: ScanFault['code'] = 'RULE-01'): 'fault' {
    this.at = at;
    this.fault = { code, message, fix };
    return 'fault';
  }
}

const FIXES = [
  { characters: /^&/, fix: 'Write &&' },
  { characters: /^\|/, fix: 'Write ||' },
  { characters: /^['‘’“”„«»]/, fix: 'Put values between backticks' },
  { characters: /^\d/, fix: 'Put the value between backticks' },
  { characters: /^!=/, fix: 'Put ! before the matcher' },
  { characters: /^\s/, fix: 'Write an ordinary space' },
];

const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;

const BYTE_ORDER_MARK = 0xfeff;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const SLASH = 47;

/**
 * Whether Traefik takes a regular expression. Traefik compiles them with Go's RE2 syntax, which lacks what JavaScript
 * has (lookaround, backreferences) and has what JavaScript lacks (`(?i)`, `\z`, `[[:alpha:]]`, `\Q…\E`).
 *
 * What cannot be told from the text alone is taken: names of three letters and more in `\p{…}`, and patterns that Go
 * refuses for their size or for more than 1,000 nested groups.
 * @see https://github.com/google/re2/wiki/Syntax
 */

/** Why Go refuses `pattern`, as a clause to go on after the pattern's name; nothing where it takes it. */
export function regexpFault(pattern: string): string | undefined {
  const groups: Group[] = [];
  let group: Group = { widest: 1, last: 0 };
  let isRepeated = false;
  let at = 0;

  while (at < pattern.length) {
    const wasRepeated = isRepeated;
    isRepeated = false;
    const character = pattern.charAt(at);

    if (character === '(') {
      const opening = readOpening(pattern, at);
      if (typeof opening === 'string') return opening;
      at = opening.end;
      if (opening.isGroup) {
        groups.push(group);
        group = { widest: 1, last: 0 };
      }
    } else if (character === ')') {
      const outer = groups.pop();
      if (outer === undefined) return 'closes a group that is not open';
      add(outer, Math.max(group.widest, group.last));
      group = outer;
      at += 1;
    } else if (character === '|') {
      add(group, 0);
      at += 1;
    } else if (character === '[') {
      const end = readClass(pattern, at);
      if (typeof end === 'string') return end;
      add(group, 1);
      at = end;
    } else if (character === '\\') {
      const escaped = readEscape(pattern, at);
      if (typeof escaped === 'string') return escaped;
      if (!escaped.isEmpty) add(group, 1);
      at = escaped.end;
    } else {
      const repeat = readRepeat(pattern, at);
      if (repeat === undefined) {
        add(group, 1);
        at += 1;
        continue;
      }
      if (repeat.min > MOST_COPIES || repeat.max > MOST_COPIES) return `repeats more than ${MOST_COPIES} times`;
      if (repeat.min > repeat.max && repeat.max >= 0) return 'repeats at least more often than at most';
      if (group.last === 0) return `has nothing to repeat before ${repeat.operator}`;
      if (wasRepeated) return `repeats a repetition with ${repeat.operator}`;
      const copies = repeat.max < 0 ? repeat.min : repeat.max;
      group.last = repeat.max === 0 ? 1 : group.last * Math.max(copies, 1);
      if (group.last > MOST_COPIES) return `repeats more than ${MOST_COPIES} times`;
      isRepeated = true;
      at = repeat.end;
    }
  }
  return groups.length > 0 ? 'leaves a group open' : undefined;
}

/** Go's bound for one repetition, and for the product of nested ones. */
const MOST_COPIES = 1000;

/** An open group. Both numbers count how often its repetitions copy their innermost part, in the product. */
interface Group {
  /** The largest of the finished parts. */
  widest: number;
  /** The part that a repetition would apply to; 0 where there is none, as after `(` and `|`. */
  last: number;
}

function add(group: Group, copies: number): void {
  group.widest = Math.max(group.widest, group.last);
  group.last = copies;
}

interface Opening {
  readonly end: number;
  /** `(?i)` opens none. */
  readonly isGroup: boolean;
}

function readOpening(pattern: string, at: number): Opening | string {
  if (pattern.charAt(at + 1) !== '?') return { end: at + 1, isGroup: true };
  const lookaround = matchAt(LOOKAROUND, pattern, at);
  if (lookaround !== undefined) return `has a lookaround ${lookaround}…), which Go's regular expressions lack`;
  const named = matchAt(NAMED_GROUP, pattern, at);
  if (named !== undefined) return { end: at + named.length, isGroup: true };
  const flags = matchAt(FLAGS, pattern, at);
  if (flags !== undefined) return { end: at + flags.length, isGroup: flags.endsWith(':') };
  return `has an unknown kind of group ${pattern.slice(at, at + 4)}`;
}

const LOOKAROUND = /\(\?<?[=!]/y;
const NAMED_GROUP = /\(\?P?<[A-Za-z0-9_]+>/y;
const FLAGS = /\(\?[imsU]*(?:-[imsU]+)?[:)]/y;

interface Repeat {
  readonly operator: string;
  readonly min: number;
  /** -1 where there is no bound. */
  readonly max: number;
  readonly end: number;
}

/** The repetition at `at`, if there is one: a brace that does not read as one stands for itself. */
function readRepeat(pattern: string, at: number): Repeat | undefined {
  REPEAT.lastIndex = at;
  const match = REPEAT.exec(pattern);
  if (match === null) return undefined;
  const [operator, low, comma, high] = match;
  const end = at + operator.length;
  if (low === undefined) return { operator, min: 0, max: -1, end };
  const min = Number(low);
  if (comma === undefined) return { operator, min, max: min, end };
  return { operator, min, max: high === undefined ? -1 : Number(high), end };
}

const REPEAT = /(?:[*+?]|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})\??/y;

/** What stands for one character or class outside brackets, or for a place between two. */
function readEscape(pattern: string, at: number): { readonly end: number; readonly isEmpty: boolean } | string {
  if (pattern.startsWith('\\Q', at)) {
    const close = pattern.indexOf('\\E', at + 2);
    return { end: close < 0 ? pattern.length : close + 2, isEmpty: close === at + 2 || at + 2 === pattern.length };
  }
  if (/[AbBz]/.test(pattern.charAt(at + 1))) return { end: at + 2, isEmpty: false };
  const named = readNamedClass(pattern, at);
  if (named !== undefined) return typeof named === 'string' ? named : { end: named, isEmpty: false };
  const rune = readEscapedRune(pattern, at);
  return typeof rune === 'string' ? rune : { end: rune.end, isEmpty: false };
}

/** Past `\d`, `\pL` or `\p{Greek}`, inside or outside brackets; nothing where it is no such class. */
function readNamedClass(pattern: string, at: number): number | string | undefined {
  const perl = matchAt(PERL_CLASS, pattern, at);
  if (perl !== undefined) return at + perl.length;
  if (!/^\\p/i.test(pattern.slice(at, at + 2))) return undefined;
  UNICODE_CLASS.lastIndex = at;
  const match = UNICODE_CLASS.exec(pattern);
  if (match === null) return `has an unfinished class ${pattern.slice(at)}`;
  const [whole, long, short] = match;
  const name = (long ?? short ?? '').replace(/^\^/, '').replace(/[-_ ]/g, '').toLowerCase();
  const isKnown = name.length > 2 ? /^[a-z]+$/.test(name) : SHORT_UNICODE_NAMES.test(name);
  return isKnown ? at + whole.length : `has an unknown class ${whole}`;
}

const PERL_CLASS = /\\[dDsSwW]/y;
const UNICODE_CLASS = /\\[pP](?:\{([^}]*)\}|([^{]))/uy;
/** General categories, and Yi, the one script whose name is that short. */
const SHORT_UNICODE_NAMES = /^(?:c[cfnos]?|l[clmotu]?|m[cen]?|n[dlo]?|p[cdefios]?|s[ckmo]?|z[lps]?|yi)$/;

/** An escape that stands for one character, inside or outside brackets. */
function readEscapedRune(pattern: string, at: number): { readonly end: number; readonly rune: number } | string {
  RUNE_ESCAPE.lastIndex = at;
  const match = RUNE_ESCAPE.exec(pattern);
  const [whole, plain, control, octal, hex, long] = match ?? [];
  const end = at + (whole?.length ?? 0);
  if (plain !== undefined) return { end, rune: plain.charCodeAt(0) };
  if (control !== undefined) return { end, rune: '\x07\f\n\r\t\v'.charCodeAt('afnrtv'.indexOf(control)) };
  if (octal !== undefined) return { end, rune: Number.parseInt(octal, 8) };
  const rune = Number.parseInt(hex ?? long ?? '', 16);
  if (rune <= 0x10ffff) return { end, rune };
  if (at + 1 === pattern.length) return 'ends with a backslash';
  const isBackreference = /[1-9]/.test(pattern.charAt(at + 1));
  const shown = pattern.slice(at, at + 2);
  return isBackreference
    ? `has a backreference ${shown}, which Go's regular expressions lack`
    : `has an unknown escape ${shown}`;
}

/** Of the plain characters, those that are ASCII and neither letter nor digit. */
const RUNE_ESCAPE =
  /\\(?:([^0-9A-Za-z\u0080-\uffff])|([afnrtv])|(0[0-7]{0,2}|[1-7][0-7]{1,2})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\})/y;

/** Past the bracketed class at `at`. */
function readClass(pattern: string, start: number): number | string {
  let at = start + (pattern.charAt(start + 1) === '^' ? 2 : 1);
  for (let isFirst = true; isFirst || pattern.charAt(at) !== ']'; isFirst = false) {
    const member = readClassMember(pattern, at);
    if (typeof member === 'string') return member;
    at = member;
  }
  return at + 1;
}

function readClassMember(pattern: string, at: number): number | string {
  const posixEnd = pattern.startsWith('[:', at) ? pattern.indexOf(':]', at + 2) : -1;
  if (posixEnd > 0) {
    const name = pattern.slice(at, posixEnd + 2);
    return POSIX_CLASS.test(name) ? posixEnd + 2 : `has an unknown class ${name}`;
  }
  const named = readNamedClass(pattern, at);
  if (named !== undefined) return named;

  const low = readClassRune(pattern, at);
  if (typeof low === 'string') return low;
  const isRange =
    pattern.charAt(low.end) === '-' && low.end + 1 < pattern.length && pattern.charAt(low.end + 1) !== ']';
  if (!isRange) return low.end;
  const high = readClassRune(pattern, low.end + 1);
  if (typeof high === 'string') return high;
  return high.rune < low.rune ? `has a range that ends before it begins, ${pattern.slice(at, high.end)}` : high.end;
}

function readClassRune(pattern: string, at: number): { readonly end: number; readonly rune: number } | string {
  if (pattern.charAt(at) === '\\') return readEscapedRune(pattern, at);
  const rune = pattern.codePointAt(at);
  return rune === undefined ? 'leaves a class open with [' : { end: at + (rune > 0xffff ? 2 : 1), rune };
}

const POSIX_CLASS =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]$/;

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}

/**
 * String literals of rules. Traefik reads a rule as a Go expression, so these are Go's: between backticks everything
 * stands for itself, between double quotes a backslash begins an escape.
 * @see https://go.dev/ref/spec#String_literals
 */

/** What became of the text of a double-quoted literal, without its quotes. */
export type Unquoted =
  | { readonly value: string }
  /** `at` is where in the text the fault is. */
  | { readonly fault: 'escape' | 'bytes'; readonly at: number };

/**
 * The value of the text between double quotes.
 *
 * `bytes` is the fault of a value that is not UTF-8, such as `"\xff"`: legal Go, but no text.
 */
export function unquote(text: string): Unquoted {
  if (!text.includes('\\')) return { value: text };
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(text);
    const [whole, simple, octal, byte, short, long, plain] = match ?? [];
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (plain !== undefined) bytes.push(...UTF8.encode(plain));
    else if (simple !== undefined) bytes.push(SIMPLE_ESCAPES[simple] ?? 0);
    else if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else if (octal !== undefined && Number.parseInt(octal, 8) < 256) bytes.push(Number.parseInt(octal, 8));
    else if (isRune(code)) bytes.push(...UTF8.encode(String.fromCodePoint(code)));
    else return { fault: 'escape', at };
    at += whole?.length ?? 1;
  }
  try {
    return { value: STRICT_UTF8.decode(new Uint8Array(bytes)) };
  } catch {
    return { fault: 'bytes', at: 0 };
  }
}

/** `value` as a literal: between backticks, or between double quotes where those cannot hold it on one line. */
export function quote(value: string): string {
  if (!UNFIT_FOR_RAW.test(value)) return `\`${value}\``;
  return `"${value.replace(UNFIT_FOR_QUOTES, (character) => ESCAPES[character] ?? hexEscape(character))}"`;
}

const ESCAPE = /\\(?:([abfnrtv\\"])|([0-7]{3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))|([^\\]+)/y;

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
};

/**
 * Go drops carriage returns between backticks and takes neither NUL nor a byte order mark; a manifest takes no control
 * characters, and reads those that separate lines (U+2028) as breaks.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT_FOR_RAW = /[`\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT_FOR_QUOTES = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const UTF8 = new TextEncoder();
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isRune(code: number): boolean {
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

function hexEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

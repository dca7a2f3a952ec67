import { isMap, isPair, isScalar, LineCounter, type Node, parse, parseDocument, YAMLParseError } from 'yaml';
import type { Problem } from '../model/problem';
import { type KubeObject, list, type PlacedObject, record, type ValuePath } from './route-object';

/** A file, or standard input. */
export interface Source {
  /** What it is called in problems. */
  readonly name: string;
  readonly text: string;
}

/** One document of a source: its text, byte for byte, and what it says. */
export interface ManifestDocument {
  readonly text: string;
  readonly isJson: boolean;
  /** Its objects; those of a `List` one by one. */
  readonly objects: readonly PlacedObject[];
}

/**
 * The documents of `source`. Put one behind the other, their texts are its text.
 *
 * Reports INPUT-01 for what is neither YAML nor JSON.
 */
export function readDocuments(source: Source): {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly Problem[];
} {
  const documents: ManifestDocument[] = [];
  const problems: Problem[] = [];
  let line = 1;
  for (const text of split(withoutMark(source.text)).flatMap(splitJson)) {
    const position = { source: source.name, text, line };
    const document = read(text);
    if (document instanceof Error) problems.push(syntaxProblem(document, position));
    else documents.push({ text, isJson: document.isJson, objects: objectsOf(document.value, position) });
    line += text.split('\n').length - 1;
  }
  return { documents, problems };
}

/** What `source`, a single document, says, and where each part of it stands; INPUT-01 where it is neither YAML nor JSON. */
export function readValue({ name, text }: Source) {
  const position = { source: name, text: withoutMark(text), line: 1 };
  const document = read(position.text);
  if (document instanceof Error) return { problem: syntaxProblem(document, position) };
  return { value: document.value, placeOf: (path: ValuePath) => place(position, path) };
}

/** What some editors begin a file with. */
export const BYTE_ORDER_MARK = '\ufeff';

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** A document's text, and where it begins. */
interface Position {
  readonly source: string;
  readonly text: string;
  readonly line: number;
}

/**
 * As the API server's tools read it: with merge keys, and no key twice. Tags of others are no matter of ours. The number
 * of aliases has a limit, since a few lines of them can stand for more than fits into memory.
 */
export const READ_OPTIONS = { merge: true, logLevel: 'error', maxAliasCount: 10_000 } as const;

/** What a document says, or what is wrong with it, which the library tells by several kinds of errors. */
function read(text: string): { readonly value: unknown; readonly isJson: boolean } | Error {
  if (/^\s*\{/.test(text)) {
    try {
      return { value: JSON.parse(text), isJson: true };
    } catch {
      // A flow mapping of YAML begins so as well, and the YAML reader says what is wrong, and where.
    }
  }
  try {
    return { value: parse(text, READ_OPTIONS), isJson: false };
  } catch (error) {
    return error as Error;
  }
}

/**
 * Parts a stream before each `---` and behind each `...`. YAML lets neither begin a line of a document's content, so that
 * this needs no parser.
 */
function split(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  const partAt = (index: number) => {
    if (index > start) parts.push(text.slice(start, index));
    start = index;
  };
  for (const { index, 0: line } of text.matchAll(MARKER)) {
    if (line.startsWith('...')) partAt(index + line.length);
    // What comes before the first line of a document may be directives, and belongs to it.
    else if (!isPreamble(text.slice(start, index))) partAt(index);
  }
  partAt(text.length);
  return parts;
}

/** Parts JSON values that follow each other, as jq writes them. */
function splitJson(text: string): string[] {
  if (!/^\s*\{/.test(text)) return [text];
  if (isJson(text)) return [text];
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === '{') depth += 1;
    if (token !== '}') continue;
    depth -= 1;
    const end = index + 1;
    if (depth === 0 && /^\s*\{/.test(text.slice(end, end + 80))) {
      parts.push(text.slice(start, end));
      start = end;
    }
  }
  parts.push(text.slice(start));
  // Braces within the quotes of YAML are no ends.
  return parts.length > 1 && parts.every(isJson) ? parts : [text];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Lines end at LF only: what else Unicode takes for the end of one may stand in a text. */
const MARKER = /(?<=^|\n)(?:---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r\n]|$)[^\n]*\n?)/g;

function isPreamble(text: string): boolean {
  const lines = text.split('\n');
  return lines.some((line) => line.startsWith('%')) && lines.every((line) => /^\s*$|^[#%]/.test(line));
}

function objectsOf(
  value: unknown,
  position: Position,
  path: ValuePath = [],
  around: readonly unknown[] = [],
): PlacedObject[] {
  const object = record(value);
  // By an alias a list can be one of its own items.
  if (around.includes(value)) return [];
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items)) {
    return list(object.items).flatMap((item, index) =>
      objectsOf(itemOf(object, item), position, [...path, 'items', index], [...around, value]),
    );
  }
  if (typeof object.kind !== 'string') return [];
  const { source, text, line } = position;
  const first = text.search(/^(?!---|\s*#|\s*$)/m);
  const at = `${source}:${line + text.slice(0, first).split('\n').length - 1}`;
  const item = path.length === 0 ? '' : ` ${path.join('.')}`;
  return [{ object, at: `${at}${item}`, placeOf: (part) => place(position, [...path, ...part]) }];
}

/** An item of a list of one kind need not say itself what it is. */
function itemOf({ apiVersion, kind }: KubeObject, item: unknown): unknown {
  const own = record(item);
  if (kind === 'List' || own !== item || own.kind !== undefined) return item;
  return { apiVersion, kind: String(kind).replace(/List$/, ''), ...own };
}

/** Reads the document again, once: places are asked only where there is something to say. */
function place(position: Position, path: ValuePath): string {
  const { contents, counter } = placesOf.get(position) ?? readPlaces(position);
  const at = counter.linePos(offsetOf(contents, path) ?? 0);
  return `${position.source}:${position.line + at.line - 1}:${at.col}`;
}

const placesOf = new WeakMap<Position, { readonly contents: Node | null; readonly counter: LineCounter }>();

function readPlaces(position: Position) {
  const counter = new LineCounter();
  const { contents } = parseDocument(position.text, { ...READ_OPTIONS, lineCounter: counter });
  const places = { contents, counter };
  placesOf.set(position, places);
  return places;
}

/** Where the value at `path` begins, or the innermost one around it that there is. */
function offsetOf(contents: Node | null, path: ValuePath): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range?.[0];
  for (const key of path) {
    node = child(node, key);
    const range = (node as Node | undefined)?.range;
    if (!range) break;
    offset = range[0];
  }
  return offset;
}

function child(node: unknown, key: PropertyKey): unknown {
  if (isMap(node)) {
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
    return pair?.value ?? undefined;
  }
  const { items } = (node ?? {}) as { items?: readonly unknown[] };
  return typeof key === 'number' ? items?.[key] : undefined;
}

function syntaxProblem(error: Error, { source, text, line }: Position): Problem {
  const { line: row, col } = (error instanceof YAMLParseError ? error.linePos?.[0] : undefined) ?? { line: 1, col: 1 };
  const [message = ''] = error.message.split(/ at line \d+|:?\n/);
  return {
    code: 'INPUT-01',
    at: `${source}:${line + row - 1}:${col}`,
    value: text.split('\n')[row - 1]?.trim() ?? '',
    message: `neither YAML nor JSON: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    fix: 'Correct it there; nothing was written',
  };
}

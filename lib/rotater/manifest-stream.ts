import { isMap, isPair, isScalar, LineCounter, type Node, parse, parseDocument, YAMLParseError } from 'yaml';
import type { Problem } from '../model/problem';
import { list, type PlacedObject, record, type ValuePath } from './route-object';

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
  for (const text of split(source.text)) {
    const position = { source: source.name, text, line };
    try {
      const { value, isJson } = read(text);
      documents.push({ text, isJson, objects: objectsOf(value, position) });
    } catch (error) {
      if (!isSyntaxError(error)) throw error;
      problems.push(syntaxProblem(error, position));
    }
    line += text.split('\n').length - 1;
  }
  return { documents, problems };
}

/** What `source`, a single document, says, and where each part of it stands; INPUT-01 where it is neither YAML nor JSON. */
export function readValue({ name, text }: Source) {
  const position = { source: name, text, line: 1 };
  try {
    const { value } = read(text);
    return { value, placeOf: (path: ValuePath) => place(position, path) };
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    return { problem: syntaxProblem(error, position) };
  }
}

function isSyntaxError(error: unknown): error is Error {
  // An alias of no anchor is a reference error.
  return error instanceof YAMLParseError || error instanceof ReferenceError;
}

/** A document's text, and where it begins. */
interface Position {
  readonly source: string;
  readonly text: string;
  readonly line: number;
}

/** As the API server's tools read it: with merge keys, and no key twice. Tags of others are no matter of ours. */
const READ_OPTIONS = { merge: true, logLevel: 'error' } as const;

function read(text: string): { readonly value: unknown; readonly isJson: boolean } {
  if (/^\s*\{/.test(text)) {
    try {
      return { value: JSON.parse(text), isJson: true };
    } catch {
      // A flow mapping of YAML begins so as well, and the YAML reader says what is wrong, and where.
    }
  }
  return { value: parse(text, READ_OPTIONS), isJson: false };
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
  for (const { index, 0: line } of text.matchAll(/^(?:---(?=\s|$)|\.\.\.(?=\s|$).*\n?)/gm)) {
    if (line.startsWith('...')) partAt(index + line.length);
    // What comes before the first line of a document may be directives, and belongs to it.
    else if (!isPreamble(text.slice(start, index))) partAt(index);
  }
  partAt(text.length);
  return parts;
}

function isPreamble(text: string): boolean {
  return /^%/m.test(text) && text.split('\n').every((line) => /^\s*$|^[#%]/.test(line));
}

function objectsOf(value: unknown, position: Position, path: ValuePath = []): PlacedObject[] {
  const object = record(value);
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items)) {
    return list(object.items).flatMap((item, index) => objectsOf(item, position, [...path, 'items', index]));
  }
  if (typeof object.kind !== 'string') return [];
  const { source, text, line } = position;
  const first = text.search(/^(?!---|\s*#|\s*$)/m);
  const at = `${source}:${line + text.slice(0, first).split('\n').length - 1}`;
  const item = path.length === 0 ? '' : ` ${path.join('.')}`;
  return [{ object, at: `${at}${item}`, placeOf: (part) => place(position, [...path, ...part]) }];
}

/** Reads the document again: this is asked only where something is wrong. */
function place({ source, text, line }: Position, path: ValuePath): string {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, { ...READ_OPTIONS, lineCounter: counter });
  const at = counter.linePos(offsetOf(contents, path) ?? 0);
  return `${source}:${line + at.line - 1}:${at.col}`;
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

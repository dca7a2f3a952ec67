import { DEFAULT_SCHEMA, dump, Type } from 'js-yaml';
import type { Problem } from '../model/problem';
import { deriveInput } from './derive-input';
import type { DerivedObject } from './derive-routes';
import { BYTE_ORDER_MARK, readDocuments, type Source } from './manifest-stream';
import type { PlacedObject } from './route-object';
import type { RotaterSettings } from './settings';

/** What the filter makes of its input. */
export interface FilteredStream {
  /** What it writes; empty where there are problems. */
  readonly text: string;
  readonly problems: readonly Problem[];
  /** Why nothing is derived from routes that nothing is wrong with. */
  readonly notices: readonly Problem[];
}

/**
 * `sources` with what their routes need behind each of them; everything else stays as it is, byte for byte.
 * Certificates of whole zones come last.
 */
export function deriveStream(
  sources: readonly Source[],
  settings: RotaterSettings,
  { onlyDerived = false }: { readonly onlyDerived?: boolean } = {},
): FilteredStream {
  const read = sources.map(readDocuments);
  const documents = read.flatMap((each) => each.documents);
  const input = documents.flatMap(({ objects }) => objects);
  const derived = deriveInput(input, settings);
  const places = new Map([...derived.objects.keys()].map((placed) => [placed.at, placed]));
  const problems = [
    ...read.flatMap((each) => each.problems),
    ...derived.problems.map((problem) => exactly(problem, places)),
  ];
  if (problems.length > 0) return { text: '', problems, notices: derived.notices };

  const print = documents.every(({ isJson }) => isJson) ? printJson : printYaml;
  const pieces: Piece[] = [];
  for (const source of read) {
    let goesOn = false;
    for (const { text, objects } of source.documents) {
      const own = objects.flatMap((placed) => derived.objects.get(placed) ?? []);
      if (!onlyDerived) pieces.push({ text, goesOn });
      pieces.push(...own.map((object) => ({ text: print(object), goesOn: false })));
      goesOn = own.length === 0;
    }
  }
  pieces.push(...derived.wildcards.map((object) => ({ text: print(object), goesOn: false })));
  const isYaml = documents.some(({ isJson }) => !isJson);
  // One that stood at the beginning still does; within a stream it would be part of a name.
  const mark = !onlyDerived && sources[0]?.text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  return { text: mark + joined(pieces, isYaml), problems, notices: derived.notices };
}

/** A part of what is written. */
interface Piece {
  readonly text: string;
  /** Whether it follows the piece before it as it did in its source. */
  readonly goesOn: boolean;
}

/** What is wrong with a route as a whole is said of its name. */
function exactly(problem: Problem, places: ReadonlyMap<string, PlacedObject>): Problem {
  return { ...problem, at: places.get(problem.at)?.placeOf(['metadata', 'name']) ?? problem.at };
}

/** Tells what old readers take for a number, so that it is written between quotes. */
const UNDERSCORED = new Type('tag:traefik-ha:underscored', {
  kind: 'scalar',
  resolve: (text: unknown) => typeof text === 'string' && /^[-+]?[0-9._]*_[0-9._]*$/.test(text),
});
const PRINT_OPTIONS = {
  schema: DEFAULT_SCHEMA.extend({ implicit: [UNDERSCORED] }),
  // Keys without a value are left out.
  skipInvalid: true,
  lineWidth: -1,
  noRefs: true,
};

function printYaml(object: DerivedObject): string {
  return `---\n${dump(object, PRINT_OPTIONS)}`;
}

function printJson(object: DerivedObject): string {
  return `${JSON.stringify(object, undefined, 2)}\n`;
}

/** One stream of all pieces: each begins on a line of its own, and behind a `---` where it is YAML. */
function joined(pieces: readonly Piece[], isYaml: boolean): string {
  const texts = pieces.map(({ text, goesOn }, index) => {
    if (goesOn) return text;
    const isFirst = index === 0;
    const line = isFirst || pieces[index - 1]?.text.endsWith('\n') ? '' : '\n';
    return `${line}${isYaml ? marker(text, isFirst) : ''}${text}`;
  });
  return texts.join('');
}

/** What parts a text from what stands before it. */
function marker(text: string, isFirst: boolean): string {
  const [, start] = BEGINNING.exec(text) ?? [];
  // Readers take a stream that begins with a brace for JSON to its end.
  if (isFirst) return /^\s*\{/.test(text) ? '---\n' : '';
  // Directives may follow only where a document was ended.
  return start === '%' ? '...\n' : start === undefined ? '---\n' : '';
}

/** The start of a document, or of directives, behind blank lines and comments at most. */
const BEGINNING = /^(?:[^\S\n]*(?:#.*)?\n)*(---(?=\s|$)|%)/;

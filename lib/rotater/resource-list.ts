import { type Document, isAlias, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { type Problem, printProblem } from '../model/problem';
import { deriveInput } from './derive-input';
import { READ_OPTIONS } from './manifest-stream';
import { type KubeObject, list, metadataOf, type PlacedObject, record } from './route-object';
import type { RotaterSettings } from './settings';

/** What goes into a KRM function, and what comes out of it: the form in which kustomize hands objects over. */
export interface ResourceList {
  readonly document: Document;
  /** The settings that the function was configured with, under `spec`; undefined where there are none. */
  readonly configuration: unknown;
}

/**
 * Reads `text` as a ResourceList; undefined where it is something else.
 *
 * @see https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
 */
export function readResourceList(text: string): ResourceList | undefined {
  // Most streams do not say the word; where it is within an object, reading it as a list comes to nothing.
  if (!/\bResourceList\b/.test(text)) return undefined;
  // Old readers take more words for booleans and numbers than YAML 1.2 does.
  const document = parseDocument(text, { ...READ_OPTIONS, compat: 'yaml-1.1' });
  if (document.errors.length > 0 || document.get('kind') !== 'ResourceList') return undefined;
  if (!String(document.get('apiVersion')).startsWith('config.kubernetes.io/')) return undefined;
  try {
    const { items, functionConfig } = record(document.toJS(READ_OPTIONS));
    if (items !== undefined && items !== null && !Array.isArray(items)) return undefined;
    return { document, configuration: record(functionConfig).spec };
  } catch {
    // An alias of nothing, for one; whoever reads it as a stream says where.
    return undefined;
  }
}

/** The list with what its routes need behind each of them, and with problems and notices as results. */
export function deriveResourceList(
  { document }: ResourceList,
  settings: RotaterSettings,
  { strict, onlyDerived = false }: { readonly strict: boolean; readonly onlyDerived?: boolean },
): { readonly text: string; readonly problems: readonly Problem[]; readonly notices: readonly Problem[] } {
  const items = itemsOf(document);
  const input = list(items.toJS(document, READ_OPTIONS)).map((item) => placed(record(item)));
  const derived = deriveInput(input, settings);
  const problems = [...derived.problems, ...(strict ? derived.notices : [])];
  if (problems.length === 0) {
    items.items = [
      ...items.items.flatMap((item, index) => {
        const own = derived.objects.get(input[index] as PlacedObject) ?? [];
        return [...(onlyDerived ? [] : [item]), ...own.map((object) => document.createNode(object))];
      }),
      ...derived.wildcards.map((object) => document.createNode(object)),
    ];
  }
  const results = [
    ...problems.map((problem) => result(problem, 'error')),
    ...(strict ? [] : derived.notices.map((problem) => result(problem, 'info'))),
  ];
  if (results.length > 0) document.set('results', document.createNode(results));
  return { text: document.toString({ lineWidth: 0 }), problems, notices: strict ? [] : derived.notices };
}

function itemsOf(document: Document): YAMLSeq {
  const given = document.get('items', true);
  const items = isAlias(given) ? given.resolve(document) : given;
  if (isSeq(items)) return items;
  document.set('items', document.createNode([]));
  return document.get('items') as YAMLSeq;
}

/** Objects of the list have no file and line; they are told by their names. */
function placed(object: KubeObject): PlacedObject {
  const { namespace, name } = metadataOf(object);
  const at = `${object.kind} ${[namespace, name].filter(Boolean).join('/')}`;
  return { object, at, placeOf: (path) => (path.length === 0 ? at : `${at} ${path.join('.')}`) };
}

function result(problem: Problem, severity: 'error' | 'info') {
  return { message: printProblem(problem), severity, tags: { code: problem.code } };
}

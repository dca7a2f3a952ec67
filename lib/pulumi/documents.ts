import { Yaml } from 'cdk8s';
import { hasToken, type Reveal } from '../model/token';

/** `text` with what its tokens stand for: within a document of JSON or YAML, quoted as need be. */
export function revealedText(text: string, reveal: Reveal): string {
  if (isJson(text)) {
    // Each of its texts, so that all else stays as it was written; a text can be a document in its turn.
    return text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
      hasToken(quoted) ? JSON.stringify(revealedText(JSON.parse(quoted), reveal)) : quoted,
    );
  }
  const documents = yamlDocuments(text);
  return documents ? Yaml.stringify(...documents.map((each) => revealedWithin(each, reveal))) : reveal(text);
}

/** Whether `text` is a document, in which what its tokens stand for is quoted as need be. */
export function isDocument(text: string): boolean {
  return isJson(text) || yamlDocuments(text) !== undefined;
}

function isJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The maps and lists in what `Yaml.stringify` wrote; what is YAML by chance, or written by hand, is no document here. */
function yamlDocuments(text: string): object[] | undefined {
  if (!text.endsWith('\n')) return undefined;
  const yaml: typeof import('yaml') = require('yaml');
  const read = yaml.parseAllDocuments(text);
  if (read.some(({ errors }) => errors.length > 0)) return undefined;
  const documents = read.map((document) => document.toJS() as unknown);
  const isStructured = documents.every((each) => typeof each === 'object' && each !== null);
  return isStructured && Yaml.stringify(...documents) === text ? (documents as object[]) : undefined;
}

/** `value` with what the tokens in its texts stand for, as {@link revealedText} has them. */
export function revealedWithin(value: unknown, reveal: Reveal): unknown {
  if (typeof value === 'string') return revealedText(value, reveal);
  if (Array.isArray(value)) return value.map((part) => revealedWithin(part, reveal));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [reveal(key), revealedWithin(part, reveal)]));
}

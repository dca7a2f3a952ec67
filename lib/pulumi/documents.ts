import { Yaml } from 'cdk8s';
import { type Reveal, splitTokens } from '../model/token';

/** `text` with what its tokens stand for: within a document of JSON or YAML, quoted as need be. */
export function revealedText(text: string, reveal: Reveal): string {
  if (isJson(text)) {
    const escaped = (part: string) => JSON.stringify(reveal(part)).slice(1, -1);
    return splitTokens(text)
      .map((part, index) => (index % 2 === 1 ? escaped(part) : part))
      .join('');
  }
  const documents = yamlDocuments(text);
  return documents ? Yaml.stringify(...documents.map((each) => revealedWithin(each, reveal))) : reveal(text);
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

function revealedWithin(value: unknown, reveal: Reveal): unknown {
  if (typeof value === 'string') return reveal(value);
  if (Array.isArray(value)) return value.map((part) => revealedWithin(part, reveal));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [reveal(key), revealedWithin(part, reveal)]));
}

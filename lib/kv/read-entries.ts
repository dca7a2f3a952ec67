import type { Finding } from '../model/problem';
import { DYNAMIC_CONFIGURATION, type DynamicConfiguration } from './dynamic-configuration';
import type { KvEntriesOptions, KvEntry } from './entries';
import { choiceFinding, emptyFinding, type Path, unknownFinding, valueFinding } from './findings';
import { type Choice, fieldsOf, type Leaf, type List, type Schema, type Struct } from './schema';

/** What the entries of a store say to Traefik. */
export interface KvReading {
  readonly configuration: DynamicConfiguration;
  /** Why Traefik would reject all of it: KV-03, KV-04, KV-08, KV-09. */
  readonly findings: readonly Finding[];
}

/**
 * The configuration that Traefik reads from `entries`, as it reads them: names in any case, lists in the order of their
 * indices as texts, what is not below http, tcp, udp or tls left alone.
 */
export function readKvEntries(entries: readonly KvEntry[], { rootKey = 'traefik' }: KvEntriesOptions = {}): KvReading {
  const findings: Finding[] = [];
  const root = treeOf(entries, rootKey);
  const configuration = readFields(DYNAMIC_CONFIGURATION, root, [], findings) ?? {};
  return { configuration: configuration as DynamicConfiguration, findings };
}

/** A level of a key, with what lies below it. */
interface Node {
  readonly name: string;
  value?: string;
  readonly children: Node[];
}

function treeOf(entries: readonly KvEntry[], rootKey: string): Node {
  const root: Node = { name: rootKey, children: [] };
  const sections = Object.keys(fieldsOf(DYNAMIC_CONFIGURATION));
  for (const { key, value } of [...entries].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!key.startsWith(`${rootKey}/`)) continue;
    const path = key
      .slice(rootKey.length + 1)
      .split('/')
      .filter((part) => part !== '');
    // Traefik looks at no more than how the key begins.
    if (sections.some((section) => path[0]?.toLowerCase().startsWith(section))) insert(root, path, value);
  }
  return root;
}

function insert(node: Node, [name, ...below]: Path, value: string): void {
  if (name === undefined) {
    node.value = value;
    return;
  }
  let child = node.children.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (child === undefined) {
    child = { name, children: [] };
    node.children.push(child);
  }
  insert(child, below, value);
}

function read(schema: Schema, node: Node, path: Path, findings: Finding[]): unknown {
  switch (schema.kind) {
    case 'struct':
    case 'choice':
      return readStruct(schema, node, path, findings);
    case 'dictionary':
      if (node.children.length === 0) findings.push(emptyFinding(path));
      return Object.fromEntries(
        node.children.map((child) => [child.name, read(schema.item, child, [...path, child.name], findings)]),
      );
    case 'list':
      return readList(schema, node, path, findings);
    default:
      return readLeaf(schema, node, path, findings);
  }
}

function readStruct(schema: Struct | Choice, node: Node, path: Path, findings: Finding[]): unknown {
  const mayBeEmpty = schema.kind === 'struct' && schema.mayBeEmpty;
  if (mayBeEmpty && node.value !== undefined && node.value !== '' && node.value.toLowerCase() !== 'true')
    return undefined;
  if (node.children.length === 0 && !mayBeEmpty) findings.push(emptyFinding(path));
  return readFields(schema, node, path, findings);
}

function readFields(schema: Struct | Choice, node: Node, path: Path, findings: Finding[]): object {
  const fields = Object.entries(fieldsOf(schema));
  const values: Record<string, unknown> = {};
  for (const child of node.children) {
    const [name, field] = fields.find(([known]) => known.toLowerCase() === child.name.toLowerCase()) ?? [];
    if (name === undefined || field === undefined) {
      findings.push(
        unknownFinding(
          [...path, child.name],
          fields.map(([known]) => known),
        ),
      );
      continue;
    }
    const value = read(field, child, [...path, name], findings);
    if (value !== undefined) values[name] = value;
  }
  const given = Object.keys(values);
  if (schema.kind === 'choice' && given.length > 1) {
    findings.push(
      choiceFinding(
        path,
        given,
        fields.map(([known]) => known),
      ),
    );
  }
  return values;
}

function readList({ item }: List, node: Node, path: Path, findings: Finding[]): unknown {
  if (item.kind === 'struct') {
    return node.children.map((child) => read(item, child, [...path, child.name], findings));
  }
  const joined =
    node.children.length > 0 ? node.children.map(({ value }) => value ?? '').join(',') : (node.value ?? '');
  return joined === '' ? undefined : joined.split(',').map((text) => text.trim());
}

function readLeaf(leaf: Leaf, { value = '', children }: Node, path: Path, findings: Finding[]): unknown {
  const [child] = children;
  if (child !== undefined) {
    findings.push(unknownFinding([...path, child.name], []));
    return undefined;
  }
  const read = LEAVES[leaf.kind](value);
  if (read === undefined) findings.push(valueFinding(path, value, WANTED[leaf.kind]));
  return read;
}

/** What Go's own readers take; undefined for what they refuse. */
const LEAVES: Record<Leaf['kind'], (text: string) => unknown> = {
  text: (text) => text,
  flag: (text) => {
    if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
    return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
  },
  whole: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  duration: (text) => {
    if (/^[+-]?\d+$/.test(text)) return `${Number(text)}s`;
    return /^[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text) ? text : undefined;
  },
};

const WANTED: Record<Leaf['kind'], string> = {
  text: 'a text',
  flag: 'true or false',
  whole: 'a whole number',
  duration: 'a time such as 10s or 1m30s',
};

import type { Finding } from '../model/problem';
import { DYNAMIC_CONFIGURATION, type DynamicConfiguration } from './dynamic-configuration';
import {
  choiceFinding,
  emptyFinding,
  itemFinding,
  mergedFinding,
  missingFinding,
  nameFinding,
  type Path,
  unknownFinding,
  valueFinding,
} from './findings';
import { inOrder } from './order';
import { configurationFindings } from './references';
import { type Choice, type Dictionary, fieldsOf, type Leaf, type List, type Schema, type Struct } from './schema';

/** One key of a store, and its value. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
}

/** How a configuration is written. */
export interface KvEntriesOptions {
  /**
   * The key that everything lies below.
   * @default 'traefik'
   */
  readonly rootKey?: string;
}

/** The entries of a configuration, and what is wrong with it. */
export interface KvEntries {
  /** In the order in which they are written: what is referred to comes before what refers to it. */
  readonly entries: readonly KvEntry[];
  readonly findings: readonly Finding[];
}

/**
 * `configuration` as the entries that Traefik reads back as just that.
 *
 * Findings: KV-03 an option that there is not, one of which rejects everything in the store; KV-04 a value that is none
 * of the option's; KV-05 an item that would be read as another, or as two; KV-06 a name that would be read as an index
 * or as a path; KV-07 names that Traefik takes for one; KV-08 what says nothing; KV-09 what is missing, or one too many;
 * KV-10 what refers to nothing; KV-11 built-in ACME; RULE-01 to RULE-10 for rules.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/other-providers/kv/
 */
export function kvEntries(
  configuration: DynamicConfiguration,
  { rootKey = 'traefik' }: KvEntriesOptions = {},
): KvEntries {
  const writer = new Writer();
  writer.write(DYNAMIC_CONFIGURATION, configuration, []);
  const order = inOrder(rootKey);
  const entries = writer.entries
    .map(({ path, value }) => ({ key: [rootKey, ...path].join('/'), value }))
    .sort((a, b) => order(a.key, b.key));
  const { findings } = writer;
  return { entries, findings: findings.length > 0 ? findings : configurationFindings(configuration) };
}

class Writer {
  public readonly entries: { readonly path: Path; readonly value: string }[] = [];
  public readonly findings: Finding[] = [];

  public write(schema: Schema, value: unknown, path: Path): void {
    if (schema.kind === 'list') this.writeList(schema, value, path);
    else if (schema.kind === 'dictionary') this.writeDictionary(schema, value, path);
    else if (schema.kind === 'struct' || schema.kind === 'choice') this.writeFields(schema, value, path);
    else this.writeLeaf(schema, value, path);
  }

  private writeLeaf(leaf: Leaf, value: unknown, path: Path): void {
    const wrong = leafProblem(leaf, value);
    if (wrong !== undefined) this.find(valueFinding(path, leaf.secret ? '(not shown)' : value, wrong));
    else this.entries.push({ path, value: String(value) });
  }

  private writeList({ item }: List, value: unknown, path: Path): void {
    if (!Array.isArray(value)) {
      this.find(valueFinding(path, isSecret(item) ? '(not shown)' : value, 'a list'));
      return;
    }
    // Indices are sorted as texts.
    const width = Math.max(2, String(value.length - 1).length);
    value.forEach((each, index) => {
      const at = [...path, String(index).padStart(width, '0')];
      this.write(item, each, at);
      if (typeof each === 'string' && !isItem(each)) this.find(itemFinding(at, isSecret(item) ? '(not shown)' : each));
    });
  }

  private writeDictionary({ item, listed }: Dictionary, value: unknown, path: Path): void {
    if (!isObject(value)) {
      this.find(valueFinding(path, value, 'names with values'));
      return;
    }
    const known = new Map<string, string>();
    for (const name of Object.keys(value)) {
      const first = known.get(name.toLowerCase());
      if (first !== undefined) this.find(mergedFinding(path, name, first));
      known.set(name.toLowerCase(), name);
      if (!isName(name, listed)) this.find(nameFinding(path, name));
      if (value[name] !== undefined) this.writeUnlessEmpty(item, value[name], [...path, name]);
    }
  }

  private writeFields(schema: Struct | Choice, value: unknown, path: Path): void {
    if (!isObject(value)) {
      this.find(valueFinding(path, value, 'options with values'));
      return;
    }
    const fields = fieldsOf(schema);
    const given = Object.keys(value).filter((name) => value[name] !== undefined);
    for (const name of given) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field === undefined) this.find(unknownFinding([...path, name], Object.keys(fields)));
      else this.writeUnlessEmpty(field, value[name], [...path, name]);
    }
    if (schema.kind === 'choice' && given.length !== 1) {
      this.find(choiceFinding(path, given, Object.keys(fields)));
    }
    const missing =
      schema.kind === 'struct' ? Object.keys(schema.required).filter((name) => !given.includes(name)) : [];
    for (const name of missing) this.find(missingFinding([...path, name]));
  }

  /** KV-08 for a struct within others that leaves nothing in the store: Traefik refuses it, or does not see it. */
  private writeUnlessEmpty(schema: Schema, value: unknown, path: Path): void {
    const [entries, findings] = [this.entries.length, this.findings.length];
    this.write(schema, value, path);
    if (!(schema.kind === 'struct' || schema.kind === 'choice') || path.length === 1) return;
    if (this.entries.length > entries || this.findings.length > findings) return;
    if (schema.kind === 'struct' && schema.mayBeEmpty) this.entries.push({ path, value: 'true' });
    else this.find(emptyFinding(path));
  }

  private find(finding: Finding): void {
    this.findings.push(finding);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSecret(schema: Schema): boolean {
  return 'secret' in schema;
}

const DURATION = /^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;

/** What the option takes instead of `value`; undefined where that is right. */
function leafProblem({ kind, values }: Leaf, value: unknown): string | undefined {
  switch (kind) {
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'whole':
      return Number.isSafeInteger(value) ? undefined : 'a whole number';
    case 'duration':
      return typeof value === 'string' && DURATION.test(value) ? undefined : 'a time such as 10s or 1m30s';
    default:
      if (typeof value !== 'string') return 'a text';
      return values === undefined || values.includes(value) ? undefined : `one of ${values.join(', ')}`;
  }
}

/** Traefik joins the items of a list by commas, splits it again, and cuts the spaces around each. */
function isItem(text: string): boolean {
  return !text.includes(',') && text.trim() === text && text !== '';
}

/**
 * Whether Traefik reads `name` as just that; one with a slash would be a path, one with @ names a provider, and paths of
 * HTTP lose dots.
 */
function isName(name: string, listed: boolean): boolean {
  return /^(?!\.\.?$)[^/@\p{Cc}]+$/u.test(name) && name.trim() === name && (listed || !/^\d+$/.test(name));
}

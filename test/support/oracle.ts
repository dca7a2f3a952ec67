import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RouterKind, RuleSyntax } from '../../lib/model/rule/matchers';
import { CACHE } from './cache';
import { go, withoutDnsProviders } from './go';

/**
 * Traefik itself, asked from tests: three small Go programs over its packages, built once per version of their sources.
 * The first build takes minutes and needs Go and its module proxy; give such a test {@link ORACLE_TIMEOUT}.
 */

/** For the test that may have to build the oracle, in milliseconds. */
export const ORACLE_TIMEOUT = 15 * 60_000;

/** What Traefik says: it takes the thing, or why not. */
export interface OracleAnswer {
  readonly ok: boolean;
  readonly error?: string;
}

/** Is this rule one that a router takes? */
export interface RuleQuestion {
  readonly kind: RouterKind;
  readonly syntax: RuleSyntax;
  readonly rule: string;
}

/** A request as it reaches an HTTP router. */
export interface SampleRequest {
  readonly method: string;
  /** With scheme and host. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Address and port. */
  readonly remoteAddr: string;
}

/** A connection as it reaches a TCP router. */
export interface SampleConnection {
  /** Empty for a connection without TLS. */
  readonly serverName: string;
  /** Address and port. */
  readonly remoteAddr: string;
  readonly alpn?: readonly string[];
}

/** Which of these does a router with this rule take? */
export type MatchQuestion =
  | (RuleQuestion & { readonly kind: 'http'; readonly requests: readonly SampleRequest[] })
  | (RuleQuestion & { readonly kind: 'tcp'; readonly connections: readonly SampleConnection[] });

/** Whether Traefik's routers take each rule. */
export function askRules(questions: readonly RuleQuestion[]): OracleAnswer[] {
  return ask(
    'rules',
    questions.map((question) => ({ op: 'rule', ...question })),
  );
}

/** Whether each rule matches each of its requests or connections; empty where it is refused. */
export function askMatches(questions: readonly MatchQuestion[]): boolean[][] {
  const answers = ask<OracleAnswer & { matches?: boolean[] }>(
    'rules',
    questions.map((question) => ({ op: 'match', ...question })),
  );
  return answers.map(({ matches }) => matches ?? []);
}

/** Whether the binary would start with each list of arguments, such as `--entryPoints.web.address=:8000`. */
export function askArguments(lists: readonly (readonly string[])[]): OracleAnswer[] {
  return ask(
    'arguments',
    lists.map((args) => ({ op: 'arguments', args })),
  );
}

/** An entry of a key-value store. */
interface StoredEntry {
  readonly key: string;
  readonly value: string;
}

/** What Traefik reads from each list of entries, as JSON; the error where it rejects them. */
export function askConfigurations(
  lists: readonly { readonly rootKey: string; readonly entries: readonly StoredEntry[] }[],
): (OracleAnswer & { readonly configuration?: object })[] {
  return ask(
    'configuration',
    lists.map((list) => ({ op: 'decode', ...list })),
  );
}

/** What one key of a store can hold, or what lies below it. */
export interface KnownOption {
  readonly kind: string;
  readonly mayBeEmpty?: boolean;
  readonly fields?: Readonly<Record<string, KnownOption>>;
  readonly item?: KnownOption;
}

/** Every option of dynamic configuration that Traefik knows. */
export function askOptions(): KnownOption {
  const [answer] = ask<{ options: KnownOption }>('configuration', [{ op: 'options' }]);
  if (answer === undefined) throw new Error('no answer');
  return answer.options;
}

const SOURCES = join(__dirname, '../upstream/oracle');
const PROGRAMS = join(CACHE, 'oracle');

type Program = 'rules' | 'arguments' | 'configuration';

function ask<Answer>(program: Program, questions: readonly object[]): Answer[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const run = spawnSync(build(program), { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`the oracle ${program} failed: ${run.stderr}`);
  const lines = run.stdout.split('\n').slice(0, -1);
  if (lines.length !== questions.length) throw new Error(`${lines.length} answers to ${questions.length} questions`);
  return lines.map((line) => JSON.parse(line) as Answer);
}

/** The path of the program, which is built if its sources have changed. */
function build(program: Program): string {
  const path = join(PROGRAMS, `${program}-${fingerprint()}`);
  if (existsSync(path)) return path;
  mkdirSync(PROGRAMS, { recursive: true });
  const workshop = mkdtempSync(join(PROGRAMS, 'build-'));
  try {
    const modules = program === 'arguments' ? [`-modfile=${withoutDnsProviders(SOURCES, workshop)}`] : [];
    // As the lab builds Traefik itself, so that neither compiles again what the other has.
    go(SOURCES, 'build', '-trimpath', '-buildvcs=false', ...modules, '-o', join(workshop, program), `./${program}`);
    renameSync(join(workshop, program), path);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return path;
}

/** Changes with whatever the programs are made of. */
function fingerprint(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /(?:\.go|go\.mod|go\.sum)$/.test(name)).sort()) {
    hash.update(file).update(readFileSync(join(SOURCES, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

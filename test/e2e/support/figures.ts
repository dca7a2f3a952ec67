import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../support/cache';

/** One line of the table of proofs: what was done, and what was seen. */
export interface Figure {
  readonly proof: string;
  readonly what: string;
  readonly failed?: string;
  readonly time?: string;
  readonly served?: string;
}

/** Where the figures of the last run are, a file for each suite, for the program that started it. */
const LAST = join(CACHE, 'figures');
const PROOF = join(__dirname, '../../../docs/proof.md');
const MARKS = ['<!-- figures -->', '<!-- end of figures -->'] as const;

/** The figures of a run, in the order of the proofs. */
export class Figures {
  private readonly figures: Figure[] = [];

  public add(figure: Figure): void {
    this.figures.push(figure);
  }

  /** Hands them to the program that started the run. */
  public save(suite: string): void {
    mkdirSync(LAST, { recursive: true });
    writeFileSync(join(LAST, `${suite}.json`), JSON.stringify(this.figures));
  }
}

/** Forgets the figures of the last run. */
export function clearFigures(): void {
  rmSync(LAST, { recursive: true, force: true });
}

/** The figures of the last run, suite by suite. */
export function lastFigures(suites: readonly string[]): Figure[] {
  const files = suites.map((suite) => join(LAST, `${suite}.json`)).filter((file) => existsSync(file));
  return files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Figure[]);
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ proof, what, failed = '', time = '', served = '' }) =>
    [proof, what, failed, time, served].map((cell) => cell.replaceAll('|', '\\|')),
  );
  const header = ['Proof', 'What was done', 'Failed requests', 'Time', 'Seen'];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Puts a table into docs/proof.md. */
export function writeProof(table: string): void {
  const text = readFileSync(PROOF, 'utf8');
  const [before, after] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  writeFileSync(PROOF, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`);
}

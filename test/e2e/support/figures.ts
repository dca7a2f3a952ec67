import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the table of proofs: what was done, and what was seen. */
interface Figure {
  readonly proof: string;
  readonly what: string;
  readonly failed?: string;
  readonly time?: string;
  readonly served?: string;
}

const PROOF = join(__dirname, '../../../docs/proof.md');
const MARKS = ['<!-- figures -->', '<!-- end of figures -->'] as const;

/** The figures of a run, in the order of the proofs. */
export class Figures {
  private readonly figures: Figure[] = [];

  public add(figure: Figure): void {
    this.figures.push(figure);
  }

  public get table(): string {
    const rows = this.figures.map(({ proof, what, failed = '', time = '', served = '' }) =>
      [proof, what, failed, time, served].map((cell) => cell.replaceAll('|', '\\|')),
    );
    const header = ['Proof', 'What was done', 'Failed requests', 'Time', 'Seen'];
    const widths = header.map((title, column) =>
      Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0), title.length),
    );
    const line = (cells: readonly string[]) =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
    return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
  }

  /** Puts the table into docs/proof.md. */
  public write(): void {
    const text = readFileSync(PROOF, 'utf8');
    const [before, after] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
    writeFileSync(PROOF, `${text.slice(0, before)}\n\n${this.table}\n\n${text.slice(after)}`);
  }
}

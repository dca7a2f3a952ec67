import type { Found, Status } from '../findings';
import { printDays } from '../limits';
import { printNode } from '../node';
import { type Report, summary, worstOf } from '../report';

/** Puts a text into a colour, or leaves it as it is. */
export type Paint = (style: 'green' | 'yellow' | 'red' | 'magenta' | 'bold' | 'dim', text: string) => string;

const STYLES = { ok: 'green', warning: 'yellow', critical: 'red', unknown: 'magenta' } as const;

const HEAD = ['HOST', 'NODE', 'EXPIRES', 'DAYS'];

interface Row {
  readonly cells: readonly string[];
  readonly status: Status;
  readonly text: string;
}

/** What people read: a line for each check, then what is said of hosts and of the cluster, then how many came to what. */
export function printTable(report: Report, paint: Paint): string {
  const rows: Row[] = [
    ...report.results.map(({ check, status, findings, certificate }) => {
      const days = certificate && printDays(certificate.notAfter.getTime() - report.checkedAt.getTime());
      const expires = certificate?.notAfter.toISOString().slice(0, 10) ?? '';
      const cells = [check.host, printNode(check.node), expires, days ?? ''];
      return { cells, status, text: textOf(status, findings) };
    }),
    ...report.remarks.map(({ host, findings }) => {
      const status = worstOf(findings);
      return { cells: [host ?? 'the cluster', '', '', ''], status, text: textOf(status, findings) };
    }),
  ];
  const widths = HEAD.map((name, column) =>
    rows.reduce((width, { cells }) => Math.max(width, cells[column]?.length ?? 0), name.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  return [
    paint('bold', `${line(HEAD)}  RESULT`),
    ...rows.map(({ cells, status, text }) => `${line(cells)}  ${paint(STYLES[status], status)}${text}`),
    paint('dim', `${summary(report)}, in ${report.seconds.toFixed(1)} s`),
    '',
  ].join('\n');
}

/** What is said behind the status, the worst first; what is less bad than that says so itself. */
function textOf(status: Status, findings: readonly Found[]): string {
  const of = (wanted: Status) => findings.filter(({ severity }) => severity === wanted);
  const ordered = [...of('critical'), ...of('warning'), ...of('unknown'), ...of('ok')];
  if (ordered.length === 0) return '';
  const texts = ordered.map(({ severity, message }) =>
    severity === status || severity === 'ok' ? message : `${severity}: ${message}`,
  );
  return `: ${texts.join('; ')}`;
}

import { EXIT_CODES, type Found, type Status, worst } from './findings';
import type { Result } from './judge';

/** What was found about a host, or about the cluster where `host` is undefined. */
export interface Remark {
  readonly host?: string;
  readonly findings: readonly Found[];
}

/** Everything that one run came to. */
export interface Report {
  readonly checkedAt: Date;
  /** How long it took. */
  readonly seconds: number;
  readonly results: readonly Result[];
  readonly remarks: readonly Remark[];
  /** The worst of all. */
  readonly status: Status;
}

export function makeReport(report: Omit<Report, 'status'>): Report {
  const remarked = report.remarks.flatMap(({ findings }) => findings.map(({ severity }) => severity));
  return { ...report, status: worst([...report.results.map(({ status }) => status), ...remarked]) };
}

export function exitCodeOf({ status }: Report): number {
  return EXIT_CODES[status];
}

/** How many checks came to what. */
export function counts({ results }: Report): Readonly<Record<Status, number>> {
  const all: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  for (const { status } of results) all[status] += 1;
  return all;
}

/** Such as `6 checks: 5 ok, 1 critical`. */
export function summary(report: Report): string {
  const all = counts(report);
  const parts = (Object.keys(all) as Status[])
    .filter((status) => all[status] > 0)
    .map((status) => `${all[status]} ${status}`);
  const { length } = report.results;
  return `${length} ${length === 1 ? 'check' : 'checks'}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

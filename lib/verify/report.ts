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
  const remarked = report.remarks.map(({ findings }) => worstOf(findings));
  return { ...report, status: worst([...report.results.map(({ status }) => status), ...remarked]) };
}

export function exitCodeOf({ status }: Report): number {
  return EXIT_CODES[status];
}

/** The worst of what was found. */
export function worstOf(findings: readonly Found[]): Status {
  return worst(findings.map(({ severity }) => severity));
}

/** How many checks, and remarks on hosts and the cluster, came to what. */
export function counts({ results, remarks }: Report): Readonly<Record<Status, number>> {
  const all: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  for (const { status } of results) all[status] += 1;
  for (const { findings } of remarks) all[worstOf(findings)] += 1;
  return all;
}

/** Such as `6 checks, 1 remark: 5 ok, 1 warning, 1 critical`. */
export function summary(report: Report): string {
  const all = counts(report);
  const parts = (Object.keys(all) as Status[])
    .filter((status) => all[status] > 0)
    .map((status) => `${all[status]} ${status}`);
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const { results, remarks } = report;
  const counted = [count(results.length, 'check'), ...(remarks.length > 0 ? [count(remarks.length, 'remark')] : [])];
  return `${counted.join(', ')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

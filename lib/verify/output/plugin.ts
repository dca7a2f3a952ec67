import type { Status } from '../findings';
import { type Limit, printDays } from '../limits';
import { printNode } from '../node';
import { counts, type Report, summary } from '../report';

/** How many findings one line names. */
const NAMED = 3;

/**
 * The one line that monitoring plugins print: status, what is wrong, and figures behind a bar.
 *
 * @see https://www.monitoring-plugins.org/doc/guidelines.html
 */
export function printPlugin(report: Report, limits: { readonly warning: Limit; readonly critical: Limit }): string {
  const wrong = [
    ...report.results.flatMap(({ check, findings }) =>
      findings.map((one) => ({ ...one, where: `${check.host} at ${printNode(check.node)}` })),
    ),
    ...report.remarks.flatMap(({ host, findings }) =>
      findings.map((one) => ({ ...one, where: host ?? 'the cluster' })),
    ),
  ].filter(({ severity }) => severity !== 'ok');
  const order: readonly Status[] = ['critical', 'warning', 'unknown'];
  wrong.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const named = wrong.slice(0, NAMED).map(({ where, message }) => `${where}: ${message}`);
  const more = wrong.length > NAMED ? [`${wrong.length - NAMED} more`] : [];
  const text = [summary(report), ...named, ...more].join('; ');
  return `TRAEFIK-HA ${report.status.toUpperCase()} - ${text.replaceAll('|', '/')} | ${figures(report, limits)}\n`;
}

/** The same of what came to no report: bad input, or a cluster that tells nothing. */
export function printUnknown(reasons: readonly string[]): string {
  return `TRAEFIK-HA UNKNOWN - ${reasons.join('; ').replaceAll('|', '/')}\n`;
}

/** A limit `20:` means that less than 20 is too few. */
function figures(report: Report, { warning, critical }: { readonly warning: Limit; readonly critical: Limit }): string {
  const all = counts(report);
  const expiries = report.results.flatMap(({ certificate }) => certificate?.notAfter.getTime() ?? []);
  const least = expiries.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) - report.checkedAt.getTime();
  const days = (limit: Limit) => ('days' in limit ? `${limit.days}:` : '');
  return [
    ...(Number.isFinite(least) ? [`days=${printDays(least, 2)};${days(warning)};${days(critical)}`] : []),
    `checks=${report.results.length}`,
    ...(['ok', 'warning', 'critical', 'unknown'] as const).map((status) => `${status}=${all[status]}`),
    `time=${report.seconds.toFixed(3)}s`,
  ].join(' ');
}

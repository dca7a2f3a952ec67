import {
  type Check,
  type HttpAnswer,
  isTraefikDefault,
  type Observed,
  type SeenCertificate,
  type Served,
} from './check';
import { type Found, found, type Status, worst } from './findings';
import { type Limits, printTime, timeLeft } from './limits';
import { reasonOfChain } from './reasons';
import { type Newest, newestByHost, type SameExpectations, sameFindings } from './same-certificate';

/** What is held against what was seen. */
export interface Expectations extends SameExpectations {
  readonly limits: Limits;
  /** What is asked by HTTP, and the statuses that are good. */
  readonly path?: string;
  readonly statuses: readonly [from: number, to: number];
  readonly hsts: boolean;
}

/** What came of one check. */
export interface Result {
  readonly check: Check;
  readonly status: Status;
  readonly findings: readonly Found[];
  readonly certificate?: SeenCertificate;
  readonly httpStatus?: number;
}

/** What came of each check; a pure function of what was seen. */
export function judge(observed: readonly Observed[], expectations: Expectations): Result[] {
  const newest = newestByHost(observed);
  return observed.map(({ check, observation }) => {
    const findings =
      observation.kind === 'served'
        ? servedFindings(check, observation, newest.get(check.host), expectations)
        : [found('critical', observation.kind, observation.reason)];
    const page = observation.kind === 'served' ? observation.page : undefined;
    return {
      check,
      status: worst(findings.map(({ severity }) => severity)),
      findings,
      certificate: observation.kind === 'served' ? observation.certificate : undefined,
      httpStatus: page && 'status' in page ? page.status : undefined,
    };
  });
}

function servedFindings(
  check: Check,
  observation: Served,
  newest: Newest | undefined,
  expectations: Expectations,
): Found[] {
  const http = check.isHttp ? httpFindings(observation, expectations) : [];
  // It names no host, is trusted by nobody, and differs from node to node: one line says all of that.
  if (isTraefikDefault(observation.certificate)) return [found('critical', 'default-certificate'), ...http];
  return [
    ...nameFindings(observation),
    ...chainFindings(observation, expectations),
    ...dateFindings(observation.certificate, expectations),
    ...sameFindings(check, observation, newest, expectations),
    ...http,
  ];
}

function nameFindings({ coversHost, certificate: { names, subject } }: Served): Found[] {
  if (coversHost) return [];
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return [found('critical', 'name', shown.join(', ') || subject || 'nobody')];
}

function chainFindings({ chainError, certificate }: Served, { now }: Expectations): Found[] {
  if (chainError === undefined) return [];
  // Said of the certificate itself already.
  const isOutOfTime = now >= certificate.notAfter || now < certificate.notBefore;
  if (isOutOfTime && /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(chainError)) return [];
  return [found('critical', 'chain', reasonOfChain(chainError), certificate.issuer)];
}

function dateFindings({ notBefore, notAfter }: SeenCertificate, { now, limits }: Expectations): Found[] {
  const left = notAfter.getTime() - now.getTime();
  if (left <= 0) return [found('critical', 'expired', printTime(-left))];
  const early = notBefore.getTime() - now.getTime();
  if (early > 0) return [found('critical', 'not-yet-valid', printTime(early))];
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const severity = (['critical', 'warning'] as const).find((level) => left < timeLeft(limits, level, lifetime));
  return severity === undefined ? [] : [found(severity, 'expiring', printTime(left))];
}

function httpFindings({ page, redirect }: Served, { path, statuses, hsts }: Expectations): Found[] {
  return [...pageFindings(page, path ?? '/', statuses, hsts), ...redirectFindings(redirect)];
}

function pageFindings(
  page: HttpAnswer | undefined,
  path: string,
  [from, to]: Expectations['statuses'],
  hsts: boolean,
): Found[] {
  if (page === undefined) return [];
  if ('reason' in page) return [found('critical', 'http-failed', path, page.reason)];
  const isGood = page.status >= from && page.status <= to;
  return [
    ...(isGood
      ? []
      : [found('critical', 'http-status', path, String(page.status), from === to ? `${from}` : `${from}-${to}`)]),
    ...(hsts && !isHsts(page.hsts) ? [found('critical', 'hsts')] : []),
  ];
}

/** With a time of zero browsers forget it. */
function isHsts(header: string | undefined): boolean {
  const [, seconds = '0'] = /(?:^|;)\s*max-age\s*=\s*"?(\d+)/i.exec(header ?? '') ?? [];
  return Number(seconds) > 0;
}

function redirectFindings(redirect: HttpAnswer | undefined): Found[] {
  if (redirect === undefined) return [];
  if ('reason' in redirect) return [found('critical', 'redirect-failed', redirect.reason)];
  const { status, location = '' } = redirect;
  const isRedirect = [301, 302, 303, 307, 308].includes(status) && location.toLowerCase().startsWith('https://');
  return isRedirect
    ? []
    : [found('critical', 'redirect', location === '' ? String(status) : `${status} to ${location}`)];
}

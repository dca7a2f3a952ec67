/** How bad it is, as monitoring plugins have it. */
export type Status = 'ok' | 'warning' | 'critical' | 'unknown';

/**
 * Everything that can be said of a node, a host or a cluster; `docs/verify.md` has the cause and the remedy of each.
 * What is said of one check stands first.
 */
export const MESSAGES = {
  unresolved: (reason: string) => `no address: ${reason}`,
  unreachable: (reason: string) => `not reachable: ${reason}`,
  'no-tls': (reason: string) => `no TLS: ${reason}`,
  'default-certificate': () => "Traefik's default certificate",
  name: (names: string) => `the certificate is for ${names} only`,
  chain: (reason: string, issuer: string) => `not trusted: ${reason} (issuer ${issuer})`,
  'not-yet-valid': (time: string) => `valid only in ${time}`,
  expired: (time: string) => `expired ${time} ago`,
  expiring: (time: string) => `expires in ${time}`,
  differs: (node: string, time: string) => `differs from ${node}, whose certificate was issued ${time} ago`,
  expected: (source: string, time: string) => `not the certificate of ${source}, which was issued ${time} ago`,
  'http-failed': (path: string, reason: string) => `GET ${path}: ${reason}`,
  'http-status': (path: string, status: string, good: string) => `GET ${path}: status ${status}, and not ${good}`,
  hsts: () => 'no Strict-Transport-Security',
  'redirect-failed': (reason: string) => `no redirect: ${reason}`,
  redirect: (status: string) => `no redirect to HTTPS: status ${status}`,
  'no-nodes': () => 'nothing says which nodes serve it',
  'dns-none': () => 'DNS knows no address of it',
  'dns-failed': (reason: string) => `DNS does not answer: ${reason}`,
  'dns-missing': (addresses: string) => `DNS lacks ${addresses}`,
  'dns-extra': (addresses: string) => `DNS also has ${addresses}, which nothing declares`,
  'secret-unreadable': (secret: string, reason: string) => `Secret ${secret} cannot be read: ${reason}`,
  'secret-missing': (secret: string) => `Secret ${secret} holds no certificate`,
  'crds-missing': (names: string, version: string) => `Traefik ${version} needs kinds that are not defined: ${names}`,
  'crds-version': (crds: string, version: string) =>
    `kinds of Traefik ${crds} are defined, and Traefik ${version} runs`,
  'crds-unreadable': (reason: string) => `the definitions of Traefik's kinds cannot be read: ${reason}`,
  'version-unknown': (image: string) => `the image ${image} does not tell the version of Traefik`,
} as const satisfies Record<string, (...values: string[]) => string>;

export type CheckName = keyof typeof MESSAGES;

/** One thing that was found. */
export interface Found {
  readonly check: CheckName;
  readonly severity: Status;
  readonly message: string;
}

export function found<Name extends CheckName>(
  severity: Status,
  check: Name,
  ...values: Parameters<(typeof MESSAGES)[Name]>
): Found {
  const message = (MESSAGES[check] as (...texts: string[]) => string)(...values);
  // Names in certificates and reasons of servers are free texts.
  return { check, severity, message: message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ') };
}

const WORST: readonly Status[] = ['critical', 'warning', 'unknown', 'ok'];

/** The worst of all. */
export function worst(statuses: readonly Status[]): Status {
  return WORST.find((status) => statuses.includes(status)) ?? 'ok';
}

/** What monitoring systems read. */
export const EXIT_CODES: Readonly<Record<Status, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

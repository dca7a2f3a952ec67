import { domainToASCII } from 'node:url';
import type { Finding } from './problem';
import { hasToken } from './token';

/**
 * `text` as a certificate and a resolver write it: ASCII (IDNA), lower case, no trailing dot.
 * A name that has no ASCII form is returned lower-cased, and {@link hostFindings} refuses it.
 */
export function canonicalHost(text: string): string {
  const host = text.toLowerCase();
  if (isAscii(host)) return withoutDot(host);
  const wildcard = host.startsWith('*.');
  const name = wildcard ? host.slice(2) : host;
  const ascii = HOST_AND_MORE.test(name) ? '' : domainToASCII(name);
  if (ascii === '') return withoutDot(host);
  return withoutDot(wildcard ? `*.${ascii}` : ascii);
}

/** Whether `host` stands for every name one label below: `*.example.com`. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*.');
}

/** The label that stands for any name below a wildcard. */
const ANY_LABEL = 'traefik-ha-verify';

/** The name that is asked for where `host` is meant: a wildcard is no name that a client can ask for. */
export function askedName(host: string): string {
  return isWildcard(host) ? `${ANY_LABEL}${host.slice(1)}` : host;
}

/** Whether `pattern` answers for `host`: they are equal, or `pattern` is a wildcard and `host` one label below it. */
export function covers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  return isWildcard(pattern) && !isWildcard(host) && host.slice(host.indexOf('.')) === pattern.slice(1);
}

/** What stands in no host name, but at which the conversion would cut the name off or pass over it. */
const HOST_AND_MORE = /[^\w.\u0080-\uffff-]/;

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * `hosts` as one certificate holds them: sorted, once each, and without those that a wildcard among them covers, which
 * Let's Encrypt refuses as redundant.
 */
export function certificateNames(hosts: readonly string[]): string[] {
  const names = new Set(hosts);
  return [...names].filter((name) => isWildcard(name) || !names.has(`*${name.slice(name.indexOf('.'))}`)).sort();
}

/**
 * What keeps `host` (canonical) from being a name that a public CA certifies and a resolver asks for:
 * HOST-01 where it is no host name at all, HOST-02 where a `*` is anything but the whole first label.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1123#section-2.1
 */
export function hostFindings(host: string): Finding[] {
  if (hasToken(host)) return [];
  const name = isWildcard(host) ? host.slice(2) : host;
  if (name.includes('*')) {
    return [
      {
        code: 'HOST-02',
        value: host,
        message: 'a wildcard is one whole label, the first one',
        fix: 'Write *.example.com, or list the names',
      },
    ];
  }
  const labels = name.split('.');
  const valid = host.length <= 253 && labels.length > 1 && labels.every((label) => LABEL.test(label));
  if (valid && !/^\d+$/.test(labels.at(-1) ?? '')) return [];
  return [
    {
      code: 'HOST-01',
      value: host,
      message: 'not a fully qualified host name',
      fix: host.includes('/')
        ? 'Leave out the scheme, the port and the path'
        : 'Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com',
    },
  ];
}

/** Of two dots at the end none is taken, so that the name stays refused however often it is asked for. */
function withoutDot(host: string): string {
  return host.replace(/(?<!\.)\.$/, '');
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

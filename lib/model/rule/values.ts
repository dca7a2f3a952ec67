import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Finding } from '../problem';
import { hasToken } from '../token';
import { regexpFault } from './regexp';
import { templateFault } from './template';

/**
 * What a value of a matcher must be. The kinds that begin with `exact` and those that end in `Template` are those of
 * v2 rules, where `{name:regexp}` is a pattern and `*.` has no meaning.
 */
export type ValueKind =
  | 'text'
  | 'host'
  | 'exactHost'
  | 'hostRegexp'
  | 'hostTemplate'
  | 'serverName'
  | 'exactServerName'
  | 'serverNameTemplate'
  | 'path'
  | 'pathTemplate'
  | 'regexp'
  | 'network'
  | 'protocol';

/**
 * Why Traefik refuses `value`, if it does: RULE-05 in general, RULE-06 for a host that is not ASCII, and RULE-09 for a
 * v2 host that v3 syntax would take for something else.
 */
export function valueFinding(kind: ValueKind, value: string): Finding | undefined {
  switch (kind) {
    case 'text':
      return undefined;
    case 'host':
      return nonAsciiFinding(value);
    case 'exactHost':
      return nonAsciiFinding(value) ?? (value.startsWith('*') ? v2WildcardFinding(value) : undefined);
    case 'hostRegexp':
      return nonAsciiFinding(value) ?? regexpFinding(value, regexpFault(value));
    case 'hostTemplate':
      return nonAsciiFinding(value) ?? templateFinding(value, templateFault(value, 'strict'));
    case 'serverName':
      return value === '*' ? undefined : serverNameFinding(value, SERVER_NAME);
    case 'exactServerName':
      return value === '*' ? undefined : serverNameFinding(value, EXACT_SERVER_NAME);
    case 'serverNameTemplate':
      return nonAsciiFinding(value) ?? templateFinding(value, templateFault(value, 'lenient'));
    case 'path':
      return pathFinding(value);
    case 'pathTemplate':
      return pathFinding(value) ?? templateFinding(value, templateFault(value, 'strict'));
    case 'regexp':
      return regexpFinding(value, regexpFault(value));
    case 'network':
      return networkFinding(value);
    case 'protocol':
      return protocolFinding(value);
  }
}

/** `name` in the form that DNS and Traefik know, lower case; as given where it is ASCII already or has no such form. */
export function asciiHost(name: string): string {
  return (isAscii(name) || HOST_AND_MORE.test(name) ? name : domainToASCII(name) || name).toLowerCase();
}

/** What stands in no host name, but at which the conversion would cut the name off or pass over it. */
const HOST_AND_MORE = /[^\w.*\u0080-\uffff-]/;

/** Letters, digits, `_`, `-`, `.` and the colons of an IPv6 address: what Traefik takes for a server name. */
const EXACT_SERVER_NAME = /^[\w.:-]+$/;
const SERVER_NAME = /^(?:\*\.)?[\w.:-]+$/;

function nonAsciiFinding(value: string): Finding | undefined {
  if (isAscii(value)) return undefined;
  const ascii = asciiHost(value);
  const fix = isAscii(ascii) ? `Write ${ascii}` : 'Write its ASCII form, in which each such label begins with xn--';
  return { code: 'RULE-06', value, message: 'Traefik compares hosts in ASCII only', fix };
}

function v2WildcardFinding(value: string): Finding {
  const rest = value.replace(/^\*+/, '');
  return {
    code: 'RULE-09',
    value,
    message: 'in v2 syntax * is a character like any other, so that no request has this host',
    fix: `Write HostRegexp(\`{label:${rest === '' ? '.+' : '[^.]+'}}${rest}\`), or use v3 syntax`,
  };
}

function serverNameFinding(value: string, legal: RegExp): Finding | undefined {
  if (legal.test(value)) return undefined;
  const message = 'a server name consists of ASCII letters, digits, hyphens, underscores, dots and colons';
  return nonAsciiFinding(value) ?? { code: 'RULE-05', value, message, fix: 'Write one host name, or * for every one' };
}

function pathFinding(value: string): Finding | undefined {
  if (hasToken(value.split('/')[0] ?? '')) return undefined;
  if (value.startsWith('/')) return undefined;
  return { code: 'RULE-05', value, message: 'a path begins with a slash', fix: `Write /${value}` };
}

function regexpFinding(value: string, fault: string | undefined): Finding | undefined {
  if (fault === undefined) return undefined;
  return { code: 'RULE-05', value, message: `the regular expression ${fault}`, fix: REGEXP_FIX };
}

function templateFinding(value: string, fault: string | undefined): Finding | undefined {
  if (fault === undefined) return undefined;
  const fix = 'Write each variable part as {name} or {name:regexp}, and the regexp in the RE2 syntax of Go';
  return { code: 'RULE-05', value, message: `the template ${fault}`, fix };
}

function networkFinding(value: string): Finding | undefined {
  if (isNetwork(value) || hasToken(value)) return undefined;
  const message = 'this is neither an IP address nor a range of them in CIDR notation';
  return { code: 'RULE-05', value, message, fix: 'Write it like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32' };
}

function isNetwork(value: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d+))?$/.exec(value) ?? [];
  if (isIPv4(address)) return Number(bits ?? 0) <= 32;
  return isIPv6(address) && !address.includes('%') && Number(bits ?? 0) <= 128;
}

function protocolFinding(value: string): Finding | undefined {
  if (value !== 'acme-tls/1') return undefined;
  const message = 'Traefik keeps this protocol for the TLS-ALPN-01 challenge';
  return { code: 'RULE-05', value, message, fix: 'Leave the matcher out: the challenge is answered without a router' };
}

const REGEXP_FIX = 'Write it in the RE2 syntax of Go, https://github.com/google/re2/wiki/Syntax';

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

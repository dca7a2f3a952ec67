import { isIP, isIPv6 } from 'node:net';
import { canonicalHost, hostFindings } from '../model/host';
import type { Finding } from '../model/problem';

/** Where Traefik is asked, as it was written: an address or a name, with or without a port. */
export interface NodeAddress {
  /** An IPv4 or IPv6 address, or a name that stands for every address that it has. */
  readonly host: string;
  /** Undefined for the port that is asked unless one is said. */
  readonly port?: number;
  /** What an address is called, such as by the name of the machine. */
  readonly name?: string;
}

/** One place that is asked. */
export interface Node {
  /** Undefined where a name has none. */
  readonly address: string | undefined;
  readonly port: number;
  /** The name that the address was found by, or that of a pod or machine. */
  readonly name?: string;
  /** Why a name has no address, where it is not that nobody knows it. */
  readonly reason?: string;
}

/** The port that browsers ask. */
export const HTTPS_PORT = 443;

/** A node as it was written; VERIFY-01 where it is none. */
export function parseNode(text: string): { readonly node: NodeAddress } | { readonly findings: readonly Finding[] } {
  // Addresses of that form (RFC 4291, 2.5.5.1) lead nowhere any more.
  const [, short, likelyPort] = /^(::[0-9a-f]{1,4}):(\d{1,4})$/i.exec(text) ?? [];
  if (short !== undefined) return noNode(text, `Write [${short}]:${likelyPort}, or [${text}] for the address`);
  const [, bracketed, open, port] =
    /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d+))?$/.exec(isIPv6(text) ? `[${text}]` : text) ?? [];
  const host = bracketed ?? canonicalHost(open ?? '');
  const number = port === undefined ? undefined : Number(port);
  const isHost = bracketed === undefined ? isIP(host) === 4 || isName(host) : isIPv6(host);
  if (isHost && (number === undefined || isPort(number))) return { node: { host, port: number } };
  return noNode(text, 'Write 10.0.0.1, 10.0.0.1:8443, 2001:db8::1, [2001:db8::1]:8443 or the name of a machine');
}

function noNode(value: string, fix: string) {
  return { findings: [{ code: 'VERIFY-01', value, message: 'not the address of a node', fix }] };
}

/** The name of a machine need not be a public one: `node-1` and `localhost` are found by the system as well. */
function isName(host: string): boolean {
  return !host.includes('*') && hostFindings(host.includes('.') ? host : `${host}.machine`).length === 0;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

/** `node` as people write it: the port only where it is not that of browsers. */
export function printNode({ address, port, name }: Node): string {
  if (address === undefined) return portedName(name ?? '', port);
  const host = isIPv6(address) && port !== HTTPS_PORT ? `[${address}]` : address;
  return `${portedName(host, port)}${name === undefined ? '' : ` (${name})`}`;
}

function portedName(host: string, port: number): string {
  return port === HTTPS_PORT ? host : `${host}:${port}`;
}

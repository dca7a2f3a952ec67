import { isIP, isIPv6 } from 'node:net';
import { type Found, found } from './findings';
import type { NodeAddress } from './node';

/** What DNS says of a name: all its addresses, or why it says nothing. */
export type DnsAnswer = { readonly addresses: readonly string[] } | { readonly reason: string };

/**
 * Whether DNS sends clients to the nodes that are declared to serve a host.
 *
 * @param answer what DNS says of the host
 * @param declared the nodes of the host, as they are declared
 * @param namedAddresses the addresses of those that are declared by name, of which DNS may give any
 */
export function dnsFindings(
  answer: DnsAnswer,
  declared: readonly NodeAddress[],
  namedAddresses: readonly string[],
): Found[] {
  if ('reason' in answer) return [found('unknown', 'dns-failed', answer.reason)];
  if (answer.addresses.length === 0) return [found('critical', 'dns-none')];
  if (declared.length === 0) return [];
  const inDns = new Set(answer.addresses.map(canonicalAddress));
  const fixed = new Set(declared.flatMap(({ host }) => (isIP(host) === 0 ? [] : canonicalAddress(host))));
  const known = new Set([...fixed, ...namedAddresses.map(canonicalAddress)]);
  const missing = [...fixed].filter((address) => !inDns.has(address));
  const extra = [...inDns].filter((address) => !known.has(address));
  // What a name stands for may change from answer to answer: one in common will do.
  const isOfName = namedAddresses.some((address) => inDns.has(canonicalAddress(address)));
  return [
    ...(missing.length > 0 ? [found('warning', 'dns-missing', missing.join(', '))] : []),
    ...(extra.length > 0 && !isOfName ? [found('critical', 'dns-extra', extra.join(', '))] : []),
  ];
}

/** In the one spelling that addresses are compared in. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) && !address.includes('%') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

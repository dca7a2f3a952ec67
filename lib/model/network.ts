import { BlockList, isIP } from 'node:net';
import type { Finding } from './problem';

/** 4, 6, or 0 for what is no address; one with a zone (`fe80::1%eth0`) means nothing elsewhere. */
export function familyOf(address: string): number {
  return address.includes('%') ? 0 : isIP(address);
}

/** LB-02 for each of `values`, given as `property`, that is no network in CIDR notation. */
export function networkFindings(property: string, values: readonly string[]): Finding[] {
  return values
    .filter((value) => !isNetwork(value))
    .map((value) => ({
      code: 'LB-02',
      value,
      message: `${property} holds networks in CIDR notation`,
      fix: 'Write 10.0.0.0/16 or 2001:db8::/32',
    }));
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = familyOf(address);
  return (
    family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix ?? '') && Number(prefix) <= (family === 4 ? 32 : 128)
  );
}

/** Whether two networks have addresses in common; what is no network has none. */
export function overlap(one: string, other: string): boolean {
  return isNetwork(one) && isNetwork(other) && (contains(one, other) || contains(other, one));
}

/** Whether `network` holds the first address of `other`. */
function contains(network: string, other: string): boolean {
  const [[address = '', prefix], [first = '']] = [network.split('/'), other.split('/')];
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), familyName(address));
  return list.check(first, familyName(first));
}

function familyName(address: string): 'ipv4' | 'ipv6' {
  return familyOf(address) === 4 ? 'ipv4' : 'ipv6';
}

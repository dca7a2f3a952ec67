import { isIP } from 'node:net';
import { askedName } from '../../model/host';
import type { Check } from '../check';
import type { Declaration } from '../declaration';
import { canonicalAddress, dnsFindings } from '../dns-agreement';
import { found } from '../findings';
import type { Node, NodeAddress } from '../node';
import type { Remark } from '../report';
import type { Names } from './resolve';

/** What is to be asked, and what turned out to be wrong before. */
export interface Plan {
  readonly checks: readonly Check[];
  readonly remarks: readonly Remark[];
}

export interface PlanOptions {
  readonly names: Names;
  /** The port of nodes that say none. */
  readonly port: number;
  /** Whether the addresses that DNS has for a host are asked as well, and compared with those that are declared. */
  readonly dns: boolean;
}

/** Each host at each of its nodes, with names taken for the addresses that they have now. */
export async function plan({ hosts, nodes }: Declaration, { names, port, dns }: PlanOptions): Promise<Plan> {
  const planned = await Promise.all(
    hosts.map(async ({ host, nodes: own, isHttp }) => {
      const declared = own.length > 0 ? own : nodes;
      const places = (await Promise.all(declared.map((node) => placesOf(node, names, port)))).flat();
      const remarks: Remark[] = [];
      if (dns) {
        const answer = await names.answer(askedName(host));
        const answers = await Promise.all(declared.filter(isNamed).map(({ host: name }) => names.addressesOf(name)));
        const named = answers.flatMap((one) => ('addresses' in one ? one.addresses : []));
        const findings = dnsFindings(answer, declared, named);
        if (findings.length > 0) remarks.push({ host, findings });
        const known = new Set(places.map(({ address = '' }) => canonicalAddress(address)));
        const more = 'addresses' in answer ? answer.addresses.filter((one) => !known.has(canonicalAddress(one))) : [];
        places.push(...more.map((address) => ({ address, port })));
      } else if (places.length === 0) remarks.push({ host, findings: [found('unknown', 'no-nodes')] });
      return { checks: unique(places).map((node): Check => ({ host, node, isHttp })), remarks };
    }),
  );
  return { checks: planned.flatMap((one) => one.checks), remarks: planned.flatMap((one) => one.remarks) };
}

function isNamed({ host }: NodeAddress): boolean {
  return isIP(host) === 0;
}

async function placesOf({ host, port, name }: NodeAddress, names: Names, otherwise: number): Promise<Node[]> {
  const at = { port: port ?? otherwise };
  if (isIP(host) !== 0) return [{ ...at, address: host, name }];
  const answer = await names.addressesOf(host);
  if ('reason' in answer) return [{ ...at, address: undefined, name: host, reason: answer.reason }];
  return answer.addresses.length === 0
    ? [{ ...at, address: undefined, name: host }]
    : answer.addresses.map((address) => ({ ...at, address, name: host }));
}

/** An address that is declared, and in DNS as well, is asked once. */
function unique(nodes: readonly Node[]): Node[] {
  const seen = new Map<string, Node>();
  for (const node of nodes) {
    const key = node.address === undefined ? `${node.name}` : `${canonicalAddress(node.address)} ${node.port}`;
    if (!seen.has(key)) seen.set(key, node);
  }
  return [...seen.values()];
}

import { networkFindings } from '../model/network';
import type { Finding } from '../model/problem';

/** How the client's address reaches Traefik through a load balancer that ends connections. */
export type ClientAddress =
  /** The load balancer leaves the address of packets alone; nothing a client writes is believed. */
  | { readonly by: 'packet' }
  /** The load balancer writes the PROXY protocol in front; only what comes from `trusted` is believed. */
  | { readonly by: 'proxy-protocol'; readonly trusted: readonly string[] }
  /** The load balancer speaks HTTP and sets X-Forwarded-For; only what comes from `trusted` is believed. */
  | { readonly by: 'forwarded-headers'; readonly trusted: readonly string[] };

/** What keeps an address from being believed safely: LB-02 no network, LB-03 nobody trusted, LB-04 everybody. */
export function trustFindings(clientAddress: ClientAddress | undefined): Finding[] {
  if (clientAddress === undefined || clientAddress.by === 'packet') return [];
  const { by, trusted } = clientAddress;
  if (trusted.length === 0) {
    return [
      {
        code: 'LB-03',
        value: by,
        message: 'nobody is trusted, so the header would be thrown away and the address lost',
        fix: 'Give the networks that the load balancer sends from, such as 10.0.0.0/16',
      },
    ];
  }
  const everyone = trusted.filter((cidr) => /\/0+$/.test(cidr));
  return [
    ...networkFindings('trusted', trusted),
    ...everyone.map((cidr) => ({
      code: 'LB-04',
      value: cidr,
      message: 'everyone is trusted, so any client could write whose address it likes',
      fix: 'Give the networks that the load balancer sends from, such as 10.0.0.0/16',
    })),
  ];
}

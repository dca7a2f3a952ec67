import { route53Provider } from '../aws/route53-provider';
import type { DnsProvider as Provider } from '../dns/provider';
import { rfc2136Provider } from '../dns/rfc2136-provider';

/** Where external-dns writes records. */
export type DnsProvider = Provider;

/** The providers to choose from. */
export const DnsProvider = {
  /** Route 53, with a policy for exactly the zones that are given to `ExternalDns`. */
  route53: (props: Parameters<typeof route53Provider>[0] = {}): DnsProvider => route53Provider(props),

  /** A DNS server that takes dynamic updates. */
  rfc2136: (props: Parameters<typeof rfc2136Provider>[0]): DnsProvider => rfc2136Provider(props),
} as const;

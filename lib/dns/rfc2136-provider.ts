import { isIP } from 'node:net';
import { canonicalHost, hostFindings } from '../model/host';
import type { SecretKey } from '../model/issuer';
import { secretKeyFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { tsigKeyFindings } from '../model/tsig';
import type { DnsProvider } from './provider';

/** A DNS server that takes dynamic updates, such as BIND, Knot or PowerDNS. */
export interface Rfc2136ProviderProps {
  /** The server, by name or address. */
  readonly host: string;
  /**
   * Its port.
   * @default 53
   */
  readonly port?: number;
  /** The TSIG key that signs updates and transfers; its Secret is in the namespace of external-dns. */
  readonly tsig: {
    readonly keyName: string;
    /** @default 'hmac-sha512' */
    readonly algorithm?: 'hmac-sha512' | 'hmac-sha256' | 'hmac-sha1';
    readonly secret: SecretKey;
  };
}

/**
 * Writes by dynamic update and reads by zone transfer, both signed: without a transfer nothing could ever be removed.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/v0.22.0/docs/tutorials/rfc2136/
 */
export function rfc2136Provider({ host, port = 53, tsig }: Rfc2136ProviderProps): DnsProvider {
  return {
    configure: ({ zones }) => ({
      arguments: [
        '--provider=rfc2136',
        `--rfc2136-host=${isIP(host) === 0 ? canonicalHost(host) : host}`,
        `--rfc2136-port=${port}`,
        ...zones.map(({ name }) => `--rfc2136-zone=${name}`).sort(),
        `--rfc2136-tsig-keyname=${tsig.keyName}`,
        `--rfc2136-tsig-secret-alg=${tsig.algorithm ?? 'hmac-sha512'}`,
        '--rfc2136-axfr',
      ],
      env: [
        {
          name: 'EXTERNAL_DNS_RFC2136_TSIG_SECRET',
          valueFrom: { secretKeyRef: { name: tsig.secret.secretName, key: tsig.secret.key } },
        },
      ],
      accountAnnotations: {},
      findings: [
        ...serverFindings(host, port),
        ...tsigKeyFindings(tsig.keyName),
        ...secretKeyFindings('tsig.secret', tsig.secret),
      ],
    }),
  };
}

function serverFindings(host: string, port: number): Finding[] {
  const known = isIP(host) !== 0 || hostFindings(canonicalHost(host)).length === 0;
  if (known && Number.isInteger(port) && port > 0 && port < 65536) return [];
  return [
    {
      code: 'DNS-11',
      value: `${host}:${port}`,
      message: 'not a server and a port that updates can be sent to',
      fix: "Write host: 'ns1.example.com' or an address, and a port from 1 to 65535",
    },
  ];
}

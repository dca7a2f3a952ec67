import { isIPv4, isIPv6 } from 'node:net';
import type { Duration } from 'cdk8s';
import type { SecretKey, Solver, SolverScope } from '../model/issuer';
import { referenceFindings, secretKeyFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { tsigKeyFindings } from '../model/tsig';
import { type HostedZone, zoneFindings } from '../model/zone';

/** What every solver can be told. */
export interface SolverProps {
  /**
   * The zones that it answers for. cert-manager takes the solver whose zone is the longest that holds a name.
   * @default - every name that no other solver is closer to
   */
  readonly zones?: readonly HostedZone[];
  /**
   * Waits that long and then asks the CA, instead of first looking for the challenge from inside the cluster:
   * for split-horizon DNS and NAT without hairpinning, where that look can never succeed. From 0.
   * @default - cert-manager looks first, which spares failed validations
   * @see https://cert-manager.io/docs/configuration/acme/
   */
  readonly waitInsteadOfSelfCheck?: Duration;
}

/** HTTP-01 through the edge itself. */
export interface Http01Props extends SolverProps {
  /**
   * The IngressClass of the Traefik that answers for the hosts.
   * @default 'traefik' - the class of a TraefikHA whose id is `traefik`
   */
  readonly ingressClass?: string;
}

/** What every solver by DNS-01 can be told. */
export interface Dns01Props extends SolverProps {
  /**
   * The zone that is written to in place of `zones`: the name `_acme-challenge.shop.example.com` is a CNAME to
   * `_acme-challenge.shop.example.com.<this zone>`, so that nothing needs access to the zones themselves. The CNAMEs that
   * have to be there are written to `dist/dns/`.
   * @default - the zones are written to
   * @see https://cert-manager.io/docs/configuration/acme/dns01/#delegated-domains-for-dns01
   */
  readonly delegatedTo?: HostedZone;
}

/** DNS-01 at Cloudflare. */
export interface CloudflareProps extends Dns01Props {
  /** The API token: Zone:Read and DNS:Edit for the zones. In the namespace of the issuer's Secrets. */
  readonly apiToken: SecretKey;
}

/** DNS-01 at a server that takes dynamic updates, such as BIND, Knot or PowerDNS. */
export interface Rfc2136Props extends Dns01Props {
  /** The server: an IP address, with `:port` where it is not 53; an IPv6 address in brackets. */
  readonly nameserver: string;
  /** The TSIG key that signs updates; its Secret is in the namespace of the issuer's Secrets. */
  readonly tsig: {
    readonly keyName: string;
    /** @default 'HMACSHA512' */
    readonly algorithm?: 'HMACSHA512' | 'HMACSHA256' | 'HMACSHA1' | 'HMACMD5';
    readonly secret: SecretKey;
  };
}

/**
 * How the CA is shown that the names are yours. For Route 53 there is `Route53DnsChallengeIam.solver`.
 *
 * @see https://letsencrypt.org/docs/challenge-types/
 */
export const AcmeSolver = {
  /**
   * A file under the host's own name, served through the edge. Needs no access to DNS, but port 80 open to the world,
   * names that point here already, and no wildcards (CERT-02).
   */
  http01(props: Http01Props = {}): Solver {
    const ingressClass = props.ingressClass ?? 'traefik';
    return {
      entries: [
        {
          ...scopeOf('http01', props),
          ingressClass,
          // ClusterIP: the challenge is reached through Traefik, so no node port has to be opened.
          config: {
            http01: { ingress: { ingressClassName: ingressClass, serviceType: 'ClusterIP' } },
            ...selfCheck(props),
          },
        },
      ],
      findings: [...zoneFindings(props.zones ?? []), ...referenceFindings('ingressClass', ingressClass)],
    };
  },

  /** A TXT record at Cloudflare. */
  cloudflare(props: CloudflareProps): Solver {
    const { secretName, key } = props.apiToken;
    return {
      entries: [
        {
          ...dns01ScopeOf(props),
          config: {
            dns01: { ...following(props), cloudflare: { apiTokenSecretRef: { name: secretName, key } } },
            ...selfCheck(props),
          },
        },
      ],
      findings: [...dns01Findings(props), ...secretKeyFindings('apiToken', props.apiToken)],
    };
  },

  /** A TXT record by dynamic update (RFC 2136). Reports ISSUER-06 where the server is no address. */
  rfc2136(props: Rfc2136Props): Solver {
    const { keyName, algorithm = 'HMACSHA512', secret } = props.tsig;
    const rfc2136 = {
      nameserver: props.nameserver,
      tsigKeyName: keyName,
      tsigAlgorithm: algorithm,
      tsigSecretSecretRef: { name: secret.secretName, key: secret.key },
    };
    return {
      entries: [{ ...dns01ScopeOf(props), config: { dns01: { ...following(props), rfc2136 }, ...selfCheck(props) } }],
      findings: [
        ...dns01Findings(props),
        ...nameserverFindings(props.nameserver),
        ...tsigKeyFindings(keyName),
        ...secretKeyFindings('tsig.secret', secret),
      ],
    };
  },
} as const;

function scopeOf(challenge: SolverScope['challenge'], { zones }: SolverProps): SolverScope {
  return { challenge, zones: zones && zones.length > 0 ? zones : undefined };
}

function dns01ScopeOf(props: Dns01Props): SolverScope {
  const { delegatedTo } = props;
  return { ...scopeOf('dns01', props), ...(delegatedTo ? { delegatedTo } : {}) };
}

function following({ delegatedTo }: Dns01Props): { cnameStrategy?: 'Follow' } {
  return delegatedTo ? { cnameStrategy: 'Follow' } : {};
}

function dns01Findings({ zones = [], delegatedTo }: Dns01Props): Finding[] {
  return [...zoneFindings(zones), ...(delegatedTo ? zoneFindings([delegatedTo]) : [])];
}

function selfCheck({ waitInsteadOfSelfCheck }: SolverProps): { waitInsteadOfSelfCheck?: string } {
  return waitInsteadOfSelfCheck
    ? { waitInsteadOfSelfCheck: `${waitInsteadOfSelfCheck.toSeconds({ integral: false })}s` }
    : {};
}

function nameserverFindings(nameserver: string): Finding[] {
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(nameserver) ?? [];
  const valid =
    ((isIPv6(bracketed ?? '') && !bracketed?.includes('%')) || isIPv4(plain ?? '')) &&
    Number(port) >= 1 &&
    Number(port) <= 65535;
  if (valid) return [];
  return [
    {
      code: 'ISSUER-06',
      value: nameserver,
      message: 'cert-manager reaches a DNS server by IP address only',
      fix: 'Write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53',
    },
  ];
}

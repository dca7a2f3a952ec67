import type { Node } from './node';

/** One question: which certificate does this node serve for this host. */
export interface Check {
  /** Canonical; may be a wildcard. */
  readonly host: string;
  readonly node: Node;
  /** Whether HTTP can be asked as well: not where TCP is routed. */
  readonly isHttp: boolean;
}

/** What a node did when it was asked. */
export type Observation =
  /** A name without an address, or no connection to the address. */
  | { readonly kind: 'unresolved' | 'unreachable'; readonly reason: string }
  /** A connection, but no TLS on it. */
  | { readonly kind: 'no-tls'; readonly reason: string }
  | Served;

/** A check, and what was seen. */
export interface Observed {
  readonly check: Check;
  readonly observation: Observation;
}

/** A certificate, and what HTTP answered where it was asked. */
export interface Served {
  readonly kind: 'served';
  readonly certificate: SeenCertificate;
  /** Whether the certificate names the host. */
  readonly coversHost: boolean;
  /** Why the chain leads to no trusted authority: a code of OpenSSL's. */
  readonly chainError?: string;
  readonly page?: HttpAnswer;
  readonly redirect?: HttpAnswer;
}

/** What HTTP answered, or why it did not. */
export type HttpAnswer =
  | { readonly status: number; readonly location?: string; readonly hsts?: string }
  | { readonly reason: string };

/** A certificate that was served, or is to be. */
export interface SeenCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** The names that it is for, DNS names and addresses. */
  readonly names: readonly string[];
  readonly serial: string;
  /** SHA-256 of the whole certificate, in hexadecimal digits. */
  readonly fingerprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** When it was signed, which can be later than `notBefore`. */
  readonly issuedAt: Date;
}

/** Whether `certificate` is the one that Traefik makes itself at each start, for names that it has none for. */
export function isTraefikDefault({ subject }: SeenCertificate): boolean {
  return /(?:^|, )CN=TRAEFIK DEFAULT CERT$/.test(subject);
}

/** A certificate that nodes are to serve, and where it stands. */
export interface ExpectedCertificate {
  readonly fingerprint: string;
  readonly issuedAt: Date;
  /** Such as `Secret edge/www-tls`. */
  readonly source: string;
}

/** What the system says of connections, in words. */
export const CONNECTION_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed by the other side',
  EPIPE: 'connection closed by the other side',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
  EADDRNOTAVAIL: 'no way to the network',
  ETIMEDOUT: 'no answer',
  EMFILE: 'too many open files here',
};

/** What OpenSSL says of chains, in words. */
export const CHAIN_REASONS: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'an intermediate certificate is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its authority is not in the trust store, or an intermediate certificate is missing',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not in the trust store, or an intermediate certificate is missing',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not in the trust store',
  CERT_HAS_EXPIRED: 'a certificate of the chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of the chain is not valid yet',
  CERT_SIGNATURE_FAILURE: 'a signature of the chain is wrong',
  INVALID_CA: 'signed by a certificate that may not sign',
  INVALID_PURPOSE: 'not a certificate for servers',
  CERT_CHAIN_TOO_LONG: 'the chain is too long',
  PATH_LENGTH_EXCEEDED: 'the chain is too long',
};

/** What resolvers say, in words. */
export const DNS_REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer in time',
  ECONNREFUSED: 'connection refused',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  EREFUSED: 'the server refuses to answer (REFUSED)',
};

/** What is seen by itself. */
export const OWN_REASONS = {
  notFound: (name: string) => `${name} cannot be found`,
  silent: (seconds: string) => `no answer within ${seconds} s`,
  noCertificate: () => 'no certificate was sent',
  noHttp: () => 'the answer is no HTTP/1.1',
} as const;

/** What TLS says, in words, by what its messages hold. */
export const TLS_REASONS: readonly (readonly [part: RegExp, reason: string])[] = [
  [/wrong.version.number|packet.length.too.long|http.request/i, 'the port speaks something else'],
  [/unrecognized.name/i, 'the server does not know the name'],
  [/unsupported.protocol|protocol.version/i, 'no version of TLS in common'],
  [/handshake.failure|no.shared.cipher/i, 'the server refuses the handshake'],
  [/before secure TLS connection was established/i, 'connection closed by the other side'],
];

export function reasonOfChain(code: string): string {
  return CHAIN_REASONS[code] ?? code;
}

/** Why there was no connection, or no TLS or HTTP on it. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  const tls = TLS_REASONS.find(([part]) => part.test(`${error.code} ${error.message}`));
  if (tls) return tls[1];
  return CONNECTION_REASONS[error.code ?? ''] ?? error.code ?? error.message;
}

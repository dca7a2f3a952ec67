import type { X509Certificate } from 'node:crypto';
import type { SeenCertificate } from '../check';

/** What is looked at in `certificate`. */
export function seenCertificate(certificate: X509Certificate): SeenCertificate {
  const notBefore = new Date(certificate.validFrom);
  return {
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    names: [...(certificate.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
      ([, name = '']) => name,
    ),
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore,
    notAfter: new Date(certificate.validTo),
    issuedAt: loggedAt(certificate.raw) ?? notBefore,
  };
}

/** Whether `certificate` is for `name`; a common name has not counted for long. */
export function coversName(certificate: X509Certificate, name: string): boolean {
  return certificate.checkHost(name, { subject: 'never' }) !== undefined;
}

/** Names stand one to a line. */
function inOneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}

/** The extension that proves that a certificate was logged (1.3.6.1.4.1.11129.2.4.2), in DER. */
const LOGGED = Buffer.from([0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02]);

/**
 * When a public CA logged the certificate, right before it signed it: `notBefore` is an hour earlier at Let's Encrypt.
 * Undefined for a certificate that is in no log.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6962#section-3.3
 */
function loggedAt(der: Buffer): Date | undefined {
  const start = der.indexOf(LOGGED);
  if (start < 0) return undefined;
  // An octet string in an octet string, which holds a list: its length, then each entry behind its own.
  const outer = content(der, start + LOGGED.length);
  const list = outer && content(outer, 0);
  const times: number[] = [];
  for (let at = 2; list !== undefined && at + 43 <= list.length; at += 2 + list.readUInt16BE(at)) {
    // Length (2), version (1), log (32), time (8).
    times.push(Number(list.readBigUInt64BE(at + 35)));
  }
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** What the octet string at `at` holds. */
function content(der: Buffer, at: number): Buffer | undefined {
  const first = der[at + 1];
  if (der[at] !== 0x04 || first === undefined) return undefined;
  const digits = first < 0x80 ? 0 : first & 0x7f;
  if (digits > 2 || at + 2 + digits > der.length) return undefined;
  const length = digits === 0 ? first : der.readUIntBE(at + 2, digits);
  return der.subarray(at + 2 + digits, at + 2 + digits + length);
}

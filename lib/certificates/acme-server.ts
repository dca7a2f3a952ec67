import { X509Certificate } from 'node:crypto';
import type { Finding } from '../model/problem';

/** An ACME directory to get certificates from. */
export class AcmeServer {
  /**
   * Let's Encrypt's test CA: the same protocol and far wider limits, but no browser trusts it. The default.
   * @see https://letsencrypt.org/docs/staging-environment/
   */
  public static readonly LETS_ENCRYPT_STAGING = new AcmeServer(
    'https://acme-staging-v02.api.letsencrypt.org/directory',
    true,
  );

  /**
   * Let's Encrypt itself. At most 5 certificates a week for the same set of names, with no way to be forgiven:
   * try a program on staging first.
   * @see https://letsencrypt.org/docs/rate-limits/
   */
  public static readonly LETS_ENCRYPT_PRODUCTION = new AcmeServer(
    'https://acme-v02.api.letsencrypt.org/directory',
    true,
  );

  /**
   * Any other directory, such as a private CA's.
   * Reported by the issuer that uses it: ISSUER-01 an address that is not https, ISSUER-02 a bundle that is not PEM.
   */
  public static of(directory: string, options: { readonly caBundle?: string } = {}): AcmeServer {
    return new AcmeServer(directory, /^https:\/\/[^/]+\.letsencrypt\.org(?::443)?\//.test(directory), options.caBundle);
  }

  private constructor(
    /** The address of the directory. */
    public readonly directory: string,
    /** Whether Let's Encrypt's rules hold. */
    public readonly isLetsEncrypt: boolean,
    /** The certificates, in PEM, that the server itself is verified with; the system's where absent. */
    public readonly caBundle?: string,
  ) {}

  /** What is wrong with it. */
  public get findings(): Finding[] {
    const findings: Finding[] = [];
    if (!/^https:\/\/[\x21-\x7e]+$/.test(this.directory) || !URL.canParse(this.directory)) {
      findings.push({
        code: 'ISSUER-01',
        value: this.directory,
        message: 'an ACME directory is an https address (RFC 8555, 6.1)',
        fix: 'Use AcmeServer.LETS_ENCRYPT_STAGING, or https://ca.example.com/acme/directory',
      });
    }
    if (this.caBundle !== undefined && !isPem(this.caBundle)) {
      findings.push({
        code: 'ISSUER-02',
        value: this.caBundle.slice(0, 40),
        message: 'caBundle holds no PEM certificates',
        fix: 'Give the text of the file, from -----BEGIN CERTIFICATE----- on',
      });
    }
    return findings;
  }
}

function isPem(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every((block) => parses(block));
}

function parses(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined || true;
  } catch {
    return false;
  }
}

import { ApiObject, type Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { http01ClassesOf } from '../challenges';
import { planOf } from '../cluster-plan';
import { decideLate } from '../late';
import { type CertificateRequest, certificateFindings } from '../model/certificate';
import { canonicalHost, certificateNames, hostFindings } from '../model/host';
import { http01Solvers, type Issuer } from '../model/issuer';
import { knownNames, knownRequest, textsOfRequest } from '../model/known';
import { referenceFindings } from '../model/kube-name';
import { type Finding, locate } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
import { certificateManifest } from './certificate-manifest';

/** What a {@link Certificate} holds and who signs it. */
export interface CertificateProps {
  /** The Secret that it is written to, in the certificate's namespace. */
  readonly secretName: string;
  /** The names that it is for; wildcards need an issuer with DNS-01. */
  readonly dnsNames: readonly string[];
  /** Who signs: a `CertManagerIssuer`, or `CertManagerIssuer.existing('letsencrypt')`. */
  readonly issuer: Issuer;
  /**
   * How long it is asked to live, from one hour. Let's Encrypt decides for itself and is never asked (CERT-05).
   * @default - what the CA gives
   */
  readonly duration?: Duration;
  /**
   * When it is renewed, in percent of the lifetime that is left, from 1 to 99. There is no absolute time on purpose:
   * lifetimes shrink, and one that was sensible for 90 days never renews, or always, at 45.
   * @default - cert-manager's: a third is left
   */
  readonly renewBeforePercentage?: number;
  /**
   * Whether its names may repeat what the wildcard of another certificate covers; the exact name is then served.
   * @default false - an overlap is refused (CERT-03)
   */
  readonly besideWildcard?: boolean;
  /**
   * The object's name.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Gets a certificate from an issuer into a Secret and renews it: ECDSA P-256, with a new key at each renewal.
 *
 * Reports what {@link certificateFindings} and {@link hostFindings} find; CERT-05 a duration asked of Let's Encrypt;
 * CERT-07 a percentage or a duration out of range; CERT-09 no names; CERT-03 a name that another certificate covers;
 * CERT-11 a Secret that another one writes.
 *
 * @example
 * new Certificate(chart, 'mail', { secretName: 'mail-tls', dnsNames: ['mail.example.com'], issuer });
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export class Certificate extends Construct {
  /** The object's name. */
  public readonly name: string;
  /** The Secret that it is written to. */
  public readonly secretName: string;
  /** Who signs it. */
  public readonly issuer: Issuer;
  private readonly names: readonly string[];

  public constructor(scope: Construct, id: string, props: CertificateProps) {
    super(scope, id);
    requireProps(this, props, 'secretName', 'dnsNames', 'issuer');
    this.name = nameOf(this, props.name);
    this.secretName = props.secretName;
    this.issuer = props.issuer;
    this.names = certificateNames(props.dnsNames.map(canonicalHost));

    const request = { ...props, namespace: namespaceOf(this), name: this.name, dnsNames: this.names };
    report(this, [
      ...nameFindings(request),
      ...lifetimeFindings(props),
      ...referenceFindings('secretName', this.secretName),
      ...referenceFindings('issuer', props.issuer.name),
    ]);
    for (const solver of http01Solvers(validHosts(this.names), props.issuer))
      http01ClassesOf(this).add(solver.ingressClass ?? 'traefik');
    planOf(this).certificates.push({ request, at: this.node.path });

    const { duration, renewBeforePercentage } = props;
    const object = new ApiObject(
      this,
      'Resource',
      certificateManifest(request, {
        durationSeconds: duration?.toSeconds({ integral: false }),
        renewBeforePercentage,
      }),
    );
    decideLate(object, {
      texts: () => textsOfRequest(request),
      problems: (reveal) => locate(nameFindings(knownRequest(request, reveal)), this.node.path),
      field: { name: 'dnsNames', write: knownNames },
    });
  }

  /** The names that it is for, sorted. */
  public get dnsNames(): string[] {
    return [...this.names];
  }
}

function nameFindings(request: CertificateRequest): Finding[] {
  const { dnsNames } = request;
  return [...dnsNames.flatMap(hostFindings), ...certificateFindings({ ...request, dnsNames: validHosts(dnsNames) })];
}

/** What is no host name at all is not looked at further. */
function validHosts(names: readonly string[]): string[] {
  return names.filter((name) => hostFindings(name).length === 0);
}

function lifetimeFindings({ duration, renewBeforePercentage, dnsNames, issuer }: CertificateProps): Finding[] {
  const findings: Finding[] = [];
  if (duration && issuer.letsEncrypt) {
    findings.push({
      code: 'CERT-05',
      value: duration.toHumanString(),
      message: "Let's Encrypt decides how long a certificate lives and refuses an order that asks",
      fix: 'Leave duration out; for shorter ones give the issuer a profile',
    });
  } else if (duration && duration.toSeconds({ integral: false }) < 3600) {
    findings.push({
      code: 'CERT-07',
      value: duration.toHumanString(),
      message: 'a certificate lives for one hour at least',
      fix: 'Write Duration.hours(1) or more',
    });
  }
  const percentage = renewBeforePercentage ?? 33;
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 99) {
    findings.push({
      code: 'CERT-07',
      value: String(percentage),
      message: 'renewBeforePercentage is a whole number from 1 to 99',
      fix: 'Leave it out for a third of the lifetime',
    });
  }
  if (dnsNames.length === 0) {
    findings.push({
      code: 'CERT-09',
      value: '',
      message: 'a certificate for no name',
      fix: 'Give at least one of dnsNames',
    });
  }
  return findings;
}

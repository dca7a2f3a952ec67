import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import { emailFindings } from '../model/email';
import type { Issuer, SecretKey, Solver, SolverScope } from '../model/issuer';
import { namespaceFindings, referenceFindings, secretKeyFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';
import { maybeSame } from '../model/token';
import { NO_NAMESPACE, nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
import { AcmeServer } from './acme-server';
import { guardSecrets } from './secret-guard';
import { permitTokenRequests } from './token-request';

/** Where cert-manager runs, and so where it looks for what a ClusterIssuer refers to. */
export interface CertManagerInstallation {
  /**
   * The namespace that it runs in.
   * @default 'cert-manager'
   */
  readonly namespace?: string;
  /**
   * The ServiceAccount of its controller.
   * @default 'cert-manager'
   */
  readonly serviceAccount?: string;
  /**
   * Where it looks for the Secrets and ServiceAccounts of a ClusterIssuer (`--cluster-resource-namespace`).
   * @default - the namespace that it runs in
   */
  readonly clusterResourceNamespace?: string;
  /**
   * Whether an `Issuer` may use what its pod's surroundings give, too (`--issuer-ambient-credentials`).
   * @default false - as it is installed: whoever can make an Issuer in a namespace would use what is cert-manager's
   */
  readonly issuerAmbientCredentials?: boolean;
}

/** How a {@link CertManagerIssuer} gets its certificates. */
export interface CertManagerIssuerProps {
  /** How the CA is shown that names are yours, one or more; cert-manager takes the one whose zone is closest. */
  readonly solvers: readonly Solver[];
  /**
   * The CA.
   * @default AcmeServer.LETS_ENCRYPT_STAGING - production has limits that a mistake exhausts for a week
   */
  readonly server?: AcmeServer;
  /**
   * Where the CA may write to.
   * @default - none; Let's Encrypt stopped its expiry mails on 2025-06-04
   */
  readonly email?: string;
  /**
   * Which namespaces it serves: all (a ClusterIssuer), or its own (an Issuer).
   * @default 'cluster'
   */
  readonly scope?: 'cluster' | 'namespace';
  /**
   * The ACME profile. On Let's Encrypt `tlsserver` (45 days, 25 names) or `shortlived` (160 hours, 25 names).
   * @default - the CA's own; on Let's Encrypt `classic` (90 days, 100 names)
   * @see https://letsencrypt.org/docs/profiles/
   */
  readonly profile?: string;
  /**
   * The common name of the root that the chain should end in, where the CA offers several.
   * @default - the CA's own choice
   */
  readonly preferredChain?: string;
  /**
   * The account at a CA that asks for one beforehand.
   * @default - none
   */
  readonly externalAccountBinding?: { readonly keyId: string; readonly key: SecretKey };
  /**
   * Where cert-manager runs.
   * @default - as its chart installs it: namespace and ServiceAccount `cert-manager`
   */
  readonly certManager?: CertManagerInstallation;
  /**
   * Whether nobody but cert-manager may change what is in the Secrets of its certificates.
   * @default true - a key that is broken by hand would stop being served by every instance at once
   */
  readonly guardSecrets?: boolean;
  /**
   * The object's name.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * An ACME issuer of cert-manager, with the permission that its solvers need, and a guard over the Secrets of its
 * certificates.
 *
 * Reports ISSUER-01 a directory that is no https address, ISSUER-02 a CA bundle that is no PEM, ISSUER-03 no solvers,
 * ISSUER-04 a ServiceAccount outside the namespace where cert-manager looks, ISSUER-08 an e-mail address that is none,
 * ISSUER-09 a profile that Let's Encrypt does not have, ISSUER-10 a text that no CA could be asked for, NAME-04 and
 * NAME-05 names, ISSUER-11 an Issuer that would need what cert-manager keeps for ClusterIssuers, and what its solvers
 * report.
 *
 * @example
 * new CertManagerIssuer(chart, 'letsencrypt', {
 *   server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
 *   solvers: [AcmeSolver.http01()],
 * });
 * @see https://cert-manager.io/docs/configuration/acme/
 */
export class CertManagerIssuer extends Construct implements Issuer {
  /** An issuer that is in the cluster already. What is not said of it is not checked. */
  public static existing(
    name: string,
    facts: Partial<Pick<Issuer, 'kind' | 'namespace' | 'letsEncrypt' | 'profile' | 'solvers'>> = {},
  ): Issuer {
    return {
      kind: facts.namespace === undefined ? 'ClusterIssuer' : 'Issuer',
      name,
      letsEncrypt: false,
      solvers: [],
      ...defined(facts),
    };
  }

  public readonly kind: 'ClusterIssuer' | 'Issuer';
  public readonly name: string;
  public readonly namespace: string | undefined;
  public readonly letsEncrypt: boolean;
  public readonly profile: string | undefined;
  public readonly solvers: readonly SolverScope[];
  /** Where Secrets and ServiceAccounts that it refers to must be. */
  public readonly resourceNamespace: string;

  public constructor(scope: Construct, id: string, props: CertManagerIssuerProps) {
    super(scope, id);
    requireProps(this, props, 'solvers');
    const server = props.server ?? AcmeServer.LETS_ENCRYPT_STAGING;
    const { issuerAmbientCredentials = false, ...installed } = props.certManager ?? {};
    const certManager = { namespace: 'cert-manager', serviceAccount: 'cert-manager', ...defined(installed) };
    this.kind = props.scope === 'namespace' ? 'Issuer' : 'ClusterIssuer';
    this.name = nameOf(this, props.name);
    this.namespace = this.kind === 'Issuer' ? namespaceOf(this) : undefined;
    this.letsEncrypt = server.isLetsEncrypt;
    this.profile = props.profile;
    this.solvers = props.solvers.flatMap(({ entries }) => entries);
    this.resourceNamespace = this.namespace ?? props.certManager?.clusterResourceNamespace ?? certManager.namespace;

    report(this, [
      ...server.findings,
      ...props.solvers.flatMap(({ findings }) => findings),
      ...propsFindings(props, this.letsEncrypt),
      ...this.serviceAccountFindings(props.solvers),
      ...(issuerAmbientCredentials ? [] : this.ambientFindings(props.solvers)),
    ]);

    permitTokenRequests(this, {
      issuer: this.name,
      accounts: props.solvers.flatMap(({ serviceAccount }) => serviceAccount ?? []),
      certManager,
    });
    if (props.guardSecrets ?? true) guardSecrets(this, { issuer: this, certManager });
    new ApiObject(this, 'Resource', {
      apiVersion: 'cert-manager.io/v1',
      kind: this.kind,
      metadata: {
        name: this.name,
        namespace: this.namespace ?? NO_NAMESPACE,
        labels: recommendedLabels({ instance: this.name, component: 'issuer' }),
      },
      spec: { acme: acmeSpec(props, server, this.name) },
    });
  }

  private ambientFindings(solvers: readonly Solver[]): Finding[] {
    if (this.kind === 'ClusterIssuer' || !solvers.some(({ usesAmbientCredentials }) => usesAmbientCredentials))
      return [];
    return [
      {
        code: 'ISSUER-11',
        value: this.name,
        message: 'cert-manager gives an Issuer of one namespace nothing of what the surroundings of its own pod give',
        fix: "Use AwsIdentity.irsa() or .staticKeys(), scope: 'cluster', or say certManager: { issuerAmbientCredentials: true }",
      },
    ];
  }

  private serviceAccountFindings(solvers: readonly Solver[]): Finding[] {
    return solvers
      .flatMap(({ serviceAccount }) => serviceAccount ?? [])
      .filter(({ namespace }) => !maybeSame(namespace, this.resourceNamespace))
      .map(({ namespace, name }) => ({
        code: 'ISSUER-04',
        value: `${namespace}/${name}`,
        message: `cert-manager looks for the ServiceAccount of this ${this.kind} in namespace ${this.resourceNamespace}`,
        fix: `Give the challenge serviceAccountNamespace: '${this.resourceNamespace}'`,
      }));
  }
}

function acmeSpec(props: CertManagerIssuerProps, server: AcmeServer, name: string): Record<string, unknown> {
  const binding = props.externalAccountBinding;
  return {
    server: server.directory,
    email: props.email,
    profile: props.profile,
    preferredChain: props.preferredChain,
    caBundle: server.caBundle && Buffer.from(server.caBundle).toString('base64'),
    externalAccountBinding: binding && {
      keyID: binding.keyId,
      keySecretRef: { name: binding.key.secretName, key: binding.key.key },
    },
    // One account for each issuer, so that the limits of one do not meet the other.
    privateKeySecretRef: { name: `${name}-account` },
    solvers: props.solvers.flatMap(({ entries }) =>
      entries.map(({ zones, config }) => ({
        ...(zones && { selector: { dnsZones: zones.map((zone) => zone.name).sort() } }),
        ...config,
      })),
    ),
  };
}

const LETS_ENCRYPT_PROFILES = ['classic', 'tlsserver', 'shortlived'];

function propsFindings(props: CertManagerIssuerProps, letsEncrypt: boolean): Finding[] {
  const { solvers, email, profile, preferredChain, certManager, externalAccountBinding } = props;
  const findings: Finding[] = [];
  if (solvers.length === 0) {
    findings.push({
      code: 'ISSUER-03',
      value: '',
      message: 'an ACME issuer without a solver can prove nothing',
      fix: 'Give solvers: [AcmeSolver.http01()], or the solver of a Route53DnsChallengeIam',
    });
  }
  findings.push(...emailFindings(email));
  const { issuerAmbientCredentials: _, ...named } = certManager ?? {};
  for (const [property, name] of Object.entries(defined(named))) {
    const find = property === 'serviceAccount' ? referenceFindings : namespaceFindings;
    findings.push(...find(`certManager.${property}`, name));
  }
  findings.push(...textFindings('profile', profile), ...textFindings('preferredChain', preferredChain, 64));
  if (externalAccountBinding) {
    findings.push(...textFindings('externalAccountBinding.keyId', externalAccountBinding.keyId));
    findings.push(...secretKeyFindings('externalAccountBinding.key', externalAccountBinding.key));
  }
  if (letsEncrypt && profile !== undefined && !LETS_ENCRYPT_PROFILES.includes(profile)) {
    findings.push({
      code: 'ISSUER-09',
      value: profile,
      message: "not a profile of Let's Encrypt",
      fix: `Use one of ${LETS_ENCRYPT_PROFILES.join(', ')}`,
    });
  }
  return findings;
}

/** ISSUER-10 where the CA could not be asked for `text`: it is empty, too long, or more than one line. */
function textFindings(property: string, text: string | undefined, most = 253): Finding[] {
  if (text === undefined || (text !== '' && text.length <= most && isPrintable(text))) return [];
  return [
    {
      code: 'ISSUER-10',
      value: text,
      message: `${property} is one line of 1 to ${most} characters`,
      fix: `Write it as the CA's documentation says, or leave it out`,
    },
  ];
}

/** `object` without the keys that are undefined, so that defaults stand behind it. */
function defined<T extends object>(object: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}

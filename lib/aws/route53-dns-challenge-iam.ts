import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import type { PolicyDocument, TrustPolicy } from '../model/iam';
import type { Solver } from '../model/issuer';
import { namespaceFindings, referenceFindings } from '../model/kube-name';
import type { Finding } from '../model/problem';
import { type HostedZone, zoneFindings } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
import { grantIam, type IamEmission } from './grant';
import { AwsIdentity, callerOf, partitionOf, regionOf } from './identity';
import { dnsChallengePolicy, policyZoneFindings } from './policies';

/** Which zones are answered for, and as whom. */
export interface Route53DnsChallengeIamProps {
  /** The zones whose names are certified, each with its id; where challenges are delegated, it needs none. */
  readonly zones: readonly HostedZone[];
  /**
   * The zone, with its id, that is written to in place of `zones`: `_acme-challenge.shop.example.com` is a CNAME to
   * `_acme-challenge.shop.example.com.<this zone>`, and the policy permits nothing in the zones themselves. The CNAMEs
   * that have to be there are written to `dist/dns/`.
   * @default - the zones are written to
   * @see https://cert-manager.io/docs/configuration/acme/dns01/#delegated-domains-for-dns01
   */
  readonly delegatedTo?: HostedZone;
  /**
   * As whom cert-manager speaks to AWS.
   * @default AwsIdentity.ambient() - what its pod's surroundings give
   */
  readonly identity?: AwsIdentity;
  /**
   * Where the policy and role go beside the JSON files.
   * @default 'files' - nowhere
   */
  readonly emit?: IamEmission;
  /**
   * The namespace of the ServiceAccount that takes the role: where cert-manager looks for what the issuer refers to.
   * @default 'cert-manager' - for a ClusterIssuer; for an Issuer it is the issuer's own
   */
  readonly serviceAccountNamespace?: string;
  /**
   * The ServiceAccount of cert-manager's own pod: with Pod Identity it is the one that EKS gives the role.
   * @default 'cert-manager'
   */
  readonly controllerServiceAccount?: string;
  /**
   * The name of the ServiceAccount.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * What cert-manager needs at AWS to answer DNS-01 challenges in Route 53, and the solver that uses it.
 *
 * The policy permits the TXT records of challenges in the given zones and nothing else; the role can be taken by one
 * ServiceAccount alone: with IRSA by one that is made for it, with Pod Identity by cert-manager's own. `EdgeApp` writes
 * both to `dist/iam/`. Zones of several accounts have a construct each, and their solvers go into one issuer.
 *
 * Reports AWS-01 an ARN that is no OIDC provider's, AWS-02 a role name, AWS-03 no zones, AWS-04 a zone without id,
 * AWS-05 a name that another grant has, AWS-06 to AWS-08 and AWS-11 to AWS-13 other parts of an identity, AWS-09 and
 * AWS-10 what cert-manager cannot do, AWS-14 too many zones, AWS-15 a second role for its ServiceAccount, ZONE-02 to
 * ZONE-04.
 *
 * @example
 * const challenge = new Route53DnsChallengeIam(chart, 'dns01', {
 *   zones: [HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' })],
 *   identity: AwsIdentity.irsa({ oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE' }),
 * });
 * new CertManagerIssuer(chart, 'letsencrypt', { solvers: [challenge.solver] });
 * @see https://cert-manager.io/docs/configuration/acme/dns01/route53/
 */
export class Route53DnsChallengeIam extends Construct {
  /** The least that DNS-01 needs. */
  public readonly policyDocument: PolicyDocument;
  /** Who may take the role; undefined where there is none. */
  public readonly trustPolicy: TrustPolicy | undefined;
  /** The role; undefined where there is none. */
  public readonly roleArn: string | undefined;
  /** Answers challenges in the zones. */
  public readonly solver: Solver;

  public constructor(scope: Construct, id: string, props: Route53DnsChallengeIamProps) {
    super(scope, id);
    requireProps(this, props, 'zones');
    const name = nameOf(this, props.name);
    const namespace = namespaceOf(this);
    const identity = props.identity ?? AwsIdentity.ambient();
    const caller = callerOf(identity);
    const takesRole = identity.kind === 'irsa' || identity.kind === 'role';
    const own = { namespace: props.serviceAccountNamespace ?? 'cert-manager', name };
    const account = takesRole ? own : { ...own, name: props.controllerServiceAccount ?? 'cert-manager' };
    const { delegatedTo } = props;
    const written = delegatedTo ? [delegatedTo] : props.zones;

    this.policyDocument = dnsChallengePolicy(written, partitionOf(identity));
    const grant = grantIam(this, {
      ...{ identity, account, namespace },
      name: `${namespace}-${name}`,
      instance: name,
      policyDocument: this.policyDocument,
      emit: props.emit ?? 'files',
    });
    this.trustPolicy = grant.trustPolicy;
    this.roleArn = identity.kind === 'assumed-role' ? identity.roleArn : grant.roleArn;
    report(this, [
      ...policyZoneFindings(written),
      ...(delegatedTo ? zoneFindings(props.zones) : []),
      ...grant.findings,
      ...certManagerFindings(identity),
      ...namespaceFindings('serviceAccountNamespace', own.namespace),
      ...referenceFindings('controllerServiceAccount', props.controllerServiceAccount),
    ]);

    if (takesRole) {
      new k8s.KubeServiceAccount(this, 'ServiceAccount', {
        metadata: { ...own, labels: recommendedLabels({ instance: name, component: 'dns-challenge' }) },
        // No pod runs as it; cert-manager requests its tokens one at a time.
        automountServiceAccountToken: false,
      });
    }
    const route53 = { region: regionOf(identity), ...this.credentials(identity, name) };
    this.solver = {
      entries: delegatedTo ? [delegated(props.zones, delegatedTo, route53)] : perZone(props.zones, route53),
      serviceAccount: takesRole ? own : undefined,
      ...(caller.kind === 'ambient' || caller.kind === 'pod-identity' ? { usesAmbientCredentials: true } : {}),
      findings: [],
    };
  }

  private credentials(identity: AwsIdentity, account: string): Record<string, unknown> {
    const caller = callerOf(identity);
    const role = identity.kind === 'assumed-role' ? { role: identity.roleArn } : {};
    if (caller.kind === 'static-keys') {
      const { accessKeyId, secretAccessKey } = caller;
      return {
        ...role,
        accessKeyIDSecretRef: { name: accessKeyId.secretName, key: accessKeyId.key },
        secretAccessKeySecretRef: { name: secretAccessKey.secretName, key: secretAccessKey.key },
      };
    }
    if (caller.kind === 'ambient' || caller.kind === 'pod-identity' || identity.kind === 'assumed-role') return role;
    const audiences = caller.audience === undefined ? {} : { audiences: [caller.audience] };
    return { role: this.roleArn, auth: { kubernetes: { serviceAccountRef: { name: account, ...audiences } } } };
  }
}

type Entry = Solver['entries'][number];

/** An entry for each zone, by its id, so that none has to be looked for. */
function perZone(zones: readonly HostedZone[], route53: object): Entry[] {
  // The CA asks in public: of two zones of one name, that is the one to answer in.
  return zones
    .filter((zone) => !zone.isPrivate || !hasPublicTwin(zone, zones))
    .map((zone) => ({
      challenge: 'dns01',
      zones: [zone],
      config: { dns01: { route53: { ...route53, hostedZoneID: zone.id } } },
    }));
}

function delegated(zones: readonly HostedZone[], delegatedTo: HostedZone, route53: object): Entry {
  return {
    ...{ challenge: 'dns01', zones, delegatedTo },
    config: { dns01: { cnameStrategy: 'Follow', route53: { ...route53, hostedZoneID: delegatedTo.id } } },
  };
}

/** AWS-09 and AWS-10: what cert-manager does not do when it takes a role of another account. */
function certManagerFindings(identity: AwsIdentity): Finding[] {
  if (identity.kind !== 'assumed-role') return [];
  const { caller, externalId, roleArn } = identity;
  const findings: Finding[] = [];
  if (caller.kind === 'irsa' || caller.kind === 'role') {
    findings.push({
      code: 'AWS-09',
      value: caller.kind === 'irsa' ? caller.oidcProviderArn : caller.roleArn,
      message: `cert-manager exchanges a token for one role, and takes ${roleArn} only as itself`,
      fix: 'Make an OIDC provider for the cluster in the account of the zones and give AwsIdentity.irsa() its ARN, or use AwsIdentity.podIdentity() as the caller',
    });
  }
  if (externalId !== undefined) {
    findings.push({
      code: 'AWS-10',
      value: externalId,
      message: 'cert-manager sends no external id when it takes a role, and would be turned away',
      fix: "Leave externalId out: the trust policy names the caller's role. Where the other account insists on one, use AwsIdentity.irsa() with an OIDC provider of that account",
    });
  }
  return findings;
}

function hasPublicTwin({ name }: HostedZone, zones: readonly HostedZone[]): boolean {
  return zones.some((zone) => zone.name === name && !zone.isPrivate);
}

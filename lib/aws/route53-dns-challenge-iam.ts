import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import type { PolicyDocument, TrustPolicy } from '../model/iam';
import type { Solver } from '../model/issuer';
import { namespaceFindings } from '../model/kube-name';
import type { HostedZone } from '../model/zone';
import { nameOf, namespaceOf } from '../naming';
import { report } from '../report';
import { requireProps } from '../required';
import { grantIam, type IamEmission } from './grant';
import { AwsIdentity, partitionOf, regionOf } from './identity';
import { dnsChallengePolicy, policyZoneFindings } from './policies';

/** Which zones are answered for, and as whom. */
export interface Route53DnsChallengeIamProps {
  /** The zones whose names are certified, each with its id. */
  readonly zones: readonly HostedZone[];
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
   * The name of the ServiceAccount.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * What cert-manager needs at AWS to answer DNS-01 challenges in Route 53, and the solver that uses it.
 *
 * The policy permits the TXT records of challenges in the given zones and nothing else; the role, with IRSA, can be
 * taken by one ServiceAccount alone. `EdgeApp` writes both to `dist/iam/`.
 *
 * Reports AWS-01 an ARN that is no OIDC provider's, AWS-02 a role name, AWS-03 no zones, AWS-04 a zone without id,
 * AWS-05 a name that another grant has, ZONE-02 to ZONE-04.
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
    const account = { namespace: props.serviceAccountNamespace ?? 'cert-manager', name };

    this.policyDocument = dnsChallengePolicy(props.zones, partitionOf(identity));
    const grant = grantIam(this, {
      ...{ identity, account, namespace },
      name: `${namespace}-${name}`,
      policyDocument: this.policyDocument,
      emit: props.emit ?? 'files',
    });
    this.trustPolicy = grant.trustPolicy;
    this.roleArn = grant.roleArn;
    report(this, [
      ...policyZoneFindings(props.zones),
      ...grant.findings,
      ...namespaceFindings('serviceAccountNamespace', account.namespace),
    ]);

    const takesRole = identity.kind === 'irsa' || identity.kind === 'role';
    if (takesRole) {
      new k8s.KubeServiceAccount(this, 'ServiceAccount', {
        metadata: { ...account, labels: recommendedLabels({ instance: name, component: 'dns-challenge' }) },
        // No pod runs as it; cert-manager requests its tokens one at a time.
        automountServiceAccountToken: false,
      });
    }
    this.solver = {
      // The CA asks in public: of two zones of one name, that is the one to answer in.
      entries: props.zones
        .filter((zone) => !zone.isPrivate || !hasPublicTwin(zone, props.zones))
        .map((zone) => ({
          challenge: 'dns01',
          zones: [zone],
          config: {
            dns01: {
              route53: { region: regionOf(identity), hostedZoneID: zone.id, ...this.credentials(identity, name) },
            },
          },
        })),
      serviceAccount: takesRole ? account : undefined,
      findings: [],
    };
  }

  private credentials(identity: AwsIdentity, account: string): Record<string, unknown> {
    if (identity.kind === 'static-keys') {
      const { accessKeyId, secretAccessKey } = identity;
      return {
        accessKeyIDSecretRef: { name: accessKeyId.secretName, key: accessKeyId.key },
        secretAccessKeySecretRef: { name: secretAccessKey.secretName, key: secretAccessKey.key },
      };
    }
    if (identity.kind === 'ambient') return {};
    return { role: this.roleArn, auth: { kubernetes: { serviceAccountRef: { name: account } } } };
  }
}

function hasPublicTwin({ name }: HostedZone, zones: readonly HostedZone[]): boolean {
  return zones.some((zone) => zone.name === name && !zone.isPrivate);
}

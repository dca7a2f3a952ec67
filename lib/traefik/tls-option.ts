import { ApiObject, Chart } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { perCluster } from '../cluster';
import { recommendedLabels } from '../labels';
import { referenceFindings } from '../model/kube-name';
import type { Finding, Problem } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { check, report } from '../report';
import { knows } from './version';

/** How clients and Traefik speak TLS. */
export interface TlsOptionProps {
  /**
   * The oldest version that is spoken.
   * @default '1.2' - older ones are broken (RFC 8996)
   */
  readonly minVersion?: '1.2' | '1.3';
  /**
   * Whether a client must name a host that there is a certificate for. Without it, others get a self-made certificate.
   * @default true
   */
  readonly sniStrict?: boolean;
  /**
   * The cipher suites up to TLS 1.2, in the spelling of Go's crypto/tls.
   * @default - Go's, which change with what is known to be broken
   */
  readonly cipherSuites?: readonly string[];
  /**
   * The Secrets of the CAs that clients must show a certificate of, in the option's namespace.
   * @default - clients show none
   */
  readonly clientCaSecrets?: readonly string[];
  /**
   * The object's name. The one called `default` holds for every route of the cluster that names none.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/** A reference to a {@link TlsOption}, declared here or elsewhere. */
export interface TlsOptionRef {
  readonly name: string;
  readonly namespace: string;
}

/**
 * How TLS is spoken with the clients of the routes that name it.
 *
 * Reports TLS-02 where two of a cluster are called `default`: Traefik would drop both; TLS-05 client certificates of no
 * CA; TLS-07 a cipher suite; NAME-04 a Secret.
 *
 * @example new TlsOption(chart, 'mutual', { clientCaSecrets: ['partners-ca'] });
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/kubernetes/crd/tls/tlsoption/
 */
export class TlsOption extends Construct implements TlsOptionRef {
  public readonly name: string;
  public readonly namespace: string;

  public constructor(scope: Construct, id: string, props: TlsOptionProps = {}) {
    super(scope, id);
    this.name = nameOf(this, props.name);
    this.namespace = namespaceOf(this);
    if (this.name === 'default') defaultOptions(this).push(this);
    report(this, optionFindings(props));

    new ApiObject(this, 'Resource', {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'TLSOption',
      metadata: { name: this.name, labels: recommendedLabels({ instance: this.name, component: 'tls-option' }) },
      spec: {
        ...tlsBaseline(props),
        clientAuth: props.clientCaSecrets && {
          secretNames: [...props.clientCaSecrets],
          clientAuthType: 'RequireAndVerifyClientCert',
        },
      },
    });
  }
}

/** What an option says beside whose certificates clients show, wherever it is declared. */
export function tlsBaseline(props: Pick<TlsOptionProps, 'minVersion' | 'sniStrict' | 'cipherSuites'>) {
  return {
    minVersion: props.minVersion === '1.3' ? 'VersionTLS13' : 'VersionTLS12',
    sniStrict: props.sniStrict ?? true,
    cipherSuites: props.cipherSuites,
  } as const;
}

/** TLS-05 client certificates of no CA, TLS-07 a cipher suite, NAME-04 a Secret. */
export function optionFindings({ clientCaSecrets, cipherSuites = [] }: TlsOptionProps): Finding[] {
  const findings = (clientCaSecrets ?? []).flatMap((secret) => referenceFindings('clientCaSecrets', secret));
  if (clientCaSecrets?.length === 0) {
    findings.push({
      code: 'TLS-05',
      value: '',
      message: 'clientCaSecrets names no CA, so no client would be asked for a certificate',
      fix: 'Name the Secret of the CA, or leave clientCaSecrets out',
    });
  }
  for (const suite of cipherSuites.filter((name) => !CIPHER_SUITES.has(name))) {
    findings.push({
      code: 'TLS-07',
      value: suite,
      message: 'not a cipher suite that is safe and that Traefik knows',
      fix: `Use some of ${[...CIPHER_SUITES].join(', ')}, or leave cipherSuites out`,
    });
  }
  return findings;
}

/** The suites up to TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2). */
const CIPHER_SUITES = new Set([
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
]);

/** The Traefiks that a cluster's program declares. */
export const traefiksOf = perCluster((): { readonly version: string; readonly namespace: string }[] => []);

const defaultOptions = perCluster((cluster) => onlyOne(cluster, 'TLS-02', 'TLSOption', 'Give this one another name'));

/** A list of the `default` objects of a kind, with the rule that a cluster has one: Traefik drops all of several. */
export function onlyOne(cluster: IConstruct, code: string, kind: string, fix: string): IConstruct[] {
  const declared: IConstruct[] = [];
  check(cluster, () =>
    declared
      .filter((construct) => firstSeenBeside(construct, declared) !== construct)
      .map(
        (construct): Problem => ({
          code,
          at: construct.node.path,
          value: `${kind} default`,
          message: `a cluster has one default ${kind}, Traefik drops both of two, and ${firstSeenBeside(construct, declared).node.path} declares one`,
          fix: `${fix}, or put it into another Cluster`,
        }),
      ),
  );
  return declared;
}

/**
 * The first of `declared` that a Traefik sees together with `construct`: of all, unless every Traefik of the cluster is
 * known to take default objects of its own namespace alone.
 */
function firstSeenBeside(construct: IConstruct, declared: readonly IConstruct[]): IConstruct {
  const traefiks = traefiksOf(construct);
  const { namespace } = Chart.of(construct);
  const isReserved =
    traefiks.some((traefik) => traefik.namespace === namespace) &&
    traefiks.every(({ version }) => knows(version, 'defaultTLSResourcesNamespace'));
  return declared.find((other) => !isReserved || Chart.of(other).namespace === namespace) ?? construct;
}

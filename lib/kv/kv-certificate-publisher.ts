import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { containerScript } from '../container-scripts';
import { deploymentObject } from '../deployment';
import { digestOf } from '../digest';
import { KV_CREDENTIALS, kvAccess, kvAccessFindings } from '../kv-access';
import { recommendedLabels } from '../labels';
import { imageFindings } from '../model/image';
import { referenceFindings } from '../model/kube-name';
import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { RESTRICTED_POD } from '../pod-security';
import { report } from '../report';
import { requireProps } from '../required';
import { IMAGES } from '../versions';
import { scriptContainer, TMP, TMP_MOUNT } from './script-container';
import { kvEnvironment } from './script-environment';
import { toolFindings, writableFindings } from './writable';

/** A certificate that is published: a `Certificate`, or a Secret of the chart's namespace with `tls.crt` and `tls.key`. */
export interface PublishedCertificate {
  /** The Secret. It may come later: it is published when it is there. */
  readonly secretName: string;
  /**
   * Its name in the store, below `tls/certificates`; whoever else writes there uses others.
   * @default - the namespace and the name of the Secret
   */
  readonly as?: string;
}

/** Which certificates go to which store. */
export interface KvCertificatePublisherProps {
  /** The store that they are published to: consul, etcd or redis. */
  readonly store: KvStore;
  /** The certificates, one or more. */
  readonly certificates: readonly PublishedCertificate[];
  /**
   * An image with a POSIX shell, the usual tools, and where the store speaks TLS curl, or openssl for Redis; pinned.
   * @default - that of curl, on Alpine
   */
  readonly image?: string;
  /**
   * The name of its objects.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Publishes certificates that cert-manager holds to a key-value store, for every Traefik that reads it, outside of the
 * cluster as well. Certificate and key go in one transaction, a renewed one as soon as the kubelet has brought it
 * (within a minute or so); what the store lost is written again within five. It reads no API and has no permissions:
 * the Secrets are mounted.
 *
 * Whoever reads the store can read the keys: permit it to Traefik and to this, and nobody else.
 *
 * Reports KV-01, KV-02 and KV-13 for the store, KV-15 no certificates or two of one name, KV-06 a name that cannot be
 * one in a store, NAME-04 a Secret that can be none, KV-17 and IMAGE-01 the image.
 *
 * @example
 * const certificate = new Certificate(chart, 'shop', { secretName: 'shop-tls', dnsNames: ['shop.example.com'], issuer });
 * new KvCertificatePublisher(chart, 'publisher', {
 *   store: KvStore.etcd({ endpoints: ['etcd:2379'], tls: { ca: 'etcd-ca' } }),
 *   certificates: [certificate],
 * });
 */
export class KvCertificatePublisher extends Construct {
  /** The Deployment, to patch what has no property here. */
  public readonly deployment: ApiObject;

  public constructor(scope: Construct, id: string, props: KvCertificatePublisherProps) {
    super(scope, id);
    requireProps(this, props, 'store', 'certificates');
    const { store, image = IMAGES.curl } = props;
    const name = nameOf(this, props.name);
    const namespace = namespaceOf(this);
    const certificates = props.certificates.map(({ secretName, as }) => ({
      secretName,
      as: as ?? `${namespace}-${secretName}`,
    }));
    report(this, [
      ...store.findings,
      ...kvAccessFindings(store),
      ...writableFindings(store),
      ...toolFindings(store, props.image !== undefined),
      ...certificateListFindings(certificates.map(({ as }) => as)),
      ...certificates.flatMap(({ secretName }) => referenceFindings('certificates.secretName', secretName)),
      ...imageFindings(image),
    ]);

    const labels = recommendedLabels({ instance: name, component: 'kv-publisher' });
    const script = containerScript('publish.sh');
    new k8s.KubeConfigMap(this, 'Script', { metadata: { name, labels }, data: { 'publish.sh': script } });
    const environment = {
      ...kvEnvironment(store, (file) => `${KV_CREDENTIALS}/${file}`),
      PUBLISHER_NAME: `${namespace}/${name}`,
      CERTIFICATES_DIR: '/certificates',
    };
    const digest = digestOf(script);
    this.deployment = deploymentObject(this, { name, labels }, () =>
      deploymentSpec({ name, labels, image, environment, store, certificates, digest }),
    );
  }
}

/** KV-15 where there is nothing to publish, or two under one name; KV-06 for names that a store cannot hold. */
function certificateListFindings(names: readonly string[]): Finding[] {
  const findings: Finding[] = names
    .filter((name) => !/^[a-zA-Z0-9._-]*[a-zA-Z_-][a-zA-Z0-9._-]*$/.test(name))
    .map((name) => ({
      code: 'KV-06',
      value: name,
      message: 'not the name of a certificate in a store',
      fix: 'Use letters, digits, hyphens and dots, with a letter among them',
    }));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (names.length === 0 || twice.length > 0) {
    findings.push({
      code: 'KV-15',
      value: twice.join(', '),
      message:
        names.length === 0 ? 'there is nothing to publish' : 'two certificates would be published under one name',
      fix: names.length === 0 ? 'Give at least one of certificates' : 'Give one of them another name',
    });
  }
  return findings;
}

const SCRIPT_FOLDER = '/etc/traefik-ha/publisher';

interface Publisher {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly image: string;
  readonly environment: Record<string, string>;
  readonly store: KvStore;
  readonly certificates: readonly Required<PublishedCertificate>[];
  readonly digest: string;
}

function deploymentSpec({
  name,
  labels,
  image,
  environment,
  store,
  certificates,
  digest,
}: Publisher): k8s.DeploymentSpec {
  const access = kvAccess(store);
  const selector = {
    'app.kubernetes.io/instance': labels['app.kubernetes.io/instance'] ?? '',
    'app.kubernetes.io/component': labels['app.kubernetes.io/component'] ?? '',
  };
  return {
    replicas: 1,
    // Two that declare different certificates would each take away what the other published.
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels, annotations: { 'traefik-ha/script': digest } },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: RESTRICTED_POD,
        terminationGracePeriodSeconds: 10,
        containers: [
          {
            ...scriptContainer({ name: 'publisher', image, environment }),
            command: ['sh', `${SCRIPT_FOLDER}/publish.sh`],
            volumeMounts: [
              { name: 'script', mountPath: SCRIPT_FOLDER, readOnly: true },
              TMP_MOUNT,
              ...access.volumeMounts,
              ...certificates.map(({ as }, index) => ({
                name: `certificate-${index}`,
                mountPath: `/certificates/${as}`,
                readOnly: true,
              })),
            ],
          },
        ],
        volumes: [
          { name: 'script', configMap: { name } },
          TMP,
          ...access.volumes,
          ...certificates.map(({ secretName }, index) => ({
            name: `certificate-${index}`,
            // It may not have been issued yet.
            secret: { secretName, optional: true, defaultMode: 0o440 },
          })),
        ],
      },
    },
  };
}

import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { perCluster } from '../cluster';
import { recommendedLabels } from '../labels';
import { referenceFindings } from '../model/kube-name';
import { namespaceOf, uniqueNames } from '../naming';
import { report } from '../report';
import { onlyOne } from './tls-option';

/** What a {@link TlsStore} serves. */
export interface TlsStoreProps {
  /**
   * Secrets in the store's namespace whose certificates serve every route of the cluster. One that is not there yet
   * is passed over until it is.
   * @default - none; `addCertificate` adds them
   */
  readonly certificates?: readonly string[];
}

/**
 * The certificates that every route is served from, whatever its namespace. Traefik knows one, called `default`.
 *
 * There is no `defaultCertificate` on purpose: while its Secret is missing, Traefik would drop the whole store.
 * Reports TLS-01 where a cluster has two: Traefik would drop both; NAME-04 a Secret.
 *
 * @example
 * const store = new TlsStore(chart, 'store');
 * store.addCertificate('wildcard-tls');
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/kubernetes/crd/tls/tlsstore/
 */
export class TlsStore extends Construct {
  public readonly namespace: string;
  /** The object, which what reads it can depend on. */
  public readonly resource: ApiObject;
  private readonly certificates: { secretName: string }[] = [];

  public constructor(scope: Construct, id: string, props: TlsStoreProps = {}) {
    super(scope, id);
    this.namespace = namespaceOf(this);
    uniqueNames(this);
    defaultStores(this).push(this);
    for (const secretName of props.certificates ?? []) this.addCertificate(secretName);

    this.resource = new ApiObject(this, 'Resource', {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'TLSStore',
      metadata: { name: 'default', labels: recommendedLabels({ instance: 'default', component: 'tls-store' }) },
      spec: { certificates: this.certificates },
    });
  }

  /** Serves the certificate in `secretName`, a Secret of the store's namespace. */
  public addCertificate(secretName: string): void {
    report(this, referenceFindings('secretName', secretName));
    if (this.certificates.some((certificate) => certificate.secretName === secretName)) return;
    this.certificates.push({ secretName });
    this.certificates.sort((a, b) => (a.secretName < b.secretName ? -1 : 1));
  }

  /** The Secrets that it serves, sorted. */
  public get secretNames(): string[] {
    return this.certificates.map(({ secretName }) => secretName);
  }
}

const defaultStores = perCluster((cluster) =>
  onlyOne(cluster, 'TLS-01', 'TLSStore', 'Add its certificates to that one'),
);

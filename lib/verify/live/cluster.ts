import { X509Certificate } from 'node:crypto';
import { askedName } from '../../model/host';
import { type ApiClient, ApiError } from '../../rotater/live/api-client';
import { INGRESS_ROUTE_KINDS, type WatchedKind } from '../../rotater/live/kinds';
import {
  isOfClass,
  type KubeObject,
  list,
  metadataOf,
  type PlacedObject,
  record,
  text,
} from '../../rotater/route-object';
import type { ExpectedCertificate } from '../check';
import { clusterNodes, type NodeSource, type TraefikService, takesTls, traefikImages } from '../cluster-nodes';
import { crdFindings, TRAEFIK_KINDS } from '../crds';
import type { Declaration, DeclaredHost, SecretKey } from '../declaration';
import { found } from '../findings';
import { type ReadManifests, readManifests } from '../manifests';
import type { Remark } from '../report';
import { coversName, seenCertificate } from './certificate';

/** What of a cluster is looked at. */
export interface ClusterOptions {
  /** Only routes of these namespaces; undefined for all. */
  readonly namespaces?: readonly string[];
  /** Only routes of this class; undefined for all. */
  readonly ingressClass?: string;
  /** Traefik's Service; undefined for those that its labels tell. */
  readonly service?: SecretKey;
  /** The only Secrets that are read; undefined for all that routes and default TLSStores name. */
  readonly secrets?: readonly SecretKey[];
  readonly nodeSource: NodeSource;
}

/** The labels that Services of Traefik have, from this library or its own chart. */
const TRAEFIK_LABELS = [
  'app.kubernetes.io/name=traefik-ha,app.kubernetes.io/component=traefik',
  'app.kubernetes.io/name=traefik',
];

/** Reads what `verify` wants to know of a cluster; changes nothing. */
export class ClusterReader {
  public constructor(
    private readonly client: ApiClient,
    private readonly options: ClusterOptions,
  ) {}

  /** What the routes of the cluster declare. */
  public async routes(): Promise<ReadManifests> {
    const { namespaces, ingressClass } = this.options;
    const found = await Promise.all(
      INGRESS_ROUTE_KINDS.flatMap((kind) =>
        (namespaces ?? [undefined]).map((namespace) => this.list({ ...kind, namespace })),
      ),
    );
    return readManifests(
      found
        .flat()
        .filter((object) => isOfClass(object, ingressClass))
        .map(placed),
    );
  }

  /** Traefik's Services with their pods; empty where none is found. */
  public async traefiks(): Promise<TraefikService[]> {
    const { service } = this.options;
    const services = service
      ? [await this.get(`/api/v1/namespaces/${service.namespace}/services/${service.name}`)]
      : (await Promise.all(TRAEFIK_LABELS.map((selector) => this.list(SERVICES, selector)))).flat().filter(takesTls);
    return Promise.all(
      services.filter((one) => one !== undefined).map(async (one) => ({ service: one, pods: await this.podsOf(one) })),
    );
  }

  /** Where these Traefiks are asked, unless it is said otherwise. */
  public nodesOf(traefiks: readonly TraefikService[]): Declaration {
    return { hosts: [], nodes: traefiks.flatMap((one) => clusterNodes(one, this.options.nodeSource)) };
  }

  /** Whether the kinds that are defined are those of the Traefik that runs. */
  public async definitions(traefiks: readonly TraefikService[]): Promise<Remark[]> {
    const images = traefiks.flatMap(traefikImages);
    if (images.length === 0) return [];
    try {
      const texts = await Promise.all(
        TRAEFIK_KINDS.map(async (name) => {
          const definition = await this.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
          return [name, definition && JSON.stringify(definition)] as const;
        }),
      );
      const findings = crdFindings(new Map(texts), images);
      return findings.length === 0 ? [] : [{ findings }];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return [{ findings: [found('unknown', 'crds-unreadable', error.message)] }];
    }
  }

  /** The certificates that the Secrets of `hosts` hold, by host, and which cannot be read. */
  public async expected(
    hosts: readonly DeclaredHost[],
  ): Promise<{ readonly expected: ReadonlyMap<string, ExpectedCertificate[]>; readonly remarks: readonly Remark[] }> {
    const expected = new Map<string, ExpectedCertificate[]>();
    const remarks: Remark[] = [];
    const defaults = hosts.some(({ secret }) => secret === undefined) ? await this.defaultSecrets() : [];
    const permitted = this.options.secrets?.map(nameOf);
    const read = new Map<string, Promise<ReadSecret>>();
    const certificateIn = (key: SecretKey) => {
      const name = nameOf(key);
      const known = read.get(name) ?? this.secret(key);
      read.set(name, known);
      return known;
    };
    for (const { host, secret } of hosts) {
      const named = (secret ? [secret] : defaults).filter((key) => permitted?.includes(nameOf(key)) ?? true);
      const secrets = await Promise.all(named.map(certificateIn));
      const held = secrets.flatMap((one) => (one.certificate ? [{ ...one, certificate: one.certificate }] : []));
      // Of the default store's certificates those count that are for the host.
      const meant = held.filter(({ certificate }) => secret !== undefined || coversName(certificate, askedName(host)));
      if (meant.length > 0)
        expected.set(
          host,
          meant.map(({ certificate, source }) => expectedOf(certificate, source)),
        );
      const findings = secrets.flatMap(({ problem }) => (problem ? [problem] : []));
      if (findings.length > 0) remarks.push({ host, findings });
    }
    return { expected, remarks };
  }

  /** What default TLSStores serve; nothing where they may not be read. */
  private async defaultSecrets(): Promise<SecretKey[]> {
    const stores = await this.list(TLS_STORES).catch((error: unknown) => {
      if (isRefusal(error)) return [];
      throw error;
    });
    return stores.flatMap((store) => {
      const { name, namespace } = metadataOf(store);
      const { defaultCertificate, certificates } = record(store.spec);
      const names = [defaultCertificate, ...list(certificates)].flatMap((one) => text(record(one).secretName) ?? []);
      return name === 'default' ? names.map((secret) => ({ namespace, name: secret })) : [];
    });
  }

  private async secret({ namespace, name }: SecretKey): Promise<ReadSecret> {
    const key = nameOf({ namespace, name });
    const source = `Secret ${key}`;
    try {
      const secret = await this.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
      const pem = Buffer.from(text(record(secret?.data)['tls.crt']) ?? '', 'base64').toString();
      return { source, certificate: new X509Certificate(pem) };
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) {
        return { source, problem: found('unknown', 'secret-unreadable', key, error.message) };
      }
      if (error instanceof ApiError || isNetworkError(error)) throw error;
      return { source, problem: found('critical', 'secret-missing', key) };
    }
  }

  private async podsOf(service: KubeObject): Promise<KubeObject[]> {
    const selector = Object.entries(record(record(service.spec).selector)).map(([key, value]) => `${key}=${value}`);
    if (selector.length === 0) return [];
    return this.list({ ...PODS, namespace: metadataOf(service).namespace }, selector.join(','));
  }

  /** Undefined where there is none. */
  private async get(path: string): Promise<KubeObject | undefined> {
    try {
      return await this.client.send<KubeObject>({ path });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All of a kind, page by page; none where the cluster does not know the kind. */
  private async list(kind: WatchedKind, labelSelector?: string): Promise<KubeObject[]> {
    const { apiVersion, plural, namespace } = kind;
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const path = `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
    const objects: KubeObject[] = [];
    let next: string | undefined;
    do {
      const query = { limit: '500', continue: next, labelSelector };
      const page = await this.client.send<ObjectList>({ path, query }).catch((error: unknown): ObjectList => {
        if (error instanceof ApiError && error.status === 404) return { items: [] };
        throw error;
      });
      // Items of a list do not say themselves what they are.
      objects.push(...page.items.map((item) => ({ ...item, apiVersion, kind: kind.kind })));
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    return objects;
  }
}

const SERVICES: WatchedKind = { apiVersion: 'v1', kind: 'Service', plural: 'services' };
const PODS: WatchedKind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
const TLS_STORES: WatchedKind = { apiVersion: 'traefik.io/v1alpha1', kind: 'TLSStore', plural: 'tlsstores' };

interface ObjectList {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly KubeObject[];
}

interface ReadSecret {
  readonly source: string;
  readonly certificate?: X509Certificate;
  readonly problem?: ReturnType<typeof found>;
}

function expectedOf(certificate: X509Certificate, source: string): ExpectedCertificate {
  const { fingerprint, issuedAt } = seenCertificate(certificate);
  return { fingerprint, issuedAt, source };
}

function placed(object: KubeObject): PlacedObject {
  const { namespace, name } = metadataOf(object);
  const at = `${object.kind} ${namespace}/${name}`;
  return { object, at, placeOf: (path) => (path.length === 0 ? at : `${at} ${path.join('.')}`) };
}

function nameOf({ namespace, name }: SecretKey): string {
  return `${namespace}/${name}`;
}

/** Whether the API server says that this account may not. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403;
}

function isNetworkError(error: unknown): boolean {
  return /^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '');
}

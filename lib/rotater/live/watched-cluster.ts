import { nodeSelector } from '../../model/node-record';
import type { RotaterSettings } from '../settings';
import type { ClusterApi } from './cluster-api';
import { KeptWatch } from './kept-watch';
import {
  CERTIFICATE_KIND,
  DNS_ENDPOINT_KIND,
  ENDPOINT_SLICE_KIND,
  INGRESS_ROUTE_KINDS,
  NODE_KIND,
  SERVICE_KIND,
  type WatchedKind,
} from './kinds';
import { identityOf, type LiveObject } from './live-object';
import type { ClusterView } from './reconcile';

/** Who is told when something is other than before. */
export interface ClusterListener {
  /** `isAsked` where it is a route, the Service or a node: what is asked for may be another. */
  changed(isAsked: boolean): void;
  broken(kind: WatchedKind, error: unknown, retrySeconds: number): void;
}

/** Everything that a reconciliation looks at. */
export class WatchedCluster {
  private readonly routes: readonly KeptWatch[];
  private readonly services: readonly KeptWatch[];
  private readonly nodes: readonly KeptWatch[];
  private readonly slices: readonly KeptWatch[];
  private readonly derived: readonly KeptWatch[];
  /** What writes were answered with, until the watches have caught up. */
  private readonly written = new Map<string, LiveObject>();
  /** The versions at which objects ended, for answers to writes that come later. */
  private readonly ended = new Map<string, number>();

  public constructor(api: ClusterApi, settings: RotaterSettings, listener: ClusterListener) {
    const keep = (isAsked: boolean) => (kind: WatchedKind) =>
      new KeptWatch(kind, api, {
        changed: (object) => {
          // What is seen of one's own write is no news.
          if (this.written.get(identityOf(object))?.metadata.resourceVersion !== object.metadata.resourceVersion) {
            listener.changed(isAsked);
          }
        },
        gone: (object) => {
          this.end(object);
          listener.changed(isAsked);
        },
        listed: (listed, version) => {
          this.forgetBefore(listed, Number(version));
          listener.changed(isAsked);
        },
        broken: (broken, error, seconds) => listener.broken(broken, error, seconds),
      });
    this.routes = routeKinds(settings).map(keep(true));
    this.services = serviceKinds(settings).map(keep(true));
    this.nodes = nodeKinds(settings).map(keep(true));
    this.slices = sliceKinds(settings).map(keep(true));
    this.derived = derivedKinds(settings).map(keep(false));
  }

  /** Keeps all of it up until {@link stop}. */
  public async run(): Promise<void> {
    await Promise.all(this.watches.map((watch) => watch.run()));
  }

  public stop(): void {
    for (const watch of this.watches) watch.stop();
  }

  /** Whether all is known: before that, what is not seen may be there all the same. */
  public get isComplete(): boolean {
    return this.watches.every((watch) => watch.hasListed);
  }

  /** Takes over what a write was answered with, so that the next look does not write it again. */
  public wrote(object: LiveObject): void {
    const identity = identityOf(object);
    if (versionOf(object) > (this.ended.get(identity) ?? 0)) this.written.set(identity, object);
  }

  /** The object of that identity among what is derived, as it was last seen. */
  public find(identity: string): LiveObject | undefined {
    const seen = this.derived.map((watch) => watch.find(identity)).find((object) => object !== undefined);
    const written = this.written.get(identity);
    return seen && written ? newer(seen, written) : (seen ?? written);
  }

  public get view(): ClusterView {
    return {
      routes: this.routes.flatMap((watch) => watch.objects),
      service: this.services.flatMap((watch) => watch.objects)[0],
      nodes: this.nodes.flatMap((watch) => watch.objects),
      slices: this.slices.flatMap((watch) => watch.objects),
      objects: this.newest(this.derived.flatMap((watch) => watch.objects)),
    };
  }

  private end(object: LiveObject): void {
    const identity = identityOf(object);
    const written = this.written.get(identity);
    if (written && versionOf(written) <= versionOf(object)) this.written.delete(identity);
    // Answers come within seconds: what ended long ago need not be remembered.
    if (this.ended.size > 10_000) this.ended.clear();
    this.ended.set(identity, versionOf(object));
  }

  /** What was written before a list and is not in it is gone. */
  private forgetBefore({ kind, namespace }: WatchedKind, version: number): void {
    for (const [identity, object] of this.written) {
      const isListed = object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace);
      if (isListed && versionOf(object) <= version) this.written.delete(identity);
    }
    for (const [identity, ended] of this.ended) {
      if (identity.startsWith(`${kind} `) && ended <= version) this.ended.delete(identity);
    }
  }

  private get watches(): readonly KeptWatch[] {
    return [...this.routes, ...this.services, ...this.nodes, ...this.slices, ...this.derived];
  }

  private newest(objects: readonly LiveObject[]): LiveObject[] {
    const seen = new Map(objects.map((object) => [identityOf(object), object]));
    for (const [identity, written] of this.written) {
      const known = seen.get(identity);
      if (known && newer(known, written) === known) this.written.delete(identity);
      else seen.set(identity, written);
    }
    return [...seen.values()];
  }
}

/** Versions of an API server rise with each write. */
function newer(seen: LiveObject, written: LiveObject): LiveObject {
  return versionOf(seen) >= versionOf(written) ? seen : written;
}

function versionOf({ metadata }: LiveObject): number {
  return Number(metadata.resourceVersion);
}

function routeKinds({ namespaces, certificates, dns }: RotaterSettings): WatchedKind[] {
  if (certificates === undefined && dns === undefined) return [];
  return INGRESS_ROUTE_KINDS.flatMap((kind) => inEach(kind, namespaces));
}

function serviceKinds({ dns }: RotaterSettings): WatchedKind[] {
  if (dns?.targets.kind !== 'service') return [];
  const { namespace, name } = dns.targets;
  return [{ ...SERVICE_KIND, namespace, name }];
}

function nodeKinds({ nodes }: RotaterSettings): WatchedKind[] {
  return nodes ? [{ ...NODE_KIND, labelSelector: nodeSelector(nodes.labels) || undefined }] : [];
}

function sliceKinds({ nodes }: RotaterSettings): WatchedKind[] {
  if (nodes?.service === undefined) return [];
  const { namespace, name } = nodes.service;
  return [{ ...ENDPOINT_SLICE_KIND, namespace, labelSelector: `kubernetes.io/service-name=${name}` }];
}

function derivedKinds({ namespaces, certificates, dns, nodes }: RotaterSettings): WatchedKind[] {
  const wildcards = certificates?.strategy.kind === 'wildcard-per-zone' ? certificates.wildcardNamespace : undefined;
  const own = namespaces && wildcards !== undefined ? [...new Set([...namespaces, wildcards])] : namespaces;
  return [
    ...(certificates ? inEach(CERTIFICATE_KIND, own) : []),
    ...inEach(DNS_ENDPOINT_KIND, endpointNamespaces({ namespaces, dns, nodes })),
  ];
}

/** Where DNSEndpoints are: those of routes, and that of nodes. */
function endpointNamespaces({
  namespaces,
  dns,
  nodes,
}: Pick<RotaterSettings, 'namespaces' | 'dns' | 'nodes'>): readonly string[] | undefined {
  if (dns && namespaces === undefined) return undefined;
  return [...new Set([...(dns ? (namespaces ?? []) : []), ...(nodes ? [nodes.endpoint.namespace] : [])])];
}

function inEach(kind: WatchedKind, namespaces: readonly string[] | undefined): WatchedKind[] {
  return namespaces?.map((namespace) => ({ ...kind, namespace })) ?? [kind];
}

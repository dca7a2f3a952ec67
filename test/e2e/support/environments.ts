import { type App, Chart, Duration, JsonPatch } from 'cdk8s';
import diff from 'microdiff';
import * as fullStack from '../../../examples/full-stack/main';
import * as hostNetwork from '../../../examples/host-network/main';
import * as kubernetesEtcd from '../../../examples/kubernetes-etcd/main';
import * as minimal from '../../../examples/minimal/main';
import * as rotater from '../../../examples/rotater/main';
import * as wildcard from '../../../examples/wildcard/main';
import {
  AcmeServer,
  AcmeSolver,
  CertManagerIssuer,
  DnsProvider,
  IngressRouteWithTls,
  LoadBalancer,
  type Solver,
  type SolverProps,
  TraefikHA,
} from '../../../lib';
import { filesOf, type Manifest, objectsOf } from '../../support/synthesize';
import { CONTROLLER_IMAGE } from '../lab/controller-image';
import type { Lab } from '../lab/lab';
import { ADDRESSES } from '../lab/network';
import { SWARM_IMAGES } from '../lab/swarm-images';
import type { Backend } from './backends';
import { ETCD } from './etcd';

/** An example as the lab runs it. */
export interface Example {
  readonly name: string;
  /** What `cdk8s synth` writes to `dist/`, in file order. */
  readonly dist: readonly Manifest[];
  /** The same with what differs between production and the lab. */
  readonly lab: readonly Manifest[];
  /** What its routes lead to. */
  readonly backends: readonly Backend[];
  /** Namespaces of others that it puts something into. */
  readonly given?: readonly string[];
}

/** Where the lab's TSIG key lies in every namespace that uses it. */
export const TSIG_SECRET = { secretName: 'tsig', key: 'secret' };

/** Every example, for production and for a lab. */
export function examples(
  lab: Lab,
): Record<'minimal' | 'wildcard' | 'fullStack' | 'rotater' | 'kubernetesEtcd' | 'hostNetwork', Example> {
  const server = AcmeServer.of(lab.acme.directory, { caBundle: lab.acme.caBundle });
  const address = ADDRESSES.loadBalancer;
  return {
    minimal: {
      name: 'minimal',
      dist: objectsOf(filesOf((app) => minimal.build(app, minimal.PRODUCTION))),
      lab: objectsOf(filesOf((app) => minimal.build(app, { server, address }))),
      backends: [{ namespace: 'edge', name: 'web', port: 80 }],
    },
    wildcard: {
      name: 'wildcard',
      dist: objectsOf(filesOf((app) => wildcard.build(app, wildcard.PRODUCTION))),
      lab: objectsOf(filesOf((app) => wildcard.build(app, { server, address, solver: labSolver(lab) }))),
      backends: ['red', 'blue'].flatMap((namespace) =>
        ['web', 'preview'].map((name) => ({ namespace, name, port: 80 })),
      ),
    },
    rotater: {
      name: 'rotater',
      dist: objectsOf(filesOf((app) => rotater.build(app, rotater.PRODUCTION))),
      lab: objectsOf(filesOf((app) => rotater.build(app, { ...rotater.PRODUCTION, image: CONTROLLER_IMAGE }))),
      backends: [{ namespace: 'shop', name: 'images', port: 80 }],
      given: ['edge'],
    },
    kubernetesEtcd: {
      name: 'kubernetes-etcd',
      dist: objectsOf(filesOf((app) => kubernetesEtcd.build(app, kubernetesEtcd.PRODUCTION))),
      lab: objectsOf(
        filesOf((app) =>
          kubernetesEtcd.build(app, {
            ...{ server, address, solver: labSolver(lab, { waitInsteadOfSelfCheck: Duration.seconds(2) }) },
            ...{ store: ETCD.store, shop: [`http://${ETCD.shop}`], toolsImage: SWARM_IMAGES.curl },
          }),
        ),
      ),
      backends: [],
    },
    hostNetwork: {
      name: 'host-network',
      dist: objectsOf(filesOf((app) => hostNetwork.build(app, hostNetwork.PRODUCTION))),
      lab: objectsOf(filesOf((app) => nodeEdge(app, lab))),
      backends: ['web', NODES.old].map((name) => ({ namespace: 'shop', name, port: 80 })),
    },
    fullStack: {
      name: 'full-stack',
      dist: objectsOf(filesOf((app) => fullStack.build(app, fullStack.PRODUCTION))),
      lab: objectsOf(filesOf((app) => fullStack.build(app, fullStackEnvironment(lab)))),
      backends: [
        { namespace: 'shop', name: 'web', port: 80 },
        { namespace: 'shop', name: 'api', port: 80, portName: 'http' },
        { namespace: 'blog', name: 'pages', port: 8080 },
        { namespace: 'blog', name: 'images', port: 80 },
      ],
    },
  };
}

/** Full-stack with the lab's servers in place of Let's Encrypt, Route 53 and the load balancer of AWS. */
export function fullStackEnvironment(lab: Lab): fullStack.Environment {
  return {
    server: AcmeServer.of(lab.acme.directory, { caBundle: lab.acme.caBundle }),
    loadBalancer: LoadBalancer.fixedAddress({ addresses: [ADDRESSES.loadBalancer] }),
    // Its own check of a record is proven by wildcard; a minute after each is not.
    solver: labSolver(lab, { waitInsteadOfSelfCheck: Duration.seconds(2) }),
    records: DnsProvider.rfc2136({ host: ADDRESSES.dns, tsig: { keyName: lab.dns.key.name, secret: TSIG_SECRET } }),
  };
}

/** What of the lab's edge on nodes differs from the example: the record lives shorter, and so instances sleep shorter. */
export const NODES = { ttlSeconds: 5, sleepSeconds: 30, old: 'old', oldHost: 'old.example.com' } as const;

/** host-network, and a route of the old runbook's kind: its challenge comes in by HTTP, at whichever node. */
function nodeEdge(app: App, lab: Lab): void {
  const server = AcmeServer.of(lab.acme.directory, { caBundle: lab.acme.caBundle });
  const traefik = hostNetwork.build(app, {
    server,
    controllerImage: CONTROLLER_IMAGE,
    dns: { host: ADDRESSES.dns, keyName: lab.dns.key.name, ...TSIG_SECRET },
    isPrivate: true,
    nodes: { ttlSeconds: NODES.ttlSeconds },
  });
  const sleep = '/spec/template/spec/containers/0/lifecycle/preStop/sleep/seconds';
  traefik.deployment.addJsonPatch(JsonPatch.replace(sleep, NODES.sleepSeconds));
  const chart = new Chart(app, 'old', { namespace: 'shop' });
  const issuer = new CertManagerIssuer(chart, 'by-http', { server, solvers: [AcmeSolver.http01()] });
  const backend = { service: NODES.old, port: 80 };
  new IngressRouteWithTls(chart, NODES.old, { traefik, issuer, routes: [{ host: NODES.oldHost, backend }] });
}

/** A further Traefik, which may read one namespace beside its own. */
export const NARROW = { namespace: 'narrow', ingressClass: 'narrow', readable: 'shop', other: 'blog' } as const;

export function narrowEdge(): Manifest[] {
  return objectsOf(
    filesOf((app) => {
      const chart = new Chart(app, 'narrow', { namespace: NARROW.namespace });
      new TraefikHA(chart, 'traefik', {
        ingressClass: NARROW.ingressClass,
        namespaces: [NARROW.readable],
        replicas: 2,
        loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.11'] }),
      });
    }),
  );
}

/** DNS-01 by updates of the lab's DNS server. */
export function labSolver(lab: Lab, props: SolverProps = {}): Solver {
  const tsig = { keyName: lab.dns.key.name, secret: TSIG_SECRET };
  return AcmeSolver.rfc2136({ nameserver: `${ADDRESSES.dns}:53`, tsig, ...props });
}

/** The Secret of the TSIG key, for a namespace. */
export function tsigSecret(lab: Lab, namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: TSIG_SECRET.secretName, namespace },
    stringData: { [TSIG_SECRET.key]: lab.dns.key.secret },
  };
}

/** How the lab's objects differ from `dist/`, one line each: which object, where, from what to what. */
export function differences({ dist, lab }: Example): string[] {
  const ours = byIdentity(lab);
  const theirs = byIdentity(dist);
  const changed = Object.keys(theirs).flatMap((identity) => {
    const object = ours[identity];
    if (object === undefined) return [`${identity}: only in dist/`];
    return diff(asSets(theirs[identity]), asSets(object)).map((change) => {
      const from = 'oldValue' in change ? shown(change.oldValue) : 'nothing';
      const to = 'value' in change ? shown(change.value) : 'nothing';
      return `${identity} ${change.path.join('.')}: ${from} → ${to}`;
    });
  });
  const added = Object.keys(ours).filter((identity) => !(identity in theirs));
  return [...changed, ...added.map((identity) => `${identity}: only in the lab`)].sort();
}

/** With lists of texts, such as arguments, by text: one more at the front does not change all that follow. */
function asSets(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (!Array.isArray(part) || !part.every((item) => typeof item === 'string')) return part;
    return Object.fromEntries(part.map((item) => [item, 'listed']));
  });
}

function byIdentity(objects: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(
    objects.map((object) => [
      `${object.kind} ${[object.metadata.namespace, object.metadata.name].filter(Boolean).join('/')}`,
      object,
    ]),
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

import type { App } from 'cdk8s';
import * as keyValue from '../../../examples/swarm-consul/main';
import * as sharedFiles from '../../../examples/swarm-shared-files/main';
import {
  AcmeServer,
  KvStore,
  RenewerDns,
  SharedCertVolume,
  StackService,
  type StackServiceSpec,
  SwarmService,
  SwarmStack,
  type SwarmTraefik,
} from '../../../lib';
import { SHARED } from '../lab/engine';
import { ADDRESSES } from '../lab/network';
import { SWARM_IMAGES } from '../lab/swarm-images';
import type { SwarmStage } from './swarm-stage';

/** The secret of the swarm with the lab's TSIG key. */
export const TSIG_SECRET = 'tsig';

/** What both examples are given in the lab: its servers, its images, and what its kernel can. */
function common({ lab, shortLived }: SwarmStage) {
  return {
    server: AcmeServer.of(shortLived.directory, { caBundle: shortLived.caBundle }),
    dnsProvider: RenewerDns.lego('rfc2136', {
      environment: {
        RFC2136_NAMESERVER: `${ADDRESSES.dns}:53`,
        RFC2136_TSIG_ALGORITHM: 'hmac-sha512.',
        RFC2136_TSIG_KEY: lab.dns.key.name,
        RFC2136_POLLING_INTERVAL: '1',
        // Between two names of one certificate; a minute by default, which is all that a short-lived one has.
        RFC2136_SEQUENCE_INTERVAL: '1',
      },
      secrets: { RFC2136_TSIG_SECRET: TSIG_SECRET },
      image: SWARM_IMAGES.lego,
    }),
    reconcileSeconds: 2,
    // Neither IPVS nor IPsec.
    stack: { endpointMode: 'dnsrr', encryption: 'none' },
  } as const;
}

/** What may change between two deployments. */
export interface Deployed {
  readonly logLevel?: 'INFO' | 'DEBUG';
}

/** The folder of the shared volume, below what the machines share. */
export const CERTIFICATES = 'certificates';

/** swarm-shared-files as the lab runs it. */
export function sharedFilesIn(stage: SwarmStage, { logLevel }: Deployed = {}): (app: App) => void {
  return (app) =>
    sharedFiles.build(app, {
      ...common(stage),
      volume: SharedCertVolume.gluster({ path: `${SHARED}/${CERTIFICATES}` }),
      webImage: SWARM_IMAGES.backend,
      phpImage: SWARM_IMAGES.backend,
      traefik: { socketProxyImage: SWARM_IMAGES.socketProxy, logLevel },
    });
}

/** The stores that stand in the place of Consul. */
export type StoreKind = 'etcd' | 'redis';

/** swarm-consul as the lab runs it. */
export function keyValueIn(
  stage: SwarmStage,
  kind: StoreKind,
  { logLevel, legacy }: Deployed & { readonly legacy?: string } = {},
): (app: App) => void {
  return (app) =>
    keyValue.build(app, {
      ...common(stage),
      store: (stack) => STORES[kind](stack),
      shopImage: SWARM_IMAGES.backend,
      seedImage: SWARM_IMAGES.curl,
      legacy,
      traefik: { socketProxyImage: SWARM_IMAGES.socketProxy, logLevel },
    });
}

/** Adds a service with a route to the stack that `app` has, or, as another team does, in a stack of its own. */
export function addService(app: App, host: string, inStack?: string): void {
  const edge = app.node.findChild('edge') as SwarmStack;
  const stack = inStack === undefined ? edge : new SwarmStack(app, inStack, { endpointMode: 'dnsrr' });
  new SwarmService(stack, 'added', {
    traefik: edge.node.findChild('traefik') as SwarmTraefik,
    image: SWARM_IMAGES.backend,
    routes: [{ host, port: 8080 }],
  });
}

const STORES: Readonly<Record<StoreKind, (stack: SwarmStack) => KvStore>> = {
  etcd: (stack) => {
    const url = 'http://0.0.0.0:2379';
    const listening = [`--listen-client-urls=${url}`, '--advertise-client-urls=http://etcd:2379'];
    const command = ['etcd', '--data-dir=/data/etcd', '--log-level=warn', ...listening];
    const { name } = new StackService(stack, 'etcd', storeSpec(stack, SWARM_IMAGES.etcd, command));
    return KvStore.etcd({ endpoints: [`${name}:2379`] });
  },
  redis: (stack) => {
    // Without a password it would answer nobody but its own machine.
    const command = ['redis-server', '--dir', '/data', '--notify-keyspace-events', 'KEA', '--protected-mode', 'no'];
    const { name } = new StackService(stack, 'redis', storeSpec(stack, SWARM_IMAGES.redis, command));
    return KvStore.redis({ endpoint: `${name}:6379` });
  },
};

function storeSpec(stack: SwarmStack, image: string, command: readonly string[]): StackServiceSpec {
  return {
    image,
    command,
    networks: { [stack.network('control')]: {} },
    volumes: [{ type: 'volume', source: stack.volume('store'), target: '/data' }],
    deploy: { mode: 'replicated', replicas: 1, placement: { constraints: ['node.labels.renewer == true'] } },
  };
}

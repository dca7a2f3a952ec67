import { type App, Size } from 'cdk8s';
import * as consul from '../../examples/swarm-consul/main';
import * as sharedFiles from '../../examples/swarm-shared-files/main';
import { AcmeServer } from '../../lib/certificates/acme-server';
import { KvStore } from '../../lib/model/kv-store';
import { Match } from '../../lib/model/rule/build';
import { HostedZone } from '../../lib/model/zone';
import { CertRenewer, type CertRenewerProps } from '../../lib/swarm/cert-renewer';
import { ConsulCluster, type ConsulClusterProps } from '../../lib/swarm/consul-cluster';
import { KvSeed, type KvSeedProps } from '../../lib/swarm/kv-seed';
import { RenewerDns } from '../../lib/swarm/renewer-dns';
import { SharedCertVolume } from '../../lib/swarm/shared-cert-volume';
import type { StackServiceSpec } from '../../lib/swarm/stack-file';
import { StackService } from '../../lib/swarm/stack-service';
import { SwarmService, type SwarmServiceProps } from '../../lib/swarm/swarm-service';
import { SwarmStack, type SwarmStackProps } from '../../lib/swarm/swarm-stack';
import { SwarmTraefik, type SwarmTraefikProps } from '../../lib/swarm/swarm-traefik';
import { CA_CERTIFICATE } from './charts';

/** Programs of swarms that together use everything that a stack file can come from. */
export const SWARM_DECLARATIONS: Readonly<Record<string, (app: App) => void>> = {
  'examples/swarm-consul': (app) => consul.build(app, consul.PRODUCTION),
  'examples/swarm-shared-files': (app) => sharedFiles.build(app, sharedFiles.PRODUCTION),
  'nothing but Traefik': (app) => {
    new SwarmTraefik(new SwarmStack(app, 'edge'), 'traefik');
  },
  'every property, with Consul': (app) =>
    everyProperty(app, (stack) => new ConsulCluster(stack, 'consul', CONSUL).store),
  ...Object.fromEntries(
    Object.entries({
      consul: KvStore.consul({
        endpoint: 'consul.example.com:8501',
        token: 'consul-token',
        tls: { ca: 'consul-ca' },
      }),
      etcd: KvStore.etcd({
        endpoints: ['etcd.example.com:2379'],
        credentials: { username: 'etcd-user', password: 'etcd-password' },
        tls: { ca: 'etcd-ca', client: { certificate: 'etcd-crt', key: 'etcd-key' } },
      }),
      redis: KvStore.redis({ endpoint: 'redis.example.com:6379', credentials: { password: 'redis' }, database: 3 }),
    }).map(([name, store]) => [`an external ${name}`, (app: App) => everyProperty(app, () => store)]),
  ),
  'a ZooKeeper that others write': (app) => {
    new SwarmTraefik(new SwarmStack(app, 'edge'), 'traefik', {
      kvStore: KvStore.zooKeeper({ endpoints: ['zookeeper-0:2181', 'zookeeper-1:2181'] }),
    });
  },
  ...Object.fromEntries(
    Object.entries({
      NFS: SharedCertVolume.nfs({ address: '10.0.0.5', path: '/export/certs' }),
      Gluster: SharedCertVolume.gluster({ path: '/mnt/gluster/certs' }),
      'an external volume': SharedCertVolume.external('certs'),
    }).map(([name, volume]) => [`certificates by ${name}`, (app: App) => shared(app, volume)]),
  ),
  'networks as the kernel has them': (app) => {
    new SwarmTraefik(new SwarmStack(app, 'edge', { encryption: 'none', endpointMode: 'dnsrr' }), 'traefik');
  },
  'two stacks': (app) => {
    const traefik = new SwarmTraefik(new SwarmStack(app, 'edge', { encryption: 'all' }), 'traefik');
    new SwarmService(new SwarmStack(app, 'apps'), 'shop', { ...SHOP, traefik });
  },
  'a service with all that it can say': (app) => {
    const stack = new SwarmStack(app, 'edge');
    stack.config(stack, 'settings', '.ini', () => 'price=$5\n');
    stack.secret('token');
    stack.privateNetwork('lan');
    stack.volume('data');
    new StackService(stack, 'app', SPEC);
  },
};

const SHOP = {
  image: 'registry.example.com/shop:1.4.2',
  routes: [
    { host: ['shop.example.com', 'www.example.com'], pathPrefix: '/api', port: 8080, priority: 100 },
    { match: Match.and(Match.host('b.example.com'), Match.not(Match.pathPrefix('/x'))), port: 8443, scheme: 'https' },
    { rule: 'Host(`a.example.com`) && HeaderRegexp(`X-Id`, `^[0-9]+$`)', port: 8080 },
  ],
} as const;

const CONSUL: Required<ConsulClusterProps> = {
  servers: 5,
  nodeLabel: 'store',
  image: 'registry.example.com/consul:1.21.4',
  rootKey: 'edge',
  memoryLimit: Size.mebibytes(256),
};

function everyProperty(app: App, storeIn: (stack: SwarmStack) => KvStore): void {
  const stackProps: Required<SwarmStackProps> = {
    name: 'public-edge',
    encryption: 'control',
    controlSubnet: '10.200.0.0/24',
    endpointMode: 'vip',
  };
  const stack = new SwarmStack(app, 'edge', stackProps);
  const store = storeIn(stack);
  const monitoring = stack.externalNetwork('monitoring');
  const traefikProps: Required<Omit<SwarmTraefikProps, 'sharedCertificates'>> = {
    kvStore: store,
    version: '3.7.5',
    image: 'registry.example.com/traefik:3.7.5',
    placement: ['node.role == manager'],
    graceSeconds: 60,
    memoryLimit: Size.mebibytes(256),
    tls: { minVersion: '1.3', sniStrict: false },
    hsts: { includeSubdomains: true },
    secrets: ['users'],
    middlewares: { compress: { compress: {} }, price: { headers: { customResponseHeaders: { 'X-Price': '$5' } } } },
    clientAddress: { by: 'proxy-protocol', trusted: ['10.0.0.0/8'] },
    logLevel: 'DEBUG',
    extraArguments: ['--tracing.otlp=true'],
    networks: [monitoring],
    socketProxyImage: 'registry.example.com/socket-proxy:1',
  };
  const traefik = new SwarmTraefik(stack, 'traefik', traefikProps);
  const seed: Required<KvSeedProps> = {
    store,
    configuration: { http: { middlewares: { deny: { ipAllowList: { sourceRange: ['10.0.0.0/8'] } } } } },
    repeatMinutes: 5,
    image: 'registry.example.com/busybox:1.37.0',
    networks: [monitoring],
  };
  new KvSeed(stack, 'seed', seed);
  const renewer: Required<CertRenewerProps> = {
    traefik,
    zones: [HostedZone.of('example.org'), HostedZone.of('example.com')],
    email: 'ops@example.org',
    dnsProvider: RenewerDns.certbot('rfc2136', {
      credentials: 'rfc2136.ini',
      options: ['--key-type rsa'],
      image: 'registry.example.com/certbot:5',
    }),
    publishTo: store,
    certificates: [['example.com', '*.example.com'], ['*.example.org']],
    server: AcmeServer.of('https://ca.example.com/directory', { caBundle: CA_CERTIFICATE }),
    renewDays: 20,
    reconcileSeconds: 60,
    placement: ['node.hostname == one'],
    networks: [monitoring],
  };
  new CertRenewer(stack, 'renewer', renewer);
  const service: Required<SwarmServiceProps> = {
    ...SHOP,
    traefik,
    protocol: 'http',
    replicas: 4,
    command: ['serve', '--price=$5', '0o17', '0X1F', '1e_3'],
    environment: { MODE: 'live', PRICE: '$5', OCTAL: '-0o7', BINARY: '0B1', TIME: '12:30:45', NOT: 'no' },
    secrets: ['database-password'],
    user: '1000:1001',
    capabilities: ['NET_BIND_SERVICE'],
    writable: true,
    volumes: [{ type: 'volume', source: stack.volume('uploads'), target: '/uploads' }],
    networks: [stack.privateNetwork('backend')],
    healthcheck: { test: ['CMD', 'check'], interval: '5s' },
    placement: ['node.role == worker'],
    memoryLimit: Size.gibibytes(1),
  };
  new SwarmService(stack, 'shop', service);
  new SwarmService(stack, 'db', {
    traefik,
    image: 'registry.example.com/db:1',
    protocol: 'tcp',
    routes: [{ host: 'db.example.com', port: 5432 }],
  });
}

function shared(app: App, volume: SharedCertVolume): void {
  const stack = new SwarmStack(app, 'edge');
  const traefik = new SwarmTraefik(stack, 'traefik', { sharedCertificates: volume });
  new CertRenewer(stack, 'renewer', {
    traefik,
    zones: [HostedZone.of('example.com')],
    email: 'ops@example.com',
    dnsProvider: RenewerDns.lego('cloudflare', { secrets: { CLOUDFLARE_DNS_API_TOKEN: 'cloudflare-token' } }),
    publishTo: volume,
  });
  new SwarmService(stack, 'shop', { ...SHOP, traefik });
}

/** All that a service of a stack can say, where its stack has the config settings, the secret token and so on. */
export const SPEC: Required<StackServiceSpec> = {
  image: 'app:1',
  entrypoint: ['/app'],
  command: ['serve'],
  hostname: 'app-{{.Task.Slot}}',
  user: '1000',
  environment: { EMPTY: '' },
  configs: [{ source: 'settings', target: '/settings', uid: '1000', gid: '1000', mode: 0o444 }],
  secrets: [{ source: 'token', target: 'token', uid: '1000', gid: '1000', mode: 0o400 }],
  networks: { lan: { aliases: ['app'] } },
  ports: [{ target: 53, published: 53, protocol: 'udp', mode: 'ingress' }],
  volumes: [
    { type: 'volume', source: 'data', target: '/data', volume: { nocopy: true } },
    { type: 'bind', source: '/etc/app', target: '/etc/app', read_only: true, bind: { propagation: 'rslave' } },
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: 1024 } },
  ],
  read_only: true,
  init: true,
  cap_drop: ['ALL'],
  cap_add: ['NET_BIND_SERVICE'],
  sysctls: { 'net.core.somaxconn': '1024' },
  healthcheck: {
    test: ['CMD-SHELL', 'check'],
    ...{ interval: '1m30s' as never, timeout: '5s', retries: 3, start_period: '10s', start_interval: '500ms' },
  },
  stop_grace_period: '30s',
  stop_signal: 'SIGINT',
  labels: { team: 'shop' },
  tty: false,
  stdin_open: false,
  ulimits: { nofile: { soft: 1024, hard: 4096 } },
  dns: ['10.0.0.2'],
  dns_search: ['example.com'],
  extra_hosts: ['db:10.0.0.3'],
  logging: { driver: 'json-file', options: { 'max-size': '10m' } },
  working_dir: '/app',
  deploy: {
    mode: 'replicated',
    replicas: 3,
    endpoint_mode: 'vip',
    labels: { team: 'shop' },
    placement: {
      constraints: ['node.role == worker'],
      preferences: [{ spread: 'node.labels.zone' }],
      max_replicas_per_node: 1,
    },
    resources: {
      limits: { cpus: '0.50', memory: '256M', pids: 100 },
      reservations: { cpus: '0.1', memory: '64M' },
    },
    update_config: {
      ...{ parallelism: 1, delay: '10s', monitor: '30s', order: 'start-first', failure_action: 'rollback' },
      max_failure_ratio: 0.5,
    },
    rollback_config: { parallelism: 1, order: 'start-first', failure_action: 'pause' },
    restart_policy: { condition: 'any', delay: '5s', max_attempts: 3, window: '1m' },
  },
};

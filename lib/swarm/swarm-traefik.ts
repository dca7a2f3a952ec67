import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { containerScript } from '../container-scripts';
import type { HttpMiddleware } from '../kv/dynamic-configuration';
import { kvEntries } from '../kv/entries';
import { secretFindings } from '../kv/secrets';
import { kvReadersOf } from '../kv-readers';
import { drainFindings, drainTimes } from '../model/drain';
import { imageFindings } from '../model/image';
import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import type { HostedZone } from '../model/zone';
import { report } from '../report';
import { argumentFindings, type CommonConfiguration, commonArguments, withEveryOption } from '../traefik/arguments';
import { type ClientAddress, trustFindings } from '../traefik/client-address';
import { PORTS } from '../traefik/entry-points';
import { type HstsProps, hstsFindings, hstsHeaders } from '../traefik/hsts';
import { optionFindings, type TlsOptionProps, tlsBaseline } from '../traefik/tls-option';
import { versionFindings } from '../traefik/version';
import { mebibytes } from '../traefik/workload';
import { IMAGES, VERSIONS } from '../versions';
import { LOCKED, memoryLimit, NOBODY, ONE_BY_ONE, TMP } from './hardening';
import { kvArguments, kvSecrets, secretFiles, storeFindings } from './kv-access';
import type { SharedCertVolume } from './shared-cert-volume';
import { SocketProxy } from './socket-proxy';
import type { StackMount, StackServiceSpec } from './stack-file';
import { StackService } from './stack-service';
import { type SwarmStack, stackOf } from './swarm-stack';
import { yamlText } from './yaml-text';

/** How a {@link SwarmTraefik} runs. */
export interface SwarmTraefikProps {
  /**
   * A store that holds further routes, and certificates that a CertRenewer publishes.
   * @default - none
   */
  readonly kvStore?: KvStore;
  /**
   * A volume that a CertRenewer publishes certificates through.
   * @default - none
   */
  readonly sharedCertificates?: SharedCertVolume;
  /**
   * The version of Traefik, a patch of 3.7 in full; arguments are fitted to it.
   * @default '3.7.13' - the newest patch
   */
  readonly version?: string;
  /**
   * The image, pinned. It must hold the stated version; with a volume or a store that asks for credentials also a shell.
   * @default - the official image of the version
   */
  readonly image?: string;
  /**
   * The nodes that it runs on, as constraints such as `node.labels.edge == true`.
   * @default - all of them: workers, too
   */
  readonly placement?: readonly string[];
  /**
   * How long requests may still run when a task is told to stop, in whole seconds from 1 to 3600.
   * @default 30
   */
  readonly graceSeconds?: number;
  /**
   * Where the kernel ends a task, from 64 MiB. Go is told to stay below nine tenths of it.
   * @default Size.mebibytes(512)
   */
  readonly memoryLimit?: Size;
  /**
   * How TLS is spoken with clients.
   * @default - TLS 1.2 and up, and a client must name a host that there is a certificate for
   */
  readonly tls?: Pick<TlsOptionProps, 'minVersion' | 'sniStrict' | 'cipherSuites'>;
  /**
   * What browsers are told to remember; false for nothing.
   * @default - HTTPS only, for a year, for the host itself
   */
  readonly hsts?: HstsProps | false;
  /**
   * Middlewares that routes may name, other than `hsts`. Everybody with access to the managers can read them, so they
   * hold no passwords and no hashes of any: those lie in files, such as `usersFile: '/run/secrets/users'`.
   * @default - none
   */
  readonly middlewares?: Readonly<Record<string, HttpMiddleware>>;
  /**
   * Secrets of the swarm that middlewares read from `/run/secrets`.
   * @default - none
   */
  readonly secrets?: readonly string[];
  /**
   * How the client's address is known where something stands in front.
   * @default - nothing does: it is that of the packets, which ports of the host keep
   */
  readonly clientAddress?: ClientAddress;
  /**
   * What it says of itself.
   * @default 'INFO'
   */
  readonly logLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /**
   * More arguments, one `--name=value` each, for what has no property here.
   * @default - none
   */
  readonly extraArguments?: readonly string[];
  /**
   * Networks that it joins as well, of the stack or of the swarm, such as the one that a store of another stack is in.
   * @default - none
   */
  readonly networks?: readonly string[];
  /**
   * The image of the proxy before the managers' API, pinned.
   * @default - wollomatic/socket-proxy
   */
  readonly socketProxyImage?: string;
}

/** Where the file provider reads, and the shared volume below it. */
const DYNAMIC_DIR = '/etc/traefik/dynamic';
const SHARED_MOUNT = `${DYNAMIC_DIR}/certificates`;

/** Where the published certificates lie in the volume, apart from the renewer's own state. */
export const SERVED_FOLDER = 'served';

/** Of the entry point that answers the renewer. */
const API_PORT = 8081;

/**
 * Traefik on each node of a swarm, on ports 80 and 443 of the node, replaced one at a time. It reads routes from the
 * labels of services, and certificates from a store or a shared volume, so that every instance serves the same.
 *
 * Reports TRAEFIK-01 to TRAEFIK-05 and TRAEFIK-10 for extra arguments, TRAEFIK-06 an unknown version, TRAEFIK-09 too
 * little memory, IMAGE-01 an image that is not pinned, DRAIN-02 a grace out of range, HSTS-01 and HSTS-02, TLS-07 a cipher
 * suite, LB-02 to LB-04 for the client's address, KV-01 and KV-02 and SWARM-15 for the store, SWARM-16 for the volume,
 * KV-03 to KV-12 and SWARM-21 for middlewares, SWARM-14 where it is in no SwarmStack.
 *
 * @example
 * new SwarmTraefik(stack, 'traefik', { kvStore: KvStore.etcd({ endpoints: ['etcd:2379'] }) });
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/swarm/
 */
export class SwarmTraefik extends Construct {
  public readonly stack: SwarmStack;
  public readonly version: string;
  public readonly graceSeconds: number;
  public readonly kvStore: KvStore | undefined;
  public readonly sharedCertificates: SharedCertVolume | undefined;
  /** The names of the middlewares that routes may name. */
  public readonly middlewareNames: readonly string[];
  /** The service, to patch what has no property here. */
  public readonly service: StackService;
  public readonly socketProxy: SocketProxy;

  private readonly zones: HostedZone[] = [];
  private api = false;
  private readonly configuration: CommonConfiguration;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: SwarmTraefikProps = {},
  ) {
    super(scope, id);
    this.stack = stackOf(this);
    this.version = props.version ?? VERSIONS.traefik;
    this.graceSeconds = props.graceSeconds ?? drainTimes('generic').graceSeconds;
    this.kvStore = props.kvStore;
    this.sharedCertificates = props.sharedCertificates;
    const { middlewares = {} } = props;
    this.middlewareNames = Object.keys(middlewares)
      .filter((each) => middlewares[each] !== undefined)
      .sort();
    const hsts = props.hsts ?? {};
    const memory = props.memoryLimit ?? Size.mebibytes(512);
    const image = props.image ?? IMAGES.traefik(this.version);
    this.configuration = {
      version: this.version,
      http01: false,
      clientAddress: props.clientAddress,
      hsts: hsts === false ? undefined : 'hsts@file',
      graceSeconds: this.graceSeconds,
      logLevel: props.logLevel ?? 'INFO',
    };
    report(this, [
      ...versionFindings(this.version),
      ...imageFindings(image),
      ...this.extraArgumentFindings(),
      ...memoryFindings(memory),
      ...drainFindings('generic', { graceSeconds: props.graceSeconds }),
      ...(hsts === false ? [] : hstsFindings(hsts)),
      ...optionFindings(props.tls ?? {}),
      ...trustFindings(props.clientAddress),
      ...(props.kvStore ? storeFindings(props.kvStore) : []),
      ...(props.sharedCertificates?.findings ?? []),
      ...middlewareFindings(this.allMiddlewares, props),
    ]);

    if (props.kvStore) kvReadersOf(this).push({ store: props.kvStore, at: this.node.path, kind: 'SwarmTraefik' });
    this.socketProxy = new SocketProxy(this, 'socket-proxy', { image: props.socketProxyImage });
    const name = this.stack.serviceName(this);
    this.stack.config(this, name, '.yml', () => withoutTemplates(yamlText(this.dynamicConfiguration)));
    if (this.needsScript) this.stack.config(this, 'traefik-script', '.sh', () => containerScript('traefik.sh'));
    this.service = new StackService(this, 'Resource', () => this.spec(name, image, memory));
  }

  /** What Traefik is started with, as far as the program is known yet. */
  public get arguments(): string[] {
    return [...this.ownArguments(this.configuration, this.api), ...(this.props.extraArguments ?? [])];
  }

  /** What its file provider reads beside certificates, as far as the program is known yet. */
  public get dynamicConfiguration() {
    const { tls = {} } = this.props;
    const all = this.allMiddlewares;
    const http = {
      ...(Object.keys(all).length > 0 ? { middlewares: all } : {}),
      ...(this.api ? { routers: { api: this.apiRouter } } : {}),
    };
    return {
      ...(Object.keys(http).length > 0 ? { http } : {}),
      tls: { options: { default: tlsBaseline(tls) } },
    };
  }

  private get allMiddlewares(): Readonly<Record<string, HttpMiddleware>> {
    const { hsts = {}, middlewares } = this.props;
    return { ...(hsts === false ? {} : { hsts: { headers: hstsHeaders(hsts) } }), ...middlewares };
  }

  /** The zones that certificates of routes come from; empty where none is known. */
  public get certifiedZones(): readonly HostedZone[] {
    return [...this.zones];
  }

  /**
   * Has it answer questions about its routes, on the control network only, and says where: whoever certifies hosts in
   * `zones` takes new ones from there.
   */
  public certifiedIn(zones: readonly HostedZone[]): string {
    this.api = true;
    this.zones.push(...zones);
    return `http://${this.stack.serviceName(this)}:${API_PORT}/api`;
  }

  private get apiRouter() {
    return {
      entryPoints: ['api'],
      // Every network that it is in reaches the port; only what lies in the control network is answered.
      rule: `PathPrefix(\`/api\`) && ClientIP(\`${this.stack.controlSubnet}\`)`,
      service: 'api@internal',
    };
  }

  /** Whether a script starts Traefik: for secrets as arguments, or to have it read a volume again. */
  private get needsScript(): boolean {
    return this.sharedCertificates !== undefined || this.secretArguments.length > 0;
  }

  private get secretNames(): string[] {
    return [...(this.kvStore ? kvSecrets(this.kvStore) : []), ...(this.props.secrets ?? [])].sort();
  }

  private get secretArguments(): string[] {
    return this.kvStore ? kvArguments(this.kvStore).secret : [];
  }

  private ownArguments(configuration: CommonConfiguration, api: boolean): string[] {
    return [
      ...commonArguments(configuration),
      ...(api
        ? ['--api=true', '--api.dashboard=false', '--api.insecure=false', `--entryPoints.api.address=:${API_PORT}`]
        : []),
      `--providers.file.directory=${DYNAMIC_DIR}`,
      // The network's file systems tell of no change; the script does.
      '--providers.file.watch=false',
      `--providers.swarm.endpoint=${this.socketProxy?.endpoint}`,
      '--providers.swarm.exposedByDefault=false',
      `--providers.swarm.network=${this.stack.networkName('webgateway')}`,
      ...(this.kvStore ? kvArguments(this.kvStore).plain : []),
    ];
  }

  private extraArgumentFindings(): Finding[] {
    return argumentFindings(this.props.extraArguments ?? [], {
      name: 'SwarmTraefik',
      version: this.version,
      own: withEveryOption(this.configuration.clientAddress, (clientAddress) =>
        this.ownArguments({ ...this.configuration, clientAddress }, true),
      ),
      acme: 'Declare a CertRenewer',
      providers: ['swarm', 'file', ...(this.kvStore ? [this.kvStore.kind] : [])],
    });
  }

  private spec(name: string, image: string, memory: Size): StackServiceSpec {
    const { stack } = this;
    const { terminationSeconds, preStopSeconds } = drainTimes('generic', { graceSeconds: this.graceSeconds });
    const usesControl = this.api || this.kvStore !== undefined;
    return {
      image,
      entrypoint: [this.needsScript ? '/scripts/traefik.sh' : 'traefik'],
      command: this.arguments,
      environment: {
        GOMEMLIMIT: `${Math.floor(mebibytes(memory) * 0.9)}MiB`,
        ...(this.sharedCertificates ? { RELOAD_DIR: `${SHARED_MOUNT}/${SERVED_FOLDER}` } : {}),
        ...(this.secretArguments.length > 0 ? { ARG_FILES: this.secretArguments.join(' ') } : {}),
      },
      user: NOBODY,
      ...LOCKED,
      configs: [
        { source: name, target: `${DYNAMIC_DIR}/edge.yml`, mode: 0o444 },
        ...(this.needsScript ? [{ source: 'traefik-script', target: '/scripts/traefik.sh', mode: 0o555 }] : []),
      ],
      ...secretFiles(stack, this.secretNames, NOBODY),
      networks: Object.fromEntries(
        [
          stack.network('webgateway'),
          stack.network('docker-api'),
          ...(usesControl ? [stack.network('control')] : []),
          ...stack.networksOf(this.props.networks),
        ].map((network) => [network, {}]),
      ),
      ports: [
        { target: PORTS.web, published: 80, protocol: 'tcp', mode: 'host' },
        { target: PORTS.websecure, published: 443, protocol: 'tcp', mode: 'host' },
      ],
      volumes: [TMP, ...(this.sharedCertificates ? [sharedMount(stack, this.sharedCertificates, true)] : [])],
      healthcheck: {
        test: [
          ...(['CMD', 'traefik', 'healthcheck', '--ping=true', '--ping.entryPoint=traefik'] as const),
          `--entryPoints.traefik.address=:${PORTS.traefik}`,
        ],
        interval: '5s',
        timeout: '5s',
        retries: 3,
        start_period: '15s',
      },
      // Traefik gives up a little after its own timers.
      stop_grace_period: `${terminationSeconds - preStopSeconds}s`,
      deploy: {
        mode: 'global',
        ...(this.props.placement ? { placement: { constraints: this.props.placement } } : {}),
        resources: memoryLimit(memory),
        ...ONE_BY_ONE,
        restart_policy: { condition: 'any', delay: '2s' },
      },
    };
  }
}

/** The shared volume at the path that files in it name. */
export function sharedMount(stack: SwarmStack, { volume }: SharedCertVolume, isReadOnly: boolean): StackMount {
  return {
    type: 'volume',
    source: stack.volume('certificates', volume),
    target: SHARED_MOUNT,
    ...(isReadOnly ? { read_only: true } : {}),
  };
}

/** TRAEFIK-09 below what it can run in. */
function memoryFindings(memory: Size): Finding[] {
  if (mebibytes(memory) >= 64) return [];
  return [
    {
      code: 'TRAEFIK-09',
      value: `${mebibytes(memory)}Mi at most`,
      message: 'the limit is 64Mi at least',
      fix: 'Raise memoryLimit, or leave it out for 512Mi',
    },
  ];
}

/** What stores can't hold, and files can: items with commas, numbers as names, and names that differ in case alone. */
const OF_STORES = ['KV-05', 'KV-06', 'KV-07'];

function middlewareFindings(
  all: Readonly<Record<string, HttpMiddleware>>,
  { middlewares = {}, hsts }: SwarmTraefikProps,
): Finding[] {
  const { findings } = kvEntries({ http: { middlewares: all } });
  return [
    ...findings.filter(({ code }) => !OF_STORES.includes(code)),
    ...secretFindings({ http: { middlewares } }),
    ...(hsts !== false && Object.hasOwn(middlewares, 'hsts') ? [HSTS_TAKEN] : []),
    ...Object.keys(middlewares)
      .filter((name) => !/^[^@,\s]+$/.test(name))
      .map((name) => ({
        code: 'KV-06',
        value: name,
        message: 'not the name of a middleware: lists of them are divided by commas, and what follows @ is a provider',
        fix: 'Use letters, digits, hyphens and dots, with a letter among them',
      })),
  ];
}

const HSTS_TAKEN: Finding = {
  code: 'SWARM-21',
  value: 'hsts',
  message: 'all requests pass the middleware of that name, which the property hsts makes',
  fix: 'Give yours another name, or say hsts: false',
};

/** `text` for Traefik's file provider, which takes what it reads for a template and would look into the braces. */
function withoutTemplates(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

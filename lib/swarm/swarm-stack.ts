import type { App } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { type AppFile, addFiles, STACK_EXTENSION, writeFiles } from '../app-files';
import { perApp, perCluster } from '../cluster';
import { digestOf } from '../digest';
import { networkFindings, overlap } from '../model/network';
import { type Finding, locate, type Problem } from '../model/problem';
import { check, report } from '../report';
import type { StackFile, StackNetwork, StackServiceSpec, StackVolume } from './stack-file';
import { configFindings, type PlacedService, stackProblems } from './stack-rules';
import { yamlText } from './yaml-text';

/** What holds for the whole of a {@link SwarmStack}. */
export interface SwarmStackProps {
  /**
   * The name that it is deployed by.
   * @default - its id
   */
  readonly name?: string;
  /**
   * Which networks are encrypted between nodes: the one that keys of certificates cross (`control`), also the one to
   * the backends (`all`), or none, as on engines whose kernel lacks IPsec.
   * @default 'control'
   */
  readonly encryption?: 'control' | 'all' | 'none';
  /**
   * The addresses of the control network, in CIDR notation, which no other network of the swarm has. Traefik answers
   * questions about its routes to these only, and Consul finds its own among them.
   * @default '10.213.0.0/24'
   */
  readonly controlSubnet?: string;
  /**
   * How names of services resolve: to one address that the kernel balances, or to the tasks' own (`dnsrr`), for engines
   * without IPVS.
   * @default 'vip'
   */
  readonly endpointMode?: 'vip' | 'dnsrr';
}

const SHARED_NETWORKS = ['webgateway', 'control', 'docker-api', 'outbound'] as const;

/** The networks that constructs of a stack share. */
export type StackNetworkName = (typeof SHARED_NETWORKS)[number];

interface DeclaredConfig {
  readonly path: string;
  readonly at: string;
  readonly text: () => string;
  /** Who else declared it: they must mean the same. */
  readonly others: { readonly at: string; readonly text: () => string }[];
}

/**
 * A stack of Docker Swarm: the services below it in the tree, with their networks, volumes, configs and secrets. `synth()`
 * writes `<name>.stack.yml` and a folder `<name>` with its config files; with `docker stack deploy` it is applied.
 *
 * Nothing is taken from the environment of the machine that deploys: `$` is escaped everywhere.
 *
 * Reports SWARM-01 to SWARM-13 and SWARM-22 for what the engine would refuse, ignore, or wait on forever; LB-02 a subnet
 * that is none.
 *
 * @example const stack = new SwarmStack(app, 'edge');
 * @see https://docs.docker.com/engine/swarm/stack-deploy/
 */
export class SwarmStack extends Construct {
  /** The stack that `construct` is declared in; undefined outside of one. */
  public static of(construct: IConstruct): SwarmStack | undefined {
    for (let scope: IConstruct | undefined = construct; scope; scope = scope.node.scope) {
      if (scope instanceof SwarmStack) return scope;
    }
    return undefined;
  }

  public readonly name: string;
  public readonly encryption: 'control' | 'all' | 'none';
  public readonly controlSubnet: string;
  public readonly endpointMode: 'vip' | 'dnsrr';

  private readonly services: PlacedService[] = [];
  private readonly networks = new Map<string, StackNetwork>();
  private readonly volumes = new Map<string, StackVolume>();
  private readonly configs = new Map<string, DeclaredConfig>();
  private readonly secrets = new Set<string>();
  /** What was declared as one thing, and again as another. */
  private readonly contradicted = new Set<string>();

  public constructor(scope: Construct, id: string, props: SwarmStackProps = {}) {
    super(scope, id);
    this.name = props.name ?? id;
    this.encryption = props.encryption ?? 'control';
    this.controlSubnet = props.controlSubnet ?? '10.213.0.0/24';
    this.endpointMode = props.endpointMode ?? 'vip';
    report(this, [
      ...nameFindings('stack', this.name),
      ...networkFindings('controlSubnet', [this.controlSubnet]),
      ...this.uniqueFindings(),
    ]);
    swarmOf(this).push(this);
    check(this, () => this.problems());
    addFiles(this, 'swarm', () => this.files());
  }

  /** What is deployed, as far as the program is known yet. */
  public get file(): StackFile {
    return {
      services: Object.fromEntries(sorted(this.services.map(({ name, spec }) => [name, spec()]))),
      ...section('networks', [...this.networks]),
      ...section('volumes', [...this.volumes]),
      ...section(
        'configs',
        [...this.configs].map(([key, { path, text }]) => [
          key,
          { name: `${this.name}_${key}_${digestOf(text(), 8)}`, file: `./${path}` },
        ]),
      ),
      ...section(
        'secrets',
        [...this.secrets].map((name) => [name, { external: true, name }]),
      ),
    };
  }

  /** The names of its services. */
  public get serviceNames(): string[] {
    return this.services.map(({ name }) => name);
  }

  /** The name by which services of `construct` are known: its ids below the stack. */
  public serviceName(construct: IConstruct): string {
    const ids: string[] = [];
    for (let scope = construct; scope !== this && scope.node.scope; scope = scope.node.scope)
      ids.unshift(scope.node.id);
    return ids.join('-');
  }

  /** Adds a service of `construct`; `spec` is asked at synthesis, since a later construct may change it. */
  public addService(construct: IConstruct, name: string, spec: () => StackServiceSpec): void {
    const first = this.services.find((service) => service.name === name);
    report(construct, [
      ...nameFindings('service', name),
      ...(first ? [twice(`service ${name}`, `${first.at} declares it as well`)] : []),
    ]);
    if (!first) this.services.push({ name, at: construct.node.path, spec });
  }

  /** Has a shared network declared, and names it. */
  public network(name: StackNetworkName): string {
    return this.declared('network', this.networks, name, this.networkOf(name));
  }

  /** Declares a network of its own for services that only one another may reach, and names it. */
  public privateNetwork(name: string): string {
    const network = overlay({ isInternal: true, isEncrypted: this.encryption === 'all' });
    return this.declared('network', this.networks, name, network);
  }

  /** Has a network declared that is in the swarm already, and names it. */
  public externalNetwork(name: string): string {
    return this.declared('network', this.networks, name, { external: true, name });
  }

  /** The networks of `names`, which those declared in the stack go before those in the swarm already. */
  public networksOf(names: readonly string[] = []): string[] {
    return names.map((name) => {
      if (isShared(name)) return this.network(name);
      return this.networks.has(name) ? name : this.externalNetwork(name);
    });
  }

  /** The name by which the engine knows a shared network. */
  public networkName(name: StackNetworkName): string {
    return `${this.name}_${name}`;
  }

  /** Declares a volume, always as the same where several do, and names it. */
  public volume(name: string, volume: StackVolume = {}): string {
    return this.declared('volume', this.volumes, name, volume);
  }

  /**
   * Declares a config, in a file `<name><extension>`, and names it; its name in the swarm tells its content, which is
   * asked at synthesis. Several may declare one of the same content.
   */
  public config(construct: IConstruct, name: string, extension: string, text: () => string): string {
    const known = this.configs.get(name);
    if (known) known.others.push({ at: construct.node.path, text });
    else
      this.configs.set(name, { path: `${this.name}/${name}${extension}`, at: construct.node.path, text, others: [] });
    return name;
  }

  /** Has a secret declared that is in the swarm already, and names it. */
  public secret(name: string): string {
    this.secrets.add(name);
    return name;
  }

  private declared<T>(kind: string, all: Map<string, T>, name: string, value: T): string {
    const known = all.get(name);
    if (known === undefined) all.set(name, value);
    else if (JSON.stringify(known) !== JSON.stringify(value)) this.contradicted.add(`${kind} ${name}`);
    return name;
  }

  private networkOf(name: StackNetworkName): StackNetwork {
    const isSecret = name === 'control' || name === 'docker-api';
    const isEncrypted = this.encryption === 'all' || (this.encryption === 'control' && isSecret);
    return {
      // Nothing in them needs to be reached from outside, nor reaches out.
      ...overlay({ isInternal: isSecret, isEncrypted }),
      // Services of other stacks join it.
      ...(name === 'webgateway' ? { attachable: true } : {}),
      ...(name === 'control' ? { ipam: { config: [{ subnet: this.controlSubnet }] } } : {}),
    };
  }

  private uniqueFindings(): Finding[] {
    const stacks = stacksOf(this);
    const first = stacks.get(this.name);
    if (!first) stacks.set(this.name, this);
    return first ? [twice(`stack ${this.name}`, `${first.node.path} has the same name`)] : [];
  }

  private problems(): Problem[] {
    const configs = [...this.configs].flatMap(([name, { at, text, others }]) => [
      ...locate(configFindings(name, text()), at),
      ...others
        .filter((other) => other.text() !== text())
        .flatMap((other) => locate([twice(`config ${name}`, `${at} gives it other content`)], other.at)),
    ]);
    const { file } = this;
    const names = [...this.networks.keys(), ...this.volumes.keys(), ...this.configs.keys(), ...this.secrets];
    return [
      ...stackProblems(this.node.path, file, this.services),
      ...configs,
      ...this.services.flatMap(({ name, at }) => locate(lengthFindings(`${this.name}_${name}`, 63), at)),
      ...locate(
        [
          ...names.flatMap(keyFindings),
          ...Object.values(file.configs ?? {}).flatMap(({ name }) => lengthFindings(name, 64)),
          ...[...this.contradicted].map((value) => twice(value, 'with other settings')),
          ...this.subnetFindings(),
        ],
        this.node.path,
      ),
    ];
  }

  /** SWARM-22: addresses that the control network of another stack has. */
  private subnetFindings(): Finding[] {
    const stacks = swarmOf(this);
    const [rival] = stacks
      .slice(0, stacks.indexOf(this))
      .filter((each) => each.file.networks?.control && overlap(each.controlSubnet, this.controlSubnet));
    if (rival === undefined || !this.networks.has('control')) return [];
    return [
      {
        code: 'SWARM-22',
        value: this.controlSubnet,
        message: `the control network of ${rival.node.path} has these addresses, and the engine gives them to one network only`,
        fix: "Give it another controlSubnet, such as '10.214.0.0/24', or put stacks of two swarms into two Cluster scopes",
      },
    ];
  }

  private files(): AppFile[] {
    return [
      { path: `${this.name}${STACK_EXTENSION}`, text: yamlText(escaped(this.file)) },
      ...[...this.configs.values()].map(({ path, text }) => ({ path, text: text() })).sort(byPath),
    ];
  }
}

/** The stack that `construct` is declared in. SWARM-14 where there is none; it then gets one that is not written. */
export function stackOf(construct: IConstruct): SwarmStack {
  const stack = SwarmStack.of(construct);
  if (stack) return stack;
  report(construct, [
    {
      code: 'SWARM-14',
      value: construct.node.path,
      message: 'it is declared in no SwarmStack',
      fix: "Write new SwarmStack(app, 'edge'), and declare it in that",
    },
  ]);
  const scope = construct.node.scope as Construct;
  return (scope.node.tryFindChild(NO_STACK) as SwarmStack | undefined) ?? new SwarmStack(scope, NO_STACK);
}

const NO_STACK = 'no-stack';

/**
 * Writes the stacks of `app` and their config files. Call it after `app.synth()`, which throws first where something is
 * wrong; `EdgeApp` does.
 *
 * @returns the paths written: `<name>.stack.yml`, and the configs in a folder `<name>`.
 */
export function writeSwarmStacks(app: App): string[] {
  return writeFiles(app, 'swarm');
}

const stacksOf = perApp(() => new Map<string, SwarmStack>());

/** The stacks of one swarm. */
const swarmOf = perCluster((): SwarmStack[] => []);

const isShared = (name: string): name is StackNetworkName => (SHARED_NETWORKS as readonly string[]).includes(name);

function overlay({ isInternal, isEncrypted }: { isInternal: boolean; isEncrypted: boolean }) {
  return {
    driver: 'overlay',
    ...(isInternal ? { internal: true } : {}),
    ...(isEncrypted ? { driver_opts: { encrypted: 'true' } } : {}),
  } as const;
}

/** SWARM-11 where the engine would refuse the name. */
function nameFindings(what: string, name: string): Finding[] {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return [];
  return [
    {
      code: 'SWARM-11',
      value: name,
      message: `not a name that a ${what} can have in a swarm and in its DNS`,
      fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
    },
  ];
}

/** SWARM-11 for the name of what services refer to. */
function keyFindings(name: string): Finding[] {
  if (/^[a-zA-Z0-9]([\w.-]{0,62}[a-zA-Z0-9])?$/.test(name)) return [];
  return [
    {
      code: 'SWARM-11',
      value: name,
      message: 'not a name that a network, volume, config or secret can have in a swarm',
      fix: 'Use letters, digits, hyphens, underscores and dots, 64 at most; docker secret ls and the like show what there is',
    },
  ];
}

/** SWARM-11 where what the engine makes of the stack's name and another is too long for it. */
function lengthFindings(name: string, most: number): Finding[] {
  if (name.length <= most) return [];
  return [
    {
      code: 'SWARM-11',
      value: name,
      message: `the engine takes ${most} letters at most, those of the stack's name among them`,
      fix: 'Give the stack a shorter name, or the construct a shorter id',
    },
  ];
}

function twice(value: string, message: string): Finding {
  return { code: 'SWARM-11', value, message: `declared twice: ${message}`, fix: 'Give one of them another id or name' };
}

function section<V>(name: string, entries: [string, V][]): Record<string, Record<string, V>> {
  return entries.length > 0 ? { [name]: Object.fromEntries(sorted(entries)) } : {};
}

function sorted<V>(entries: [string, V][]): [string, V][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

const byPath = (a: AppFile, b: AppFile) => (a.path < b.path ? -1 : 1);

/** `value` with each `$` of its texts doubled: the client takes a single one for a variable. */
function escaped<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$') as T;
  if (Array.isArray(value)) return value.map(escaped) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escaped(each)])) as T;
}

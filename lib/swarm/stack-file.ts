/*
 * The stack file of `docker stack deploy`, as far as the engine does what it says. What is refused or silently ignored
 * (build, restart, privileged, security_opt…) is not here; the rules of the stack find it where it comes by a patch.
 *
 * @see https://docs.docker.com/reference/compose-file/legacy-versions/
 */

/** Such as `10s`. */
export type StackDuration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** A whole stack. Keys are the names below the stack's. */
export interface StackFile {
  readonly services: Readonly<Record<string, StackServiceSpec>>;
  readonly networks?: Readonly<Record<string, StackNetwork>>;
  readonly volumes?: Readonly<Record<string, StackVolume>>;
  readonly configs?: Readonly<Record<string, StackConfig>>;
  readonly secrets?: Readonly<Record<string, StackSecret>>;
}

/** A service, and the tasks that run it. */
export interface StackServiceSpec {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** May hold templates such as `{{.Node.Hostname}}`. */
  readonly hostname?: string;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly configs?: readonly StackFileReference[];
  readonly secrets?: readonly StackFileReference[];
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly ports?: readonly StackPort[];
  readonly volumes?: readonly StackMount[];
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly healthcheck?: StackHealthCheck;
  readonly stop_grace_period?: StackDuration;
  readonly stop_signal?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  readonly dns?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly logging?: { readonly driver: string; readonly options?: Readonly<Record<string, string>> };
  readonly working_dir?: string;
  readonly deploy: StackDeploy;
}

/** Whether a task is healthy: until it is, it is not in the swarm's DNS. */
export interface StackHealthCheck {
  readonly test?: readonly ['CMD' | 'CMD-SHELL', ...string[]] | readonly ['NONE'];
  /** Switches off that of the image. */
  readonly disable?: boolean;
  readonly interval?: StackDuration;
  readonly timeout?: StackDuration;
  readonly retries?: number;
  readonly start_period?: StackDuration;
  readonly start_interval?: StackDuration;
}

/** A config or a secret as a file of the container. */
export interface StackFileReference {
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface StackPort {
  readonly target: number;
  readonly published: number;
  readonly protocol?: 'tcp' | 'udp';
  /** `host` keeps the client's address; `ingress` balances over all nodes and hides it. */
  readonly mode: 'host' | 'ingress';
}

export type StackMount =
  | {
      readonly type: 'volume';
      readonly source: string;
      readonly target: string;
      readonly read_only?: boolean;
      readonly volume?: { readonly nocopy?: boolean };
    }
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly read_only?: boolean;
      readonly bind?: { readonly propagation?: string };
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly tmpfs?: { readonly size: number } };

interface CommonDeploy {
  readonly endpoint_mode?: 'vip' | 'dnsrr';
  readonly labels?: Readonly<Record<string, string>>;
  readonly placement?: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread: string }[];
    readonly max_replicas_per_node?: number;
  };
  readonly resources?: {
    readonly limits?: { readonly cpus?: string; readonly memory?: string; readonly pids?: number };
    readonly reservations?: { readonly cpus?: string; readonly memory?: string };
  };
}

/** A service that stays; `replicas` go with mode `replicated` alone. */
interface ServiceDeploy extends CommonDeploy {
  readonly update_config?: StackUpdate;
  readonly rollback_config?: Omit<StackUpdate, 'failure_action'> & { readonly failure_action?: 'continue' | 'pause' };
  readonly restart_policy?: StackRestart<'none' | 'on-failure' | 'any'>;
}

/** A task that ends; a job is never updated, it is started anew. */
interface JobDeploy extends CommonDeploy {
  readonly update_config?: never;
  readonly rollback_config?: never;
  readonly restart_policy?: StackRestart<'none' | 'on-failure'>;
}

export type StackDeploy =
  | (ServiceDeploy & { readonly mode: 'replicated'; readonly replicas: number })
  | (ServiceDeploy & { readonly mode: 'global'; readonly replicas?: never })
  | (JobDeploy & { readonly mode: 'replicated-job'; readonly replicas: number })
  | (JobDeploy & { readonly mode: 'global-job'; readonly replicas?: never });

export interface StackUpdate {
  readonly parallelism?: number;
  readonly delay?: StackDuration;
  readonly monitor?: StackDuration;
  readonly order?: 'stop-first' | 'start-first';
  readonly failure_action?: 'continue' | 'pause' | 'rollback';
  readonly max_failure_ratio?: number;
}

interface StackRestart<C> {
  readonly condition: C;
  readonly delay?: StackDuration;
  readonly max_attempts?: number;
  readonly window?: StackDuration;
}

export type StackNetwork =
  | { readonly external: true; readonly name: string }
  | {
      readonly external?: never;
      readonly driver: 'overlay';
      readonly internal?: boolean;
      readonly attachable?: boolean;
      readonly driver_opts?: Readonly<Record<string, string>>;
      readonly ipam?: { readonly config: readonly { readonly subnet: string }[] };
    };

export type StackVolume =
  | { readonly external: true; readonly name: string }
  | { readonly driver?: string; readonly driver_opts?: Readonly<Record<string, string>> };

/** A file of the deploying machine. It can't be changed in a swarm, so its name tells its content. */
export interface StackConfig {
  readonly name: string;
  readonly file: string;
}

/** One that is in the swarm already: what is secret never passes through a program's output. */
export interface StackSecret {
  readonly external: true;
  readonly name: string;
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNow } from './command';
import { Docker } from './docker';
import type { Image } from './images';
import { ADDRESSES } from './network';
import type { Processes } from './processes';
import { until } from './wait';

/** The group that the engine's socket belongs to. */
export const DOCKER_GROUP = 998;

/** Where every machine of the swarm has the folder that they share, as they have one of NFS or Gluster. */
export const SHARED = '/mnt/shared';

export interface EngineOptions {
  /** From 1. */
  readonly index: number;
  readonly folder: string;
  /** The network namespace that it is. */
  readonly namespace: string;
  /** A name for its containers that no other engine of the machine has. */
  readonly cgroup: string;
  readonly processes: Processes;
  readonly program: (name: string) => string;
  /** The folder that is at {@link SHARED} on every machine. */
  readonly shared: string;
}

/**
 * A machine of the swarm: a Docker engine in a network namespace of its own, and with a view of the file system in
 * which the places that an engine writes to are its own, so that the paths in stack files are those of any machine.
 */
export class Engine {
  public readonly name: string;
  public readonly address: string;
  public readonly docker: Docker;

  private constructor(private readonly options: EngineOptions) {
    const { index, folder, program } = options;
    this.name = `node${index}`;
    this.address = ADDRESSES.node(index);
    mkdirSync(join(folder, 'data'), { recursive: true });
    this.docker = new Docker(program('docker'), `unix://${join(folder, 'docker.sock')}`, join(folder, 'client'));
  }

  /** Starts it and waits until it answers. */
  public static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    const { namespace, folder, shared, processes, cgroup } = options;
    // Requests to the load balancer's address reach every machine that the network sends them to.
    runNow(['ip', '-n', namespace, 'address', 'add', `${ADDRESSES.loadBalancer}/32`, 'dev', 'lo']);
    const configuration = join(folder, 'dockerd.json');
    writeFileSync(configuration, JSON.stringify(engineConfiguration(folder, cgroup)));
    const own = ['unshare', '--mount', '--uts', '--propagation=private', 'sh', '-euc', OWN_MACHINE];
    const command = [...own, engine.name, join(folder, 'data'), shared, 'dockerd', `--config-file=${configuration}`];
    // What it has is all that there is: it asks no registry whether there is something newer.
    const env = { DOCKER_SERVICE_PREFER_OFFLINE_IMAGE: '1' };
    processes.start(`${engine.name}-dockerd`, command, { namespace, env });
    await until(`the engine of ${engine.name}`, { seconds: 60 }, () => engine.docker.run(['version']));
    return engine;
  }

  /** Gives it images; nothing is ever pulled. */
  public async load(images: readonly Image[]): Promise<void> {
    for (const { archive } of images) await this.docker.run(['load', '--quiet', '--input', archive]);
  }

  /** Where a local volume of it lies. */
  public volume(name: string): string {
    return join(this.options.folder, 'data/volumes', name, '_data');
  }
}

/** Makes a machine's own places and becomes its engine; arguments are its name, its data, what is shared, the engine. */
const OWN_MACHINE = `
hostname "$0"
mkdir -p /var/lib/docker
mount --bind "$1" /var/lib/docker
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir ${SHARED}
mount --bind "$2" ${SHARED}
shift 2
exec "$@"
`;

function engineConfiguration(folder: string, cgroup: string): object {
  return {
    hosts: ['unix:///run/docker.sock', `unix://${join(folder, 'docker.sock')}`],
    group: String(DOCKER_GROUP),
    'data-root': '/var/lib/docker',
    'deprecated-key-path': '/var/lib/docker/key.json',
    'storage-driver': 'overlay2',
    bridge: 'none',
    'cgroup-parent': `/${cgroup}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'oom-score-adjust': 0,
    dns: [ADDRESSES.dns],
  };
}

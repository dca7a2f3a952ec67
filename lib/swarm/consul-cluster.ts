import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { imageFindings } from '../model/image';
import { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import { report } from '../report';
import { IMAGES } from '../versions';
import { LOCKED, memoryLimit, ONE_BY_ONE, TMP } from './hardening';
import { StackService } from './stack-service';
import { stackOf } from './swarm-stack';

/** How a {@link ConsulCluster} runs. */
export interface ConsulClusterProps {
  /**
   * How many servers there are: 1, 3 or 5, as many as nodes have the label.
   * @default 3 - one may be lost
   */
  readonly servers?: 1 | 3 | 5;
  /**
   * The label of the nodes that hold a server, with the value `true`. Their volumes stay on them.
   * @default 'consul'
   */
  readonly nodeLabel?: string;
  /**
   * The image, pinned.
   * @default - hashicorp/consul
   */
  readonly image?: string;
  /**
   * The key that everything lies below.
   * @default 'traefik'
   */
  readonly rootKey?: string;
  /**
   * Where the kernel ends a server.
   * @default Size.mebibytes(512)
   */
  readonly memoryLimit?: Size;
}

const DATA_DIR = '/consul/data';

/**
 * A cluster of Consul servers in the stack that keep what Traefik reads: one on each node with a label, each with a
 * volume of its own. Nothing of it is published; what lies in the control network may read and write it.
 *
 * Reports SWARM-17 a number of servers that no majority can be lost of, IMAGE-01 an image that is not pinned, SWARM-14
 * where it is in no SwarmStack.
 *
 * @example
 * const { store } = new ConsulCluster(stack, 'consul');
 * @see https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file
 */
export class ConsulCluster extends Construct {
  /** What Traefik, seeds and renewers are given. */
  public readonly store: KvStore;
  public readonly service: StackService;

  public constructor(scope: Construct, id: string, props: ConsulClusterProps = {}) {
    super(scope, id);
    const stack = stackOf(this);
    const servers = props.servers ?? 3;
    const image = props.image ?? IMAGES.consul;
    report(this, [...imageFindings(image), ...serverFindings(servers)]);
    const name = stack.serviceName(this);
    const own = `{{ GetPrivateInterfaces | include "network" "${stack.controlSubnet}" | attr "address" }}`;
    stack.config(this, name, '.json', () => `${JSON.stringify(configuration({ name, own, servers }), null, 2)}\n`);
    this.service = new StackService(this, 'Resource', () => ({
      image,
      // The image's own entrypoint changes owners and users, which needs capabilities.
      entrypoint: ['consul'],
      command: ['agent', '-config-file=/consul/server.json'],
      user: 'consul:consul',
      // A task that is replaced is the same member.
      hostname: `${name}-{{.Node.Hostname}}`,
      ...LOCKED,
      configs: [{ source: name, target: '/consul/server.json', mode: 0o444 }],
      networks: { [stack.network('control')]: {} },
      volumes: [TMP, { type: 'volume', source: stack.volume(`${name}-data`), target: DATA_DIR }],
      // Whether there is a leader can't be asked: the servers find one another only once they are healthy.
      healthcheck: {
        test: ['CMD', 'nc', '-z', '127.0.0.1', '8500'],
        interval: '5s',
        timeout: '3s',
        retries: 6,
        start_period: '10s',
      },
      stop_grace_period: '30s',
      deploy: {
        mode: 'global',
        // A virtual address beside its own would leave a server in doubt which one to listen on.
        endpoint_mode: 'dnsrr',
        placement: { constraints: [`node.labels.${props.nodeLabel ?? 'consul'} == true`] },
        resources: memoryLimit(props.memoryLimit ?? Size.mebibytes(512)),
        ...ONE_BY_ONE,
        // The one before has caught up by then.
        update_config: { ...ONE_BY_ONE.update_config, delay: '30s' },
        restart_policy: { condition: 'any', delay: '5s' },
      },
    }));
    this.store = KvStore.consul({ endpoint: `${name}:8500`, rootKey: props.rootKey });
  }
}

/** The configuration of each server; `own` is the template of its address. */
function configuration({ name, own, servers }: { name: string; own: string; servers: number }) {
  return {
    server: true,
    bootstrap_expect: servers,
    data_dir: DATA_DIR,
    bind_addr: own,
    client_addr: `127.0.0.1 ${own}`,
    retry_join: [`tasks.${name}`],
    // A server that is replaced comes back: were it to leave, the cluster would forget how many belong to it.
    leave_on_terminate: false,
    skip_leave_on_interrupt: true,
    disable_update_check: true,
    ui_config: { enabled: false },
    log_json: true,
  };
}

/** SWARM-17 for a number that gains nothing over the one below. */
function serverFindings(servers: number): Finding[] {
  if ([1, 3, 5].includes(servers)) return [];
  return [
    {
      code: 'SWARM-17',
      value: String(servers),
      message: 'more than half of the servers must agree, so an even number survives no more losses than the one below',
      fix: 'Leave servers out for 3',
    },
  ];
}

import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { IMAGES } from '../versions';
import { LOCKED, memoryLimit, ONE_BY_ONE } from './hardening';
import { StackService } from './stack-service';
import { stackOf } from './swarm-stack';

const PORT = 2375;

/** What Traefik's provider for Swarm asks, and nothing else; the version of the API may stand in front. */
const READABLE = '/(v1\\.[0-9]+/)?(_ping|version|services|tasks|networks|nodes/[a-z0-9]+)';

/**
 * What stands between Traefik and the API of the managers: whoever has their socket has the swarm, so Traefik, which the
 * world talks to, gets answers to a few questions only, and may run on nodes that are no managers.
 *
 * @example new SocketProxy(stack, 'proxy');
 * @see https://github.com/wollomatic/socket-proxy
 */
export class SocketProxy extends Construct {
  /** Where it is reached, on the network `docker-api`. */
  public readonly endpoint: string;
  public readonly service: StackService;

  public constructor(scope: Construct, id: string, props: { readonly image?: string } = {}) {
    super(scope, id);
    const stack = stackOf(this);
    this.service = new StackService(this, 'Resource', () => ({
      image: props.image ?? IMAGES.socketProxy,
      command: [
        '-loglevel=info',
        '-listenip=0.0.0.0',
        `-proxyport=${PORT}`,
        // Who asks is settled by the network, which holds Traefik and this alone; names would not resolve in time.
        '-allowfrom=0.0.0.0/0',
        `-allowGET=${READABLE}`,
        '-allowHEAD=/_ping',
        '-watchdoginterval=60',
        '-stoponwatchdog',
        '-allowhealthcheck',
      ],
      // The socket is root's, and without capabilities root is no more than its owner.
      user: '0:0',
      ...LOCKED,
      networks: { [stack.network('docker-api')]: {} },
      volumes: [{ type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock', read_only: true }],
      healthcheck: { test: ['CMD', './healthcheck'], interval: '10s', timeout: '5s', retries: 3, start_period: '5s' },
      deploy: {
        mode: 'global',
        placement: { constraints: ['node.role == manager'] },
        resources: memoryLimit(Size.mebibytes(64)),
        ...ONE_BY_ONE,
      },
    }));
    this.endpoint = `tcp://${this.service.name}:${PORT}`;
  }
}

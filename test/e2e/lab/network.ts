import { runNow } from './command';
import { enter } from './processes';

/** Where the API server listens. */
const API_PORT = '6443';

/** Addresses inside the lab. Nothing of them is seen outside of its namespaces, so they are always free. */
export const ADDRESSES = {
  /** The control plane, and the way between all. */
  controlPlane: '10.9.0.1',
  /** The authoritative DNS server, which everybody in the lab also asks. */
  dns: '10.9.0.2',
  /** The ACME server. */
  acme: '10.9.0.3',
  /** What stands in front of the cluster, as a cloud's load balancer does; a documentation address (RFC 5737). */
  loadBalancer: '203.0.113.10',
  /** Where loads come from: many clients, all in the hub. */
  clients: '10.8.0.0/16',
  services: '10.96.0.0/16',
  pods: '10.244.0.0/16',
  node: (index: number) => `10.9.0.${10 + index}`,
  podsOf: (index: number) => `10.244.${index}.0/24`,
} as const;

/**
 * The namespaces of a lab: one for servers and clients, one for each node, joined by a bridge. None has a way to the
 * machine's own network, so nothing that the lab sends can leave it.
 */
export class Network {
  /** Where the control plane, the DNS and ACME servers, and the clients run. */
  public readonly hub: string;
  private readonly nodes: number[] = [];

  public constructor(private readonly prefix: string) {
    this.hub = `${prefix}-hub`;
    runNow(['ip', 'netns', 'add', this.hub]);
    this.ip('link', 'set', 'lo', 'up');
    this.ip('link', 'add', 'lab', 'type', 'bridge');
    this.ip('link', 'set', 'lab', 'up');
    for (const address of [ADDRESSES.controlPlane, ADDRESSES.dns, ADDRESSES.acme]) {
      this.ip('address', 'add', `${address}/24`, 'dev', 'lab');
    }
    this.ip('route', 'add', 'local', ADDRESSES.clients, 'dev', 'lo');
    sysctl(this.hub, 'net.ipv4.ip_forward=1');
    // Tens of thousands of connections, each from a port of its own, and none from one that a server listens on: the
    // scheduler on 10259 could not be started again while it lasts.
    sysctl(this.hub, 'net.ipv4.ip_local_port_range=20000 65000');
    // Nodes give clients' connections ports of their own, as NAT does, and use these again while a pod still remembers
    // the former connection. A pod takes the new one only if its timestamp is newer, so clients have one clock for all.
    sysctl(this.hub, 'net.ipv4.tcp_timestamps=2');
    // A flow keeps to its node; flows differ by their ports.
    sysctl(this.hub, 'net.ipv4.fib_multipath_hash_policy=1');
  }

  /** The namespace of the node with this number, from 1. */
  public addNode(index: number): string {
    const node = `${this.prefix}-node${index}`;
    const address = ADDRESSES.node(index);
    runNow(['ip', 'netns', 'add', node]);
    this.ip('link', 'add', `node${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node);
    this.ip('link', 'set', `node${index}`, 'master', 'lab', 'up');
    runNow(['ip', '-n', node, 'link', 'set', 'lo', 'up']);
    runNow(['ip', '-n', node, 'link', 'set', 'eth0', 'up']);
    runNow(['ip', '-n', node, 'address', 'add', `${address}/24`, 'dev', 'eth0']);
    runNow(['ip', '-n', node, 'route', 'add', 'default', 'via', ADDRESSES.controlPlane]);
    sysctl(node, 'net.ipv4.ip_forward=1');
    this.ip('route', 'add', ADDRESSES.podsOf(index), 'via', address);
    this.nodes.push(index);
    this.balance(this.nodes);
    return node;
  }

  /** Sends what is addressed to the load balancer, and to Services, through these nodes only. */
  public balance(nodes: readonly number[]): void {
    const hops = nodes.flatMap((index) => ['nexthop', 'via', ADDRESSES.node(index)]);
    for (const destination of [`${ADDRESSES.loadBalancer}/32`, ADDRESSES.services]) {
      this.ip('route', 'replace', destination, ...hops);
    }
  }

  /** Cuts a node off, or joins it again, as if its cable were pulled. */
  public cable(index: number, plugged: boolean): void {
    this.ip('link', 'set', `node${index}`, plugged ? 'up' : 'down');
  }

  /** Keeps a node from the API server, and nothing else from the node. */
  public estrange(index: number, isEstranged: boolean): void {
    const to = ['--protocol', 'tcp', '--destination', ADDRESSES.controlPlane, '--destination-port', API_PORT];
    const rule = ['OUTPUT', ...to, '--jump', 'DROP'];
    runNow([...enter(`${this.prefix}-node${index}`), 'iptables', isEstranged ? '--insert' : '--delete', ...rule]);
  }

  private ip(...args: string[]): void {
    runNow(['ip', '-n', this.hub, ...args]);
  }
}

/** Takes away every namespace whose name begins with `prefix`, and with it its interfaces, routes and rules. */
export function removeNamespaces(prefix: string): void {
  for (const name of namespaces(prefix)) runNow(['ip', 'netns', 'delete', name], { mayFail: true });
}

/** The processes in namespaces whose name begins with `prefix`. */
export function processesInside(prefix: string): number[] {
  return namespaces(prefix).flatMap((name) => {
    const { stdout } = runNow(['ip', 'netns', 'pids', name], { mayFail: true });
    return stdout.split('\n').filter(Boolean).map(Number);
  });
}

function namespaces(prefix: string): string[] {
  const names = runNow(['ip', 'netns', 'list'])
    .stdout.split('\n')
    .map((line) => line.split(' ')[0] as string);
  return names.filter((name) => name.startsWith(`${prefix}-`));
}

function sysctl(namespace: string, setting: string): void {
  const [name, value] = setting.split('=') as [string, string];
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  runNow([...enter(namespace), 'sh', '-c', `echo '${value}' > ${path}`]);
}

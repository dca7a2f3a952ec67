import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCgroup } from './cgroups';
import { run } from './command';
import { type ControlPlane, nodeUser, PROXY } from './control-plane';
import type { Image } from './images';
import { ADDRESSES } from './network';
import type { Processes } from './processes';
import { until } from './wait';

export interface NodeOptions {
  /** From 1. */
  readonly index: number;
  readonly folder: string;
  /** The network namespace that it is. */
  readonly namespace: string;
  /** A name for its processes that no other node of the machine has. */
  readonly cgroup: string;
  readonly processes: Processes;
  readonly controlPlane: ControlPlane;
  readonly program: (name: string) => string;
  /** What it can run; nothing is ever pulled. */
  readonly images: readonly Image[];
  readonly sandboxImage: string;
}

/** A machine of the cluster: containerd, a kubelet and kube-proxy in a network namespace of their own. */
export class Node {
  public readonly index: number;
  public readonly name: string;
  private readonly socket: string;

  private constructor(private readonly options: NodeOptions) {
    this.index = options.index;
    this.name = `node${options.index}`;
    this.socket = join(options.folder, 'containerd.sock');
    mkdirSync(join(options.folder, 'cni'), { recursive: true });
  }

  /** Starts it and waits until it has its images; that it is Ready is for the cluster to say. */
  public static async start(options: NodeOptions): Promise<Node> {
    const node = new Node(options);
    node.configure();
    makeCgroup(options.cgroup);
    node.startContainerd();
    await until(`containerd of ${node.name}`, { seconds: 30 }, () => node.ctr('version'));
    for (const image of options.images) await node.ctr('images', 'import', '--no-unpack=false', image.archive);
    node.startKubelet();
    node.startProxy();
    return node;
  }

  private startContainerd(): void {
    this.serve('containerd', ['containerd', `--config=${join(this.options.folder, 'containerd.toml')}`]);
  }

  private startKubelet(): void {
    const { folder, controlPlane, index, program } = this.options;
    this.serve('kubelet', [
      program('kubelet'),
      `--config=${join(folder, 'kubelet.json')}`,
      `--kubeconfig=${controlPlane.kubeconfig(nodeUser(index))}`,
      `--root-dir=${join(folder, 'kubelet')}`,
      `--cert-dir=${join(folder, 'pki')}`,
      `--hostname-override=${this.name}`,
      `--node-ip=${ADDRESSES.node(index)}`,
      `--node-labels=topology.kubernetes.io/zone=zone${index}`,
    ]);
  }

  private startProxy(): void {
    const { folder, program } = this.options;
    this.serve('kube-proxy', [
      program('kube-proxy'),
      `--config=${join(folder, 'kube-proxy.json')}`,
      `--hostname-override=${this.name}`,
    ]);
  }

  private serve(name: string, command: readonly string[]): void {
    const { processes, namespace } = this.options;
    processes.start(`${this.name}-${name}`, command, { namespace });
  }

  private ctr(...args: string[]) {
    return run(['ctr', `--address=${this.socket}`, '--namespace=k8s.io', ...args]);
  }

  private configure(): void {
    const { folder, controlPlane, index, cgroup } = this.options;
    writeFileSync(join(folder, 'containerd.toml'), containerdConfiguration(folder, this.socket, this.options));
    writeFileSync(join(folder, 'cni', '10-pods.conflist'), JSON.stringify(podNetwork(folder, index)));
    writeFileSync(join(folder, 'resolv.conf'), `nameserver ${ADDRESSES.dns}\n`);
    writeFileSync(join(folder, 'kubelet.json'), JSON.stringify(kubeletConfiguration(folder, this.socket, cgroup)));
    writeFileSync(join(folder, 'kube-proxy.json'), JSON.stringify(proxyConfiguration(controlPlane.kubeconfig(PROXY))));
  }
}

function containerdConfiguration(folder: string, socket: string, { sandboxImage }: NodeOptions): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'run')}"

[grpc]
address = "${socket}"

[${cri}]
sandbox_image = "${sandboxImage}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${join(folder, 'cni')}"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** Each pod on a link of its own, so that every packet passes the node's rules. */
function podNetwork(folder: string, index: number): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: join(folder, 'addresses'),
          ranges: [[{ subnet: ADDRESSES.podsOf(index) }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfiguration(folder: string, socket: string, cgroup: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    podLogsDir: join(folder, 'pods'),
    resolvConf: join(folder, 'resolv.conf'),
    // Its API is for the API server's logs and exec; nobody else is in these namespaces.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    volumePluginDir: join(folder, 'plugins'),
    failSwapOn: false,
    imageMinimumGCAge: '24h',
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
}

function proxyConfiguration(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: ADDRESSES.pods,
    clientConnection: { kubeconfig },
    // These belong to the machine, not to a namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

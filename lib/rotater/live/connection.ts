import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';

/** Where an API server is, and as who it is spoken to. */
export interface Connection {
  readonly server: URL;
  /** Authorities, certificates and headers of the next request: tokens change while a program runs. */
  options(): Promise<RequestOptions>;
}

/** As `kubeconfig` says, else as `KUBECONFIG` does, else as the account of the pod, else as kubectl would. */
export async function connect(kubeconfig: string | undefined): Promise<Connection> {
  const pod = kubeconfig === undefined && !process.env.KUBECONFIG ? podAccount() : undefined;
  return pod ?? fromKubeconfig(kubeconfig);
}

/** Where the kubelet puts the token of the pod's account and the authority of the API server. */
const POD_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The token is read for each request, since the kubelet replaces it. */
function podAccount(): Connection | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  if (!host || !existsSync(`${POD_ACCOUNT}/token`)) return undefined;
  const ca = readFileSync(`${POD_ACCOUNT}/ca.crt`);
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port || 443}`),
    options: async () => {
      const token = readFileSync(`${POD_ACCOUNT}/token`, 'utf8').trim();
      return { ca, headers: { authorization: `Bearer ${token}` } };
    },
  };
}

/**
 * The client knows every way to log in that a kubeconfig can name. It is an ES module of 70 MB in memory, which is why
 * pods do without it.
 */
async function fromKubeconfig(path: string | undefined): Promise<Connection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('the kubeconfig names no cluster');
  // What the client makes up where it finds no file.
  if (path === undefined && config.getCurrentContext() === 'loaded-context') throw new Error('there is no kubeconfig');
  return {
    server: new URL(cluster.server),
    options: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      // An agent of its own for each request would open a connection for each; a proxy's agent is the way to the server.
      const { agent, ...others } = options;
      return cluster.proxyUrl ? { ...others, agent } : others;
    },
  };
}

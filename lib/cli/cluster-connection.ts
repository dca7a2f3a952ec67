import type { Connection } from '../rotater/live/connection';
import { UserError } from './user-error';

/** The way to an API server that `connect` makes for `command`; what is wrong with it is told in one line. */
export async function clusterConnection(command: string, connect: () => Promise<Connection>): Promise<Connection> {
  try {
    return await connect();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND') throw new UserError([`traefik-ha ${command}: ${NO_CLIENT}`]);
    const why = message.split('\n')[0];
    throw new UserError([`traefik-ha ${command}: no way to an API server (${why}). Give --kubeconfig`]);
  }
}

const NO_CLIENT = 'outside a pod it needs the Kubernetes client. Run npm install @kubernetes/client-node@1';

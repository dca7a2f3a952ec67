import type { Manifest } from '../../support/synthesize';
import { Lab } from '../lab/lab';
import { SANDBOX_IMAGE } from '../lab/lab-images';
import { ADDRESSES } from '../lab/network';
import { program } from '../lab/parts';
import { imagesOf } from '../lab/prepare';
import { until } from '../lab/wait';
import { Client } from './client';
import { examples } from './environments';
import { Figures } from './figures';

/** The zones of the examples. */
export const ZONES = ['example.com', 'example.org'];

/** A lab with the images and zones that the examples need. */
export function startLab(nodes: 1 | 3, progress: (message: string) => void): Promise<Lab> {
  return Lab.start({
    nodes,
    zones: ZONES,
    program,
    images: imagesOf('kubernetes'),
    sandboxImage: SANDBOX_IMAGE,
    progress,
  });
}

/** Where the load balancer's port 443 is. */
export const HTTPS = `${ADDRESSES.loadBalancer}:443`;
export const HTTP = `${ADDRESSES.loadBalancer}:80`;

/** What all proofs play on: a lab, its clients, the examples, and the figures that are written down. */
export class Stage {
  public readonly client: Client;
  public readonly examples: ReturnType<typeof examples>;
  public readonly figures = new Figures();

  public constructor(public readonly lab: Lab) {
    this.client = new Client(program('client'), lab.network.hub, lab.acme.root);
    this.examples = examples(lab);
  }

  public get kubectl() {
    return this.lab.kubectl;
  }

  /** Gives the Service of an edge the load balancer's address, as a cloud does. */
  public async bindLoadBalancer(): Promise<void> {
    const ingress = [{ ip: ADDRESSES.loadBalancer }];
    await this.kubectl.patch('service', 'traefik', 'edge', { status: { loadBalancer: { ingress } } }, 'status');
  }

  /** Waits until all pods of an edge are ready. */
  public async traefikReady(seconds = 180): Promise<void> {
    await this.kubectl.run(['rollout', 'status', 'deployment/traefik', '-n', 'edge', `--timeout=${seconds}s`]);
  }

  /** The instances, as they are reached past the Service: pod addresses with the port of HTTPS. */
  public readonly instances = async (namespace = 'edge'): Promise<string[]> => {
    const pods = await this.kubectl.list('pods', namespace, 'app.kubernetes.io/component=traefik');
    return pods
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && isReady(status))
      .map(({ status }) => `${status.podIP}:8443`)
      .sort();
  };

  /** Waits until a Certificate is ready. */
  public certificateReady(name: string, namespace: string, seconds = 120): Promise<void> {
    return this.wait('certificate', name, namespace, seconds);
  }

  public async wait(kind: string, name: string, namespace: string | undefined, seconds: number): Promise<void> {
    const where = namespace === undefined ? [] : ['-n', namespace];
    await this.kubectl.run(['wait', '--for=condition=Ready', `--timeout=${seconds}s`, `${kind}/${name}`, ...where]);
  }

  /** Waits until every instance serves a certificate that clients trust under `name`, and answers 200 to `path`. */
  public async servedByAll(name: string, path = '/', seconds = 120): Promise<void> {
    await until(`${name} is served by all`, { seconds }, async () => {
      const addresses = await this.instances();
      const seen = await Promise.all(addresses.map((address) => this.client.tls({ name, address, path })));
      const bad = seen.find(({ status }) => status !== 200);
      if (bad !== undefined) throw new Error(JSON.stringify(bad));
      return addresses.length > 0;
    });
  }

  /** Takes objects away, without the grace that their pods have, and waits until nothing of them is left. */
  public async remove(objects: readonly Manifest[]): Promise<void> {
    const namespaces = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
    for (const namespace of namespaces) {
      // A pod that has begun to sleep before it stops sleeps on: pods go first, and nobody is left who makes new ones.
      const all = ['--all', '--namespace', namespace];
      await this.kubectl.run(['delete', 'deployments,replicasets,daemonsets', ...all, '--cascade=orphan']);
      await this.kubectl.run(['delete', 'pods', ...all, '--grace-period=1']);
    }
    await this.kubectl.delete([...objects].reverse(), ['--wait=true', '--timeout=120s']);
  }
}

export function isReady(status: { conditions?: readonly Record<string, string>[] }): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

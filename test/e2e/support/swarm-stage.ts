import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AcmeServer } from '../lab/acme-server';
import { program } from '../lab/parts';
import { imagesOf } from '../lab/prepare';
import { type Container, SwarmLab } from '../lab/swarm-lab';
import { until } from '../lab/wait';
import { Client, type TlsResult } from './client';
import { Figures } from './figures';
import { ZONES } from './stage';

/** A swarm with the images and zones that the examples need. */
export function startSwarm(nodes: number, progress: (message: string) => void): Promise<SwarmLab> {
  return SwarmLab.start({ nodes, zones: ZONES, program, images: imagesOf('swarm'), progress });
}

/** What all proofs on the swarm play on: a lab, its clients, and the figures that are written down. */
export class SwarmStage {
  public readonly client: Client;
  public readonly figures = new Figures();

  private constructor(
    public readonly lab: SwarmLab,
    /** Whose certificates last two minutes, and are renewed when a third of that is left. */
    public readonly shortLived: AcmeServer,
  ) {
    const roots = join(lab.folder, 'roots.pem');
    writeFileSync(roots, [lab.acme, shortLived].map(({ root }) => readFileSync(root, 'utf8')).join(''));
    this.client = new Client(program('client'), lab.network.hub, roots);
  }

  public static async start(progress: (message: string) => void): Promise<SwarmStage> {
    const lab = await startSwarm(3, progress);
    return new SwarmStage(lab, await lab.startAcme({ name: 'short-lived', port: 14200, lifetimeSeconds: 120 }));
  }

  /** Where a port that is published in host mode is reached, on every machine. */
  public ports(port: number): string[] {
    return this.lab.engines.map(({ address }) => `${address}:${port}`);
  }

  /** Writes a stack file of the lab's own into its folder, and says where. */
  public stackFile(name: string, stack: object): string {
    const path = join(this.lab.folder, `${name}.yaml`);
    writeFileSync(path, stringify({ version: '3.13', ...stack }));
    return path;
  }

  /** What a client sees under `name` on each machine. */
  public seenOnAll(name: string, path = '/', port = 443): Promise<TlsResult[]> {
    return Promise.all(this.ports(port).map((address) => this.client.tls({ name, address, path })));
  }

  /** Waits until every machine serves a certificate that clients trust under `name`, and answers 200 to `path`. */
  public async servedByAll(name: string, path = '/', seconds = 60): Promise<void> {
    await until(`${name} is served by all`, { seconds }, async () => {
      const bad = (await this.seenOnAll(name, path)).find(({ status }) => status !== 200);
      if (bad !== undefined) throw new Error(JSON.stringify(bad));
      return true;
    });
  }

  /** The one container that a service has on the machine with this name, or anywhere. */
  public async containerOf(service: string, node?: string): Promise<Container> {
    const containers = await this.lab.containers(service);
    const found = containers.find(({ engine }) => node === undefined || engine.name === node);
    if (found === undefined) throw new Error(`${service} has no container${node === undefined ? '' : ` on ${node}`}`);
    return found;
  }
}

import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SwarmEdge } from '../support/swarm-edge';
import { addService, CERTIFICATES, sharedFilesIn } from '../support/swarm-environments';
import type { SwarmStage } from '../support/swarm-stage';
import { domainAdded, namesServed, renewedUnderLoad, rolledUnderLoad, taken } from './swarm-edge';

/** examples/swarm-shared-files: certificates as files that all machines see, which Traefik is told to read again. */
export function swarmSharedFiles(stage: () => SwarmStage): void {
  const edge = new SwarmEdge(stage, 'Swarm: shared files');

  beforeAll(async () => {
    const folder = join(stage().lab.shared, CERTIFICATES);
    mkdirSync(folder);
    chownSync(folder, 65532, 65532);
    await edge.prepare();
  });

  afterAll(() => edge.clear());

  test('docker takes what the program writes, and Traefik runs on managers and workers', async () => {
    await taken(edge, sharedFilesIn(stage()));
  });

  test.each(['example.com', 'www.example.com'])('%s has a certificate, the same on every machine', async (host) => {
    expect(await namesServed(edge, host)).toEqual([host]);
  });

  test('a domain of a further service of the stack: its own certificate, and no Traefik restarted', async () => {
    await domainAdded(edge, 'blog.example.com', (app) => {
      sharedFilesIn(stage())(app);
      addService(app, 'blog.example.com');
    });
  });

  test('20,000 requests while a certificate is renewed: none fails, and every machine changes', async () => {
    // Files are looked at every five seconds.
    await renewedUnderLoad(edge, { host: 'example.com', certificate: 'example.com', within: 10 });
  });

  test('Traefik is replaced: one machine at a time, and nobody who then asks the next sees a failure', async () => {
    await rolledUnderLoad(edge, 'example.com', sharedFilesIn(stage(), { logLevel: 'DEBUG' }));
  });
}

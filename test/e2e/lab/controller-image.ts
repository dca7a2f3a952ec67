import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { ImageRecipe } from './images';
import { librariesOf } from './libraries';

/** What the lab's rotaters run. */
export const CONTROLLER_IMAGE = 'lab.test/traefik-ha:1';

/** The command line of this tree, as one file in `cache`, with the Node.js that runs here and its libraries. */
export function controllerImage(cache: string): ImageRecipe {
  const folder = join(cache, 'controller');
  mkdirSync(folder, { recursive: true });
  const bundle = join(folder, 'cli.js');
  buildSync({
    entryPoints: [join(__dirname, '../../../lib/cli/main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    keepNames: true,
    // Only outside a pod.
    external: ['@kubernetes/client-node'],
    logLevel: 'warning',
  });
  return {
    name: CONTROLLER_IMAGE,
    files: { '/node': process.execPath, '/traefik-ha/cli.js': bundle, ...librariesOf(process.execPath) },
    entrypoint: ['/node', '/traefik-ha/cli.js'],
  };
}

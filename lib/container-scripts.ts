import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The scripts that run inside containers: POSIX sh for busybox. What each reads from its environment is at its head. */
export type ContainerScript = 'publish.sh' | 'renew.sh' | 'seed.sh' | 'traefik.sh';

/** A line by which a script takes in another one that lies beside it. */
const SOURCED = /^\. "\$\{0%\/\*\}\/(.+)"$/gm;

/**
 * The text of a script for a container, whole: what it takes in from others is put in its place, so that one file is
 * all there is to mount.
 */
export function containerScript(name: ContainerScript): string {
  return read(name).replace(SOURCED, (_, sourced: string) => read(sourced).trimEnd());
}

/** They lie beside this file in the sources, and beside the bundle in the package. */
function read(name: string): string {
  return readFileSync(join(__dirname, 'scripts', name), 'utf8');
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs that take minutes to build are kept: between runs, and for every clone on the machine. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'traefik-ha');

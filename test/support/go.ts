import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Static programs, the same on every machine. */
export const GO_ENVIRONMENT = { CGO_ENABLED: '0' };

/** Runs the Go command in a module's folder and returns what it printed. */
export function go(folder: string, ...args: string[]): string {
  const env = { ...process.env, ...GO_ENVIRONMENT };
  const run = spawnSync('go', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (run.error !== undefined) {
    const why = `upstream's own Go code is used here, and go does not run (${run.error.message})`;
    throw new Error(`${why}. Install Go 1.26 or newer, https://go.dev/doc/install`);
  }
  if (run.status !== 0) throw new Error(`go ${args.join(' ')} fails:\n${run.stderr}`);
  return run.stdout;
}

/**
 * Writes a go.mod into `workshop`, that of the module in `folder` but for lego, Traefik's ACME client, which is a copy
 * without its 180 DNS providers: they serve built-in ACME only, and each would bring the client of its cloud.
 */
export function withoutDnsProviders(folder: string, workshop: string): string {
  const { Dir: original } = JSON.parse(go(folder, 'mod', 'download', '-json', LEGO)) as { Dir: string };
  const copy = join(workshop, 'lego');
  cpSync(original, copy, { recursive: true, filter: (file) => !file.startsWith(join(original, 'providers')) });
  // The module cache is read-only, and so is a copy of it.
  for (const name of ['', ...readdirSync(copy, { recursive: true, encoding: 'utf8' })])
    chmodSync(join(copy, name), 0o755);
  mkdirSync(join(copy, 'providers/dns'), { recursive: true });
  writeFileSync(join(copy, 'providers/dns/dns.go'), NO_DNS_PROVIDERS);
  const modfile = join(workshop, 'go.mod');
  const replacement = `\nreplace ${LEGO.replace(/@.*/, '')} => ${copy}\n`;
  writeFileSync(modfile, readFileSync(join(folder, 'go.mod'), 'utf8') + replacement);
  writeFileSync(join(workshop, 'go.sum'), readFileSync(join(folder, 'go.sum')));
  return modfile;
}

/** The version that Traefik's go.mod names. */
const LEGO = 'github.com/go-acme/lego/v5@v5.4.1';

const NO_DNS_PROVIDERS = `package dns

import (
	"errors"

	"github.com/go-acme/lego/v5/challenge"
)

func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, errors.New("left out: " + name)
}
`;

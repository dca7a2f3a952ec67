import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { EdgeApp } from '../../lib/edge-app';

/** A Kubernetes object, as far as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look anywhere into what was read from YAML.
export type Manifest = Record<string, any> & {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
};

/** What an app writes: the text of each file by its path below the output folder, in the order of names. */
export function filesOf(build: (app: App) => void): Record<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'traefik-ha-'));
  try {
    const app = new EdgeApp({ outdir });
    build(app);
    app.synth();
    const paths = readdirSync(outdir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return Object.fromEntries(paths.map((path) => [relative(outdir, path), readFileSync(path, 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The objects of all manifests in `files`, in the order in which `kubectl apply -f` reads them. */
export function objectsOf(files: Record<string, string>): Manifest[] {
  return Object.entries(files)
    .filter(([path]) => path.endsWith('.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

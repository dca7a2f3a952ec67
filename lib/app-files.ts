import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { perApp } from './cluster';

/** A file that an app writes beside its manifests. */
export interface AppFile {
  /** Where, below the output folder. */
  readonly path: string;
  readonly text: string;
}

/** What the files are: IAM documents, records for who keeps a zone, or the stacks of a swarm. */
export type FileKind = 'iam' | 'dns' | 'swarm';

/** What an app writes beside manifests; asked when it is written, since a later construct may change it. */
const sourcesOf = perApp((): { readonly kind: FileKind; readonly files: () => readonly AppFile[] }[] => []);

/** Has `files` written with the app of `construct`. */
export function addFiles(construct: IConstruct, kind: FileKind, files: () => readonly AppFile[]): void {
  sourcesOf(construct).push({ kind, files });
}

/** The files of `app`, of one kind or of all. */
export function filesOf(app: IConstruct, kind?: FileKind): AppFile[] {
  const sources = sourcesOf(app).filter((source) => kind === undefined || source.kind === kind);
  return sources.flatMap(({ files }) => files());
}

/** Writes the files of `app`, of one kind or of all, and returns their paths. */
export function writeFiles(app: App, kind?: FileKind): string[] {
  return filesOf(app, kind).map(({ path, text }) => {
    const target = join(app.outdir, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  });
}

/** What an earlier synthesis wrote to `folder` beside manifests: paths below it. */
export function oldFiles(folder: string): string[] {
  const isOurs = (name: string) => /^(\d{12}\/)?[^/]+\.(policy|trust|association)\.json$/.test(name);
  const iam = namesIn(join(folder, IAM_FOLDER), { recursive: true }).filter(isOurs);
  const stacks = namesIn(folder).filter((name) => name.endsWith(STACK_EXTENSION));
  return [
    ...iam.map((name) => join(IAM_FOLDER, name)),
    ...namesIn(join(folder, DNS_FOLDER)).flatMap((name) =>
      name.endsWith(DELEGATION_FILE) ? [join(DNS_FOLDER, name)] : [],
    ),
    ...stacks.flatMap((name) => [name, ...configFilesOf(folder, name)]),
  ];
}

/** The config files that the stack file `name` in `folder` refers to, those that are still there. */
function configFilesOf(folder: string, name: string): string[] {
  const own = `./${name.slice(0, -STACK_EXTENSION.length)}/`;
  return [...readFileSync(join(folder, name), 'utf8').matchAll(/^ +file: (\.\/[\w./-]+)$/gm)]
    .map(([, file = '']) => file)
    .filter((file) => file.startsWith(own) && !file.includes('..') && existsSync(join(folder, file)));
}

function namesIn(folder: string, { recursive = false } = {}): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive, encoding: 'utf8' }) : [];
}

/** A folder of its own: `kubectl apply -f dist/` reads .json files as manifests, but does not descend. */
export const IAM_FOLDER = 'iam';

/** Where records are written for who keeps a zone. */
export const DNS_FOLDER = 'dns';

/** The CNAMEs that delegated challenges need; of a `Cluster` its name comes before. */
export const DELEGATION_FILE = 'delegated-challenges.zone';

/** Not .yaml, so that neither cdk8s nor kubectl takes a stack for a manifest. */
export const STACK_EXTENSION = '.stack.yml';

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runNow } from './command';

/** What an image is made of: programs, each at a path of its own, over nothing. */
export interface ImageRecipe {
  /** Its name with a tag, in full. */
  readonly name: string;
  /** Where each file comes from, by its path inside. */
  readonly files: Readonly<Record<string, string>>;
  /** What is in files that are written here, by their paths inside. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Where each symbolic link leads to, by its path inside. */
  readonly links?: Readonly<Record<string, string>>;
  /** The mode of each folder that is empty or not everybody's to read, by its path inside. */
  readonly folders?: Readonly<Record<string, number>>;
  readonly entrypoint: readonly string[];
  /** What follows the entrypoint, where nothing else is given. */
  readonly command?: readonly string[];
  /** Where programs without a path are looked for; the root by default. */
  readonly path?: string;
  /** Who it runs as, where a pod does not say; root otherwise. */
  readonly user?: string;
}

/** An image in a file that `ctr images import` and `docker load` take. */
export interface Image {
  readonly name: string;
  readonly archive: string;
}

/** Makes the image, unless one of the same content is in `cache`. */
export function makeImage(recipe: ImageRecipe, cache: string): Image {
  const archive = join(cache, `image-${fingerprint(recipe)}.tar`);
  mkdirSync(cache, { recursive: true });
  if (existsSync(archive)) return { name: recipe.name, archive };
  const workshop = mkdtempSync(join(cache, 'image-'));
  try {
    const root = join(workshop, 'root');
    fill(root, recipe);
    tar(join(workshop, 'layer.tar'), root, ['.']);
    const layer = sha256(join(workshop, 'layer.tar'));
    writeFileSync(join(workshop, 'config.json'), JSON.stringify(configuration(recipe, layer)));
    writeFileSync(
      join(workshop, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: [recipe.name], Layers: ['layer.tar'] }]),
    );
    tar(join(workshop, 'image.tar'), workshop, ['manifest.json', 'config.json', 'layer.tar']);
    renameSync(join(workshop, 'image.tar'), archive);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return { name: recipe.name, archive };
}

function fill(root: string, { files, texts = {}, links = {}, folders = {} }: ImageRecipe): void {
  const place = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  for (const [path, source] of Object.entries(files)) copyFileSync(source, place(path));
  for (const [path, text] of Object.entries(texts)) writeFileSync(place(path), text);
  for (const path of [...Object.keys(files), ...Object.keys(texts)]) chmodSync(join(root, path), 0o755);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, place(path));
  for (const [path, mode] of Object.entries(folders)) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  }
}

function configuration({ entrypoint, command, path = '/', user }: ImageRecipe, layer: string): object {
  return {
    architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Entrypoint: entrypoint, Cmd: command, User: user, Env: [`PATH=${path}`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
}

/** The same bytes from the same files. */
function tar(archive: string, folder: string, names: readonly string[]): void {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  runNow(['tar', '--create', '--file', archive, '--directory', folder, ...same, ...names]);
}

function fingerprint({ files, ...recipe }: ImageRecipe): string {
  const contents = Object.entries(files).map(([path, source]) => [path, sha256(source)]);
  return createHash('sha256')
    .update(JSON.stringify([recipe, contents]))
    .digest('hex')
    .slice(0, 16);
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

import { CommandError } from './command';
import { controllerImage } from './controller-image';
import { type Image, makeImage } from './images';
import { LAB_IMAGES } from './lab-images';
import { build, CACHE, isBuilt, PROGRAMS, program } from './parts';
import { installPackages, missingPackages, missingRequirements, missingRights } from './requirements';

/** What a person did not provide: said in lines, without a stack. */
export class MissingRequirements extends Error {
  public constructor(public readonly missing: readonly string[]) {
    super(missing.join('\n'));
  }
}

/**
 * Makes everything that the lab is started from, with a line of progress for each part: Debian packages when
 * `installing`, programs from their pinned modules, images from the programs. What is there already is not made again.
 */
export async function prepare({ installing }: { installing: boolean }): Promise<void> {
  const packages = missingPackages();
  if (installing && packages.length > 0 && missingRights().length === 0) {
    await tasks([{ title: `Debian packages ${packages.join(' ')}`, task: () => installPackages(packages) }]);
  }
  const missing = missingRequirements();
  if (missing.length > 0) throw new MissingRequirements(missing);
  const unbuilt = PROGRAMS.filter((name) => !isBuilt(name));
  await tasks(
    unbuilt.map((name, index) => ({
      title: `${name} (${index + 1} of ${unbuilt.length})`,
      task: () => build(name),
    })),
  );
  await tasks([{ title: 'images', task: () => void labImages() }]);
}

/** The images that nodes of the lab hold. */
export function labImages(): Image[] {
  const recipes = [...LAB_IMAGES.map((recipe) => recipe(program)), controllerImage(CACHE)];
  return recipes.map((recipe) => makeImage(recipe, `${CACHE}/images`));
}

interface Task {
  readonly title: string;
  readonly task: () => Promise<void> | void;
}

async function tasks(list: readonly Task[]): Promise<void> {
  if (list.length === 0) return;
  // An ES module, which only this needs.
  const { Listr, PRESET_TIMER } = await import('listr2');
  const timer = PRESET_TIMER;
  await new Listr([...list], {
    rendererOptions: { timer },
    fallbackRendererOptions: { timer },
  }).run();
}

/** One line for what a person can mend, all of it for what is ours to mend. */
export function explain(error: unknown): string {
  if (error instanceof MissingRequirements) {
    return error.missing.map((line) => `lab: ${line}`).join('\n');
  }
  if (error instanceof CommandError) return `lab: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { CACHE } from '../../support/cache';
import { CommandError } from './command';
import { controllerImage } from './controller-image';
import { type Image, type ImageRecipe, makeImage } from './images';
import { LAB_IMAGES } from './lab-images';
import { isMotoMade, makeMoto } from './moto';
import { build, isBuilt, type LabKind, program, programsOf } from './parts';
import { installPackages, missingPackages, missingRequirements, missingRights } from './requirements';
import { storeImageRecipes, swarmImageRecipes } from './swarm-images';

/** What a person did not provide: said in lines, without a stack. */
export class MissingRequirements extends Error {
  public constructor(public readonly missing: readonly string[]) {
    super(missing.join('\n'));
  }
}

export interface PrepareOptions {
  readonly installing: boolean;
  /** The labs that are to be started. */
  readonly kinds: readonly LabKind[];
}

/**
 * Makes everything that the labs are started from, with a line of progress for each part: Debian packages when
 * `installing`, programs from their pinned modules, a Python environment, images from the programs. What is there
 * already is not made again.
 */
export async function prepare({ installing, kinds }: PrepareOptions): Promise<void> {
  const packages = missingPackages();
  if (installing && packages.length > 0 && missingRights().length === 0) {
    await tasks([{ title: `Debian packages ${packages.join(' ')}`, task: () => installPackages(packages) }]);
  }
  const missing = missingRequirements();
  if (missing.length > 0) throw new MissingRequirements(missing);
  const unbuilt = programsOf(kinds).filter((name) => !isBuilt(name));
  await tasks(
    unbuilt.map((name, index) => ({
      title: `${name} (${index + 1} of ${unbuilt.length})`,
      task: () => build(name),
    })),
  );
  if (kinds.includes('kubernetes') && !isMotoMade()) await tasks([{ title: 'moto', task: makeMoto }]);
  await tasks([{ title: 'images', task: () => kinds.forEach(imagesOf) }]);
}

/** The images that the machines of a lab hold. */
export function imagesOf(kind: LabKind): Image[] {
  return RECIPES[kind]().map((recipe) => makeImage(recipe, `${CACHE}/images`));
}

const RECIPES: Readonly<Record<LabKind, () => ImageRecipe[]>> = {
  kubernetes: () => [
    ...LAB_IMAGES.map((recipe) => recipe(program)),
    ...storeImageRecipes(program),
    controllerImage(CACHE),
  ],
  swarm: () => swarmImageRecipes(program),
};

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

import { TRAEFIK_PLURALS } from '../model/traefik-kinds';
import { type Found, found } from './findings';

/** The names of the definitions of Traefik's kinds. */
export const TRAEFIK_KINDS = TRAEFIK_PLURALS.map((plural) => `${plural}.traefik.io`);

/** The definition of a kind as the API server has it; undefined where it has none. */
export type DefinitionText = string | undefined;

/**
 * Whether the kinds that are defined in a cluster are those of the Traefik that runs there. A definition has no version
 * of its own, but names the documentation of the version that it came with.
 *
 * @param definitions the definition of each of {@link TRAEFIK_KINDS}, as JSON
 * @param images what Traefik's pods run
 */
export function crdFindings(definitions: ReadonlyMap<string, DefinitionText>, images: readonly string[]): Found[] {
  const missing = [...definitions].filter(([, text]) => text === undefined).map(([name]) => name);
  const defined = newestMinor([...definitions.values()].flatMap((text) => documentedMinors(text ?? '')));
  return [...new Set(images)].flatMap((image) => {
    const version = versionOf(image);
    if (version === undefined) return [found('unknown', 'version-unknown', image)];
    const minor = version.split('.').slice(0, 2).join('.');
    const isOlder = defined !== undefined && compareMinors(defined, minor) < 0;
    const isNewer = defined !== undefined && compareMinors(defined, minor) > 0;
    return [
      ...(missing.length > 0 ? [found('critical', 'crds-missing', missing.join(', '), version)] : []),
      // Newer kinds have fields that an older Traefik passes over.
      ...(isOlder || isNewer ? [found(isOlder ? 'critical' : 'warning', 'crds-version', defined, version)] : []),
    ];
  });
}

/** The version in the tag of an image, such as `docker.io/library/traefik:v3.7.13@sha256:…`. */
function versionOf(image: string): string | undefined {
  return /:v?(\d+\.\d+(?:\.\d+)?)(?:[-@].*)?$/.exec(image)?.[1];
}

function documentedMinors(text: string): string[] {
  return [...text.matchAll(/doc\.traefik\.io\/traefik\/v(\d+\.\d+)\//g)].map(([, minor = '']) => minor);
}

function newestMinor(minors: readonly string[]): string | undefined {
  return [...minors].sort(compareMinors).at(-1);
}

function compareMinors(a: string, b: string): number {
  const [major = 0, minor = 0] = a.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

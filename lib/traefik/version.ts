import type { Finding } from '../model/problem';
import { TRAEFIK_OPTIONS_SINCE, TRAEFIK_SUPPORTED, VERSIONS } from '../versions';

/** An option that some supported version of Traefik does not know. */
export type VersionedOption = keyof typeof TRAEFIK_OPTIONS_SINCE;

/** Whether Traefik `version` knows `option`; one that it does not know keeps it from starting. */
export function knows(version: string, option: VersionedOption): boolean {
  return patchOf(version) >= patchOf(TRAEFIK_OPTIONS_SINCE[option]);
}

/** The first of the versioned options that `argument` sets and `version` does not know. */
export function unknownOption(version: string, argument: string): VersionedOption | undefined {
  const name = argument.split('=')[0]?.toLowerCase() ?? '';
  return (Object.keys(TRAEFIK_OPTIONS_SINCE) as VersionedOption[]).find(
    (option) => name.endsWith(`.${option.toLowerCase()}`) && !knows(version, option),
  );
}

/** TRAEFIK-06 where `version` is none whose options are known here. */
export function versionFindings(version: string): Finding[] {
  if (version.startsWith(`${TRAEFIK_SUPPORTED.minor}.`) && Number.isInteger(patchOf(version))) return [];
  return [
    {
      code: 'TRAEFIK-06',
      value: version,
      message: `arguments are known for Traefik ${TRAEFIK_SUPPORTED.from} and later patches of ${TRAEFIK_SUPPORTED.minor}`,
      fix: `Leave version out for ${VERSIONS.traefik}, or name a patch of ${TRAEFIK_SUPPORTED.minor} in full`,
    },
  ];
}

function patchOf(version: string): number {
  const patch = /^\d+\.\d+\.(\d+)$/.exec(version)?.[1];
  return patch === undefined ? Number.NaN : Number(patch);
}

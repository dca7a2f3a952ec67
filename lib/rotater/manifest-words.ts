import type { Finding } from '../model/problem';

/** Fixes that name what programs write, and what stands for it in manifests and settings. */
const WORDS: readonly (readonly [inPrograms: RegExp, inManifests: string])[] = [
  [/or list them in hosts$/, 'or list them in tls.domains'],
  [
    /say HostedZone\.of\('([^']*)', \{ private: true \}\)/,
    'give zones: [{ name: $1, private: true }] in the settings (--config)',
  ],
  [
    /Give zones: \[HostedZone\.of\('([^']*)'\)\], or an issuer whose solvers have zones/,
    'Give zones: [$1] in the settings, or --zone $1',
  ],
];

/** `finding` with a fix that its reader can make who has manifests, and no program. */
export function inWordsOfManifests<T extends Finding>(finding: T): T {
  const fix = WORDS.reduce((text, [inPrograms, inManifests]) => text.replace(inPrograms, inManifests), finding.fix);
  return { ...finding, fix };
}

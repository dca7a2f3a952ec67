import { parseAllDocuments, stringify } from 'yaml';
import { printProblem } from '../../lib/model/problem';
import { deriveStream } from '../../lib/rotater/derive-stream';
import { readSettings } from '../../lib/rotater/read-settings';
import type { RotaterSettings } from '../../lib/rotater/settings';
import type { RotaterSettingsProps } from '../../lib/rotater/settings-props';
import type { Manifest } from './synthesize';

/** Settings that are right; throws what is wrong with others. */
export function settingsOf(raw: RotaterSettingsProps): RotaterSettings {
  const read = readSettings(raw, (path) => path.join('.'));
  if (!('settings' in read)) throw new Error(read.problems.map(printProblem).join('\n'));
  return read.settings;
}

/** What `traefik-ha derive` makes of routes that nothing is wrong with, and with `onlyDerived` not the routes. */
export function derivedBy(
  settings: RotaterSettings,
  routes: readonly object[],
  options: { readonly onlyDerived?: boolean } = {},
): Manifest[] {
  const text = routes.map((route) => `---\n${stringify(route)}`).join('');
  const { text: out, problems } = deriveStream([{ name: 'routes', text }], settings, options);
  if (problems.length > 0) throw new Error(problems.map(printProblem).join('\n'));
  return parseAllDocuments(out).map((document) => document.toJS() as Manifest);
}

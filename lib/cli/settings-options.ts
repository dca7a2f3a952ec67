import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { readValue } from '../rotater/manifest-stream';
import { readSettings } from '../rotater/read-settings';
import { record, type ValuePath } from '../rotater/route-object';
import type { RotaterSettings } from '../rotater/settings';
import { decoded, unreadable } from './sources';
import { UserError } from './user-error';

/** What options say about settings. */
export interface SettingsOptions {
  readonly config?: string;
  readonly issuer?: string;
  readonly target?: readonly string[];
  readonly ttl?: string;
  readonly zone?: readonly string[];
  readonly strategy?: string;
  readonly wildcardNamespace?: string;
  readonly ingressClass?: string;
  readonly namespace?: readonly string[];
  readonly selector?: string;
  /** False where `--no-certificates` is given. */
  readonly certificates: boolean;
  /** False where `--no-dns` is given. */
  readonly dns: boolean;
}

/** The options of every command that derives: each is one setting of the configuration file. */
export function settingsOptions(): Option[] {
  return [
    new Option('-c, --config <file>', 'settings in a file; options count more than what it says'),
    new Option('--issuer <name>', 'the ClusterIssuer that signs; Issuer/NAME for one in the namespace of the route'),
    many('--target <targets>', 'where hosts point: addresses separated by commas, or one host name'),
    new Option('--ttl <seconds>', 'how long resolvers may keep that (default: 300)'),
    many('--zone <names>', 'the zones that hosts may lie in (default: any)'),
    new Option('--strategy <strategy>', 'per-route or wildcard-per-zone (default: per-route)'),
    new Option('--wildcard-namespace <namespace>', 'where certificates of whole zones go'),
    new Option('--ingress-class <class>', 'only routes of this class'),
    many('--namespace <names>', 'only routes of these namespaces'),
    new Option('--selector <selector>', 'only routes with these labels, such as team=shop,tier!=test'),
    new Option('--no-certificates', 'derive no Certificates'),
    new Option('--no-dns', 'derive no DNSEndpoints'),
  ];
}

/** An option with several values, separated by commas, or given several times. */
export function many(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] = []) => [
    ...previous,
    ...value.split(',').map((one) => one.trim()),
  ]);
}

/** Where each option goes among the settings, and which it is. */
const PLACES: readonly (readonly [path: ValuePath, option: string, value: (options: SettingsOptions) => unknown])[] = [
  [['ingressClass'], '--ingress-class', ({ ingressClass }) => ingressClass],
  [['namespaces'], '--namespace', ({ namespace }) => namespace],
  [['selector'], '--selector', ({ selector }) => selector],
  [['zones'], '--zone', ({ zone }) => zone],
  [['certificates', 'issuer'], '--issuer', ({ issuer }) => issuerOf(issuer)],
  [['certificates', 'strategy'], '--strategy', ({ strategy }) => strategy],
  [['certificates', 'wildcardNamespace'], '--wildcard-namespace', ({ wildcardNamespace }) => wildcardNamespace],
  [['dns', 'targets'], '--target', ({ target }) => target],
  [['dns', 'ttlSeconds'], '--ttl', ({ ttl }) => (ttl !== undefined && /^\d+$/.test(ttl) ? Number(ttl) : ttl)],
];

/** The settings that a file, `configuration` and options say together; the later counts more. Throws all that is wrong. */
export function settingsFrom(options: SettingsOptions, configuration?: unknown): RotaterSettings {
  const file = options.config === undefined ? undefined : readConfiguration(options.config);
  const odd = [file?.value, configuration].find((value) => value !== undefined && value !== null && !isSection(value));
  const raw = odd === undefined ? merged(record(file?.value), record(configuration)) : (odd as Raw);
  if (odd === undefined) lay(options, raw);
  const given = PLACES.filter(([, , value]) => value(options) !== undefined);
  const read = readSettings(raw, (path) => {
    const option = given.find(([place]) => place.every((key, index) => path[index] === key))?.[1];
    return option ?? file?.placeOf(path) ?? (path.join('.') || 'options');
  });
  if (!('settings' in read)) throw UserError.of(read.problems);
  return read.settings;
}

/** Lays what options say over `raw`. */
function lay(options: SettingsOptions, raw: Raw): void {
  // Where hosts point is said once: the filter can be given a file that names a Service for the controller.
  if (options.target !== undefined && isSection(raw.dns)) {
    const { service: _, clusterAddress: __, ...others } = raw.dns as Raw;
    raw.dns = others;
  }
  for (const [path, , value] of PLACES) if (value(options) !== undefined) set(raw, path, value(options));
  if (!options.certificates) delete raw.certificates;
  if (!options.dns) delete raw.dns;
}

function readConfiguration(path: string) {
  let text: string;
  try {
    text = decoded(readFileSync(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw UserError.of([unreadable(path, error, { none: 'file', fix: 'Give the path of a file with settings' })]);
  }
  const read = readValue({ name: path, text });
  if (read.problem) throw UserError.of([read.problem]);
  return read;
}

function issuerOf(issuer: string | undefined): unknown {
  const [kind = '', ...name] = issuer?.split('/') ?? [];
  return name.length === 0 ? issuer : { kind, name: name.join('/') };
}

type Raw = Record<PropertyKey, unknown>;

/** Sections are laid over one another, and so are their entries. */
function merged(under: object, over: object): Raw {
  const result: Raw = { ...under };
  for (const [key, value] of Object.entries(over)) {
    result[key] = isSection(value) ? merged(record(result[key]), value) : value;
  }
  return result;
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function set(raw: Raw, [key = '', ...rest]: ValuePath, value: unknown): void {
  if (rest.length === 0) {
    raw[key] = value;
    return;
  }
  const there = raw[key] ?? {};
  // What is no section is told as it is.
  if (!isSection(there)) return;
  const section: Raw = { ...(there as Raw) };
  raw[key] = section;
  set(section, rest, value);
}

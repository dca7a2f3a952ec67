import { Command } from 'commander';
import { type Problem, printProblem } from '../model/problem';
import { deriveStream } from '../rotater/derive-stream';
import type { Source } from '../rotater/manifest-stream';
import { deriveResourceList, type ResourceList, readResourceList } from '../rotater/resource-list';
import type { RotaterSettings } from '../rotater/settings';
import { type SettingsOptions, settingsFrom, settingsOptions } from './settings-options';
import { readSources } from './sources';
import { UserError } from './user-error';

interface DeriveOptions extends SettingsOptions {
  readonly onlyDerived: boolean;
  readonly strict: boolean;
}

/** `traefik-ha derive`: the derivation over manifests that are files, or come through a pipe. */
export function deriveCommand(): Command {
  const command = new Command('derive')
    .summary('add Certificates and DNSEndpoints to manifests that hold routes')
    .description(
      'Reads manifests (YAML, JSON, lists) and writes them with what their IngressRoutes and IngressRouteTCPs need ' +
        'behind each: a Certificate for the Secret that a route names, a DNSEndpoint for its hosts. All else stays as ' +
        'it is. Works in a pipe, as a post-renderer of Helm, and as an exec function of kustomize.',
    )
    .argument('[paths...]', 'files and folders; standard input where there is none, or for -');
  for (const option of settingsOptions()) command.addOption(option);
  return command
    .option('--only-derived', 'write nothing but what is derived', false)
    .option(
      '--strict',
      'take every note for a mistake: a route without a usable host or of the group traefik.containo.us, an object that is there with another content, and input with routes from which nothing at all is derived',
      false,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: DeriveOptions) => {
      if (paths.length === 0 && process.stdin.isTTY) throw new UserError([NO_INPUT]);
      process.stdout.write(filter(await readSources(paths), options));
    });
}

const EXAMPLES = `
Examples:
  helm template shop ./chart | traefik-ha derive --issuer letsencrypt --target 203.0.113.10 | kubectl apply -f -
  helm install shop ./chart --post-renderer traefik-ha --post-renderer-args derive --post-renderer-args --config=edge.yaml
  traefik-ha derive --config edge.yaml --only-derived manifests/ > derived.yaml
`;

const NO_INPUT = 'traefik-ha derive: nothing to read. Give files or folders, or send manifests through a pipe';

/** What is written. Says on standard error why nothing is derived from some routes. */
function filter(sources: readonly Source[], options: DeriveOptions): string {
  const resourceList = sources.length === 1 && sources[0] ? readResourceList(sources[0].text) : undefined;
  const settings = withoutCluster(settingsFrom(options, resourceList?.configuration));
  if (resourceList) return filterList(resourceList, settings, options);
  const { text, problems, notices } = deriveStream(sources, settings, options);
  if (problems.length > 0) throw UserError.of([...problems, ...(options.strict ? notices : [])]);
  if (options.strict && notices.length > 0) throw UserError.of(notices);
  tell(notices);
  return text;
}

/** What is wrong stands in the list itself as well, where kustomize looks for it. */
function filterList(resourceList: ResourceList, settings: RotaterSettings, options: DeriveOptions): string {
  const { text, problems, notices } = deriveResourceList(resourceList, settings, options);
  if (problems.length > 0) {
    process.stdout.write(text);
    throw UserError.of(problems);
  }
  tell(notices);
  return text;
}

function tell(notices: readonly Problem[]): void {
  process.stderr.write(notices.map((notice) => `note: ${printProblem(notice)}\n`).join(''));
}

const ONLY_NODES: Problem = {
  code: 'SETTINGS-04',
  at: 'nodes',
  value: '',
  message: 'the filter reads files only, and cannot ask a cluster for its nodes',
  fix: 'Give --issuer or --target',
};

/** SETTINGS-04: a filter has no cluster that it could ask for the addresses of a Service. */
function withoutCluster(settings: RotaterSettings): RotaterSettings {
  const { certificates, dns, nodes } = settings;
  if (nodes !== undefined && certificates === undefined && dns === undefined) throw UserError.of([ONLY_NODES]);
  if (dns?.targets.kind !== 'service') return settings;
  const { namespace, name } = dns.targets;
  throw UserError.of([
    {
      code: 'SETTINGS-04',
      at: 'dns.service',
      value: `${namespace}/${name}`,
      message: 'the filter reads files only, and cannot ask a cluster where a Service is reached',
      fix: 'Give --target',
    },
  ]);
}

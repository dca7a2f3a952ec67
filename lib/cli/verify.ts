import type { SecureContext } from 'node:tls';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { EXIT_CODES } from '../verify/findings';
import { pushMetrics } from '../verify/live/push';
import { makeRound, type RoundOptions, type WatchOptions, watch } from '../verify/live/round';
import { printNode } from '../verify/node';
import { printJson } from '../verify/output/json';
import { printPlugin, printUnknown } from '../verify/output/plugin';
import { printPrometheus } from '../verify/output/prometheus';
import { type Paint, printTable } from '../verify/output/table';
import { exitCodeOf, type Report } from '../verify/report';
import { trustOf } from './certificate-files';
import { Progress } from './progress';
import { UserError } from './user-error';
import { VerifySources } from './verify-declaration';
import { readWords, type VerifySettings, type VerifyWords, verifyOptions } from './verify-options';

/** `traefik-ha verify`: which certificate each node serves for each host. `onStatus` is told how it came out. */
export function verifyCommand(onStatus: (exitCode: number) => void): Command {
  const command = new Command('verify')
    .summary('ask every node which certificate it serves for every host')
    .description(
      'Asks each node for the certificate of each host: whether it is reached, whether the certificate is one for the ' +
        'host, trusted, in time, and the same on all nodes. Ends with 0 (ok), 1 (warning), 2 (critical) or 3 (unknown).',
    )
    .argument('[hosts...]', 'names such as shop.example.com (default: all that are declared)');
  for (const option of verifyOptions()) command.addOption(option);
  return command.addHelpText('after', EXAMPLES).action(async (hosts: string[], words: VerifyWords) => {
    const isGiven = (word: string) => command.getOptionValueSource(word) === 'cli';
    onStatus(await verify(hosts, words, isGiven));
  });
}

const EXAMPLES = `
Examples:
  traefik-ha verify --nodes 10.0.0.1,10.0.0.2 shop.example.com
  traefik-ha verify --from dist/ --dns --redirect --hsts
  traefik-ha verify --cluster --output prometheus
  traefik-ha verify --nodes 10.0.0.1,10.0.0.2 --watch shop.example.com && echo renewed everywhere
`;

async function verify(
  hosts: readonly string[],
  words: VerifyWords,
  isGiven: (word: string) => boolean,
): Promise<number> {
  const asked = await ask(hosts, words, isGiven).catch((error: unknown) => {
    if (words.output !== 'plugin' || !(error instanceof UserError)) throw error;
    return error;
  });
  if (asked instanceof UserError) {
    // Monitoring systems show what stands here, and nothing else.
    process.stdout.write(printUnknown(asked.lines));
    return EXIT_CODES.unknown;
  }
  const { report, settings } = asked;
  process.stdout.write(await printed(report, words, settings));
  if (words.push !== undefined) await push(words.push, report, settings.timeout);
  return exitCodeOf(report);
}

/** What the nodes say; throws what is wrong with the words, and with where they lead to. */
async function ask(hosts: readonly string[], words: VerifyWords, isGiven: (word: string) => boolean) {
  const settings = readWords(hosts, words, isGiven);
  const trust = trustOf(words.caFile);
  const sources = await VerifySources.open(words, settings);
  const progress = new Progress(process.stderr);
  const options = roundOptions(words, settings, trust, progress);
  const makeOne = async () => {
    const round = await makeRound(await sources.know(), options);
    progress.clear();
    return round;
  };
  const { giveUp: longest, interval } = settings;
  const { report } = words.watch ? await watch(makeOne, { interval, longest, ...follower() }) : await makeOne();
  return { report, settings };
}

function roundOptions(
  words: VerifyWords,
  settings: VerifySettings,
  trust: SecureContext,
  progress: Progress,
): RoundOptions {
  const { path, redirect = false, hsts = false } = words;
  const { timeout, concurrency, limits, grace, statuses, port, resolvers, httpPort } = settings;
  return {
    observe: {
      ...{ trust, timeout, concurrency },
      // HSTS stands in an answer, whichever.
      path: path ?? (hsts ? '/' : undefined),
      redirectPort: redirect ? httpPort : undefined,
      onProgress: (done: number, all: number) => progress.show(done, all),
    },
    expectations: { limits, grace, path, statuses: path === undefined ? ([100, 599] as const) : statuses, hsts },
    ...{ port, resolvers, dns: words.dns ?? false },
  };
}

/** VERIFY-11 where the metrics are not taken: nobody else would see that they are old. */
async function push(url: string, report: Report, timeout: number): Promise<void> {
  const reason = await pushMetrics(url, await printPrometheus(report), timeout);
  if (reason === undefined) return;
  const message = `the metrics are not taken: ${reason}`;
  throw UserError.of([
    { code: 'VERIFY-11', at: '--push', value: url, message, fix: 'Look whether a Pushgateway is there' },
  ]);
}

/** Says who is waited for, or why nobody knows, whenever that changes. */
function follower(): Pick<WatchOptions, 'onRound' | 'onFailure'> {
  let last = '';
  const say = (line: string) => {
    if (line !== last) process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
    last = line;
  };
  return {
    onRound: ({ lagging, report }) => {
      const all = report.results.length;
      const [first] = lagging;
      const rest = lagging.length > 1 ? ` and ${lagging.length - 1} more` : '';
      const waiting = first ? `; waiting for ${first.host} at ${printNode(first.node)}${rest}` : '';
      say(`${all - lagging.length} of ${all} serve the newest certificate${waiting}`);
    },
    onFailure: (error) => {
      if (!(error instanceof UserError)) throw error;
      say(`asked again: ${error.lines.join('; ')}`);
    },
  };
}

function printed(report: Report, { output }: VerifyWords, { limits }: VerifySettings): string | Promise<string> {
  switch (output) {
    case 'json':
      return printJson(report);
    case 'prometheus':
      return printPrometheus(report);
    case 'plugin':
      return printPlugin(report, limits);
    case 'table':
      return printTable(report, paint());
  }
}

/** Colours on a terminal that has them, unless `NO_COLOR` says otherwise. */
function paint(): Paint {
  const hasColors = process.stdout.isTTY && process.stdout.hasColors();
  return hasColors ? styleText : (_, text) => text;
}

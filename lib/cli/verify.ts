import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContext } from 'node:tls';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { type Problem, printProblem } from '../model/problem';
import { ApiClient } from '../rotater/live/api-client';
import { readDocuments } from '../rotater/manifest-stream';
import { isOfClass, isRoute } from '../rotater/route-object';
import { coversName, seenCertificate } from '../verify/certificate';
import { askedName, type ExpectedCertificate } from '../verify/check';
import { chosen, type Declaration, servedBy, together } from '../verify/declaration';
import { readHostFile } from '../verify/host-file';
import { ClusterReader } from '../verify/live/cluster';
import { type Known, makeRound, type Round, watch } from '../verify/live/round';
import { trustStore } from '../verify/live/trust-store';
import { readManifests } from '../verify/manifests';
import { printNode } from '../verify/node';
import { printJson } from '../verify/output/json';
import { printPlugin } from '../verify/output/plugin';
import { printPrometheus } from '../verify/output/prometheus';
import { type Paint, printTable } from '../verify/output/table';
import { exitCodeOf, type Report } from '../verify/report';
import { clusterConnection } from './cluster-connection';
import { Progress } from './progress';
import { decoded, readSources, unreadable } from './sources';
import { UserError } from './user-error';
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
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (hosts: string[], words: VerifyWords) => onStatus(await verify(hosts, words)));
}

const EXAMPLES = `
Examples:
  traefik-ha verify --nodes 10.0.0.1,10.0.0.2 shop.example.com
  traefik-ha verify --from dist/ --dns --redirect --hsts
  traefik-ha verify --cluster --output prometheus
  traefik-ha verify --nodes 10.0.0.1,10.0.0.2 --watch shop.example.com && echo renewed everywhere
`;

async function verify(hosts: readonly string[], words: VerifyWords): Promise<number> {
  const settings = readWords(hosts, words);
  const trust = trustOf(words.caFile);
  const local = await declaredLocally(words);
  const cluster = await clusterOf(words, settings);
  const certificate = words.certificate === undefined ? undefined : certificateIn(words.certificate);
  const told = new Set<string>();
  const progress = new Progress(process.stderr);
  const makeOne = async () => {
    const known = await inCluster(() => know(local, cluster, certificate, words, settings, told));
    const round = await makeRound(known, roundOptions(words, settings, trust, progress));
    progress.clear();
    return round;
  };
  const { giveUp: longest, interval } = settings;
  const { report } = words.watch ? await watch(makeOne, { interval, longest, onRound: follower() }) : await makeOne();
  process.stdout.write(await printed(report, words, settings));
  return exitCodeOf(report);
}

function roundOptions(words: VerifyWords, settings: VerifySettings, trust: SecureContext, progress: Progress) {
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

/** What is declared at this time. VERIFY-02 where no node is, VERIFY-03 where no host is. */
async function know(
  local: Declaration,
  cluster: ClusterReader | undefined,
  certificate: X509Certificate | undefined,
  words: VerifyWords,
  { hosts, nodes }: VerifySettings,
  told: Set<string>,
): Promise<Known> {
  const routes = cluster && (await cluster.routes());
  tell(routes?.notes ?? [], told);
  const traefiks = (await cluster?.traefiks()) ?? [];
  const all = together([
    local,
    ...(routes ? [routes.declaration] : []),
    ...(cluster ? [cluster.nodesOf(traefiks)] : []),
  ]);
  const declaration = nodes ? servedBy(chosen(all, hosts), nodes) : chosen(all, hosts);
  const hasNodes = declaration.nodes.length > 0 || declaration.hosts.some((one) => one.nodes.length > 0);
  if (declaration.hosts.length === 0) throw UserError.of([NO_HOSTS]);
  if (!hasNodes && !words.dns) throw UserError.of([cluster ? NO_TRAEFIK : NO_NODES]);
  const expected = new Map<string, readonly ExpectedCertificate[]>();
  const remarks = [...((await cluster?.definitions(traefiks)) ?? [])];
  if (cluster && words.secrets) {
    const read = await cluster.expected(declaration.hosts);
    for (const [host, certificates] of read.expected) expected.set(host, certificates);
    remarks.push(...read.remarks);
  }
  if (certificate) {
    const { fingerprint, issuedAt } = seenCertificate(certificate);
    const covered = declaration.hosts.filter(({ host }) => coversName(certificate, askedName(host)));
    if (covered.length === 0) throw UserError.of([forNone(words.certificate ?? '')]);
    for (const { host } of covered) expected.set(host, [{ fingerprint, issuedAt, source: words.certificate ?? '' }]);
  }
  return { declaration, expected, remarks };
}

const NO_NODES: Problem = {
  code: 'VERIFY-02',
  at: 'nodes',
  value: '',
  message: 'nobody says who is to be asked',
  fix: 'Give --nodes 10.0.0.1,10.0.0.2, or --dns for every address of the hosts',
};

const NO_TRAEFIK: Problem = {
  code: 'VERIFY-09',
  at: 'cluster',
  value: '',
  message: 'no Service of Traefik has an address, or ready pods',
  fix: 'Name it by --service edge/traefik, choose by --at, or give --nodes',
};

const NO_HOSTS: Problem = {
  code: 'VERIFY-03',
  at: 'hosts',
  value: '',
  message: 'no host to ask for',
  fix: 'Give hosts, --file, --from with manifests that hold routes with TLS, or --cluster',
};

function forNone(path: string): Problem {
  const message = 'the certificate is for none of the hosts';
  return { code: 'VERIFY-07', at: path, value: '', message, fix: 'Give the one that is to be served' };
}

/** What the file and the manifests declare. */
async function declaredLocally({ file, from, ingressClass }: VerifyWords): Promise<Declaration> {
  const problems: Problem[] = [];
  const declarations: Declaration[] = [];
  if (file !== undefined) {
    const text = contents(file, 'hosts and nodes');
    const read = readHostFile({ name: file, text });
    if ('problems' in read) problems.push(...read.problems);
    else declarations.push(read.declaration);
  }
  if (from !== undefined) {
    const read = (await readSources(from)).map(readDocuments);
    problems.push(...read.flatMap((one) => one.problems));
    const objects = read.flatMap(({ documents }) => documents.flatMap((document) => document.objects));
    const meant = objects.filter(({ object }) => !isRoute(object) || isOfClass(object, ingressClass));
    const { declaration, notes } = readManifests(meant);
    declarations.push(declaration);
    tell(notes, new Set());
  }
  if (problems.length > 0) throw UserError.of(problems);
  return together(declarations);
}

async function clusterOf(words: VerifyWords, { service }: VerifySettings): Promise<ClusterReader | undefined> {
  const { cluster, kubeconfig, namespace: namespaces, ingressClass, at: nodeSource } = words;
  if (!cluster && kubeconfig === undefined) return undefined;
  const client = new ApiClient(await clusterConnection('verify', kubeconfig));
  return new ClusterReader(client, { namespaces, ingressClass, service, nodeSource });
}

/** VERIFY-08 where the API server cannot be reached, or refuses. */
async function inCluster<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message, status } = error as NodeJS.ErrnoException & { readonly status?: number };
    if (status === undefined && code === undefined && !/^no answer/.test(message)) throw error;
    const fix = status === 403 ? 'Permit what docs/verify.md lists' : 'Look whether the API server is there';
    const problem = { code: 'VERIFY-08', at: 'cluster', value: String(status ?? code ?? ''), fix };
    throw UserError.of([{ ...problem, message: `the API server does not tell: ${message || code}` }]);
  }
}

/** VERIFY-07 where a file holds no certificate. */
function certificateIn(path: string): X509Certificate {
  const text = contents(path, 'a certificate');
  try {
    return new X509Certificate(text);
  } catch {
    throw UserError.of([noCertificate(path)]);
  }
}

function trustOf(files: readonly string[] | undefined): SecureContext {
  for (const file of files ?? []) {
    const text = contents(file, 'certificates of authorities');
    try {
      new X509Certificate(text);
    } catch {
      throw UserError.of([noCertificate(file)]);
    }
  }
  return trustStore(files);
}

function noCertificate(path: string): Problem {
  const message = 'holds no certificate';
  return {
    code: 'VERIFY-07',
    at: path,
    value: '',
    message,
    fix: 'Give a file in PEM, with -----BEGIN CERTIFICATE-----',
  };
}

function contents(path: string, what: string): string {
  try {
    return decoded(readFileSync(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw UserError.of([unreadable(path, error, { none: 'file', fix: `Give the path of a file with ${what}` })]);
  }
}

/** Says each note once, however often it comes. */
function tell(notes: readonly Problem[], told: Set<string>): void {
  for (const line of notes.map(printProblem)) {
    if (!told.has(line)) process.stderr.write(`note: ${line}\n`);
    told.add(line);
  }
}

/** Says who is waited for, whenever that changes. */
function follower(): (round: Round) => void {
  let last = '';
  return ({ lagging, report }) => {
    const all = report.results.length;
    const [first] = lagging;
    const rest = lagging.length > 1 ? ` and ${lagging.length - 1} more` : '';
    const waiting = first ? `; waiting for ${first.host} at ${printNode(first.node)}${rest}` : '';
    const line = `${all - lagging.length} of ${all} serve the newest certificate${waiting}`;
    if (line !== last) process.stderr.write(`${report.checkedAt.toISOString().slice(11, 19)} ${line}\n`);
    last = line;
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

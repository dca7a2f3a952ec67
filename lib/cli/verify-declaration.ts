import type { X509Certificate } from 'node:crypto';
import { askedName } from '../model/host';
import { type Problem, printProblem } from '../model/problem';
import { ApiClient } from '../rotater/live/api-client';
import { connect } from '../rotater/live/connection';
import { readDocuments } from '../rotater/manifest-stream';
import { isOfClass, isRoute } from '../rotater/route-object';
import type { ExpectedCertificate } from '../verify/check';
import { chosen, type Declaration, servedBy, together } from '../verify/declaration';
import { readHostFile } from '../verify/host-file';
import { coversName, seenCertificate } from '../verify/live/certificate';
import { ClusterReader } from '../verify/live/cluster';
import type { Known } from '../verify/live/round';
import { readManifests } from '../verify/manifests';
import type { Remark } from '../verify/report';
import { certificateIn, contents } from './certificate-files';
import { clusterConnection } from './cluster-connection';
import { readSources } from './sources';
import { UserError } from './user-error';
import type { VerifySettings, VerifyWords } from './verify-options';

/** Where it is told which hosts and nodes there are, and which certificate is to be served. */
export class VerifySources {
  private readonly told = new Set<string>();

  private constructor(
    private readonly words: VerifyWords,
    private readonly settings: VerifySettings,
    private readonly local: Declaration,
    private readonly certificate: X509Certificate | undefined,
    private readonly cluster: ClusterReader | undefined,
  ) {}

  /** Reads what lies in files, once. */
  public static async open(words: VerifyWords, settings: VerifySettings): Promise<VerifySources> {
    const local = await declaredLocally(words);
    const certificate = words.certificate === undefined ? undefined : certificateIn(words.certificate);
    const sources = new VerifySources(
      words,
      settings,
      local.declaration,
      certificate,
      await clusterOf(words, settings),
    );
    sources.tell(local.notes);
    return sources;
  }

  /**
   * What is declared at this time. VERIFY-02 or VERIFY-09 where no node is, VERIFY-03 where no host is, VERIFY-08 where
   * the API server cannot be reached, or refuses.
   */
  public async know(): Promise<Known> {
    try {
      return await this.read();
    } catch (error) {
      throw error instanceof UserError ? error : (clusterError(error) ?? error);
    }
  }

  private async read(): Promise<Known> {
    const { words, settings, local, cluster } = this;
    const [routes, traefiks] = await Promise.all([cluster?.routes(), cluster?.traefiks() ?? []]);
    this.tell(routes?.notes ?? []);
    const declared = [local, ...(routes ? [routes.declaration] : []), ...(cluster ? [cluster.nodesOf(traefiks)] : [])];
    const all = chosen(together(declared), settings.hosts);
    const declaration = settings.nodes ? servedBy(all, settings.nodes) : all;
    const hasNodes = declaration.nodes.length > 0 || declaration.hosts.some(({ nodes }) => nodes.length > 0);
    if (declaration.hosts.length === 0) throw UserError.of([NO_HOSTS]);
    if (!hasNodes && !words.dns) throw UserError.of([cluster ? NO_TRAEFIK : NO_NODES]);
    const expected = new Map<string, readonly ExpectedCertificate[]>();
    const remarks: Remark[] = [];
    if (cluster) remarks.push(...(await cluster.definitions(traefiks)));
    if (cluster && words.secrets) {
      const read = await cluster.expected(declaration.hosts);
      for (const [host, certificates] of read.expected) expected.set(host, certificates);
      remarks.push(...read.remarks);
    }
    for (const [host, given] of this.given(declaration)) expected.set(host, [given]);
    return { declaration, expected, remarks };
  }

  /** The certificate that was given, for the hosts that it is for; VERIFY-07 where it is for none. */
  private given({ hosts }: Declaration): (readonly [host: string, certificate: ExpectedCertificate])[] {
    const { certificate } = this;
    if (certificate === undefined) return [];
    const source = this.words.certificate ?? '';
    const { fingerprint, issuedAt, names, subject } = seenCertificate(certificate);
    const covered = hosts.filter(({ host }) => coversName(certificate, askedName(host)));
    if (covered.length > 0) return covered.map(({ host }) => [host, { fingerprint, issuedAt, source }]);
    const message = 'the certificate is for none of the hosts';
    const value = names.length > 0 ? `it is for ${names.join(', ')}` : `it has no names, ${subject}`;
    throw UserError.of([{ code: 'VERIFY-07', at: source, value, message, fix: 'Give the one that is to be served' }]);
  }

  /** Says each note once, however often it comes. */
  private tell(notes: readonly Problem[]): void {
    for (const line of notes.map(printProblem)) {
      if (!this.told.has(line)) process.stderr.write(`note: ${line}\n`);
      this.told.add(line);
    }
  }
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

/** What the file and the manifests declare. */
async function declaredLocally({ file, from, ingressClass }: VerifyWords) {
  const problems: Problem[] = [];
  const declarations: Declaration[] = [];
  const notes: Problem[] = [];
  if (file !== undefined) {
    const read = readHostFile({ name: file, text: contents(file, 'hosts and nodes') });
    if ('problems' in read) problems.push(...read.problems);
    else declarations.push(read.declaration);
  }
  if (from !== undefined) {
    const read = (await readSources(from)).map(readDocuments);
    problems.push(...read.flatMap((one) => one.problems));
    const objects = read.flatMap(({ documents }) => documents.flatMap((document) => document.objects));
    const meant = objects.filter(({ object }) => !isRoute(object) || isOfClass(object, ingressClass));
    const manifests = readManifests(meant);
    declarations.push(manifests.declaration);
    notes.push(...manifests.notes);
  }
  if (problems.length > 0) throw UserError.of(problems);
  return { declaration: together(declarations), notes };
}

async function clusterOf(words: VerifyWords, { service, secrets }: VerifySettings): Promise<ClusterReader | undefined> {
  const { cluster, kubeconfig, namespace: namespaces, ingressClass, at: nodeSource } = words;
  if (!cluster && kubeconfig === undefined) return undefined;
  const connection = await clusterConnection('verify', async () => {
    const made = await connect(kubeconfig);
    // Credentials come from programs and files that may not be there.
    await made.options();
    return made;
  });
  const client = new ApiClient(connection);
  return new ClusterReader(client, { namespaces, ingressClass, service, secrets, nodeSource });
}

/** What an API server, or the way to it, does not let be read; undefined for what is a fault of this program. */
function clusterError(error: unknown): UserError | undefined {
  const { code, message, status } = error as NodeJS.ErrnoException & { readonly status?: number };
  if (status === undefined && code === undefined && !message.startsWith('no answer')) return undefined;
  const fix = status === 403 ? 'Permit what docs/verify.md lists' : 'Look whether the API server is there';
  const why = `the API server does not tell: ${message || code}`;
  return UserError.of([{ code: 'VERIFY-08', at: 'cluster', value: String(status ?? code ?? ''), message: why, fix }]);
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveObject } from '../../../lib/rotater/live/live-object';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * An API server that fails as a real one does, but when it is told to: it keeps objects by path, lists them page by
 * page, sends what changes to those who watch, and takes applied objects, Events and deletions.
 */
export class TroubledServer {
  /** What the next requests whose method and path match are answered with instead. */
  public readonly troubles: { readonly matching: RegExp; readonly answer: Answer }[] = [];
  public readonly seen: string[] = [];
  /** The label selectors that were asked by. */
  public readonly queries: string[] = [];
  private readonly objects = new Map<string, LiveObject>();
  private readonly watchers = new Map<string, Set<ServerResponse>>();
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly history: { readonly collection: string; readonly version: number; readonly line: string }[] = [];
  private readonly silent = new Set<string>();
  private version = 1;

  public async start(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** What there is below a path, by name. */
  public namesIn(collection: string): string[] {
    return this.of(collection)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  public get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  public get(path: string): LiveObject | undefined {
    return this.objects.get(path);
  }

  /** Watches of a kind tell of nothing any more. */
  public silence(collection: string): void {
    this.silent.add(collection);
  }

  public put(path: string, object: object): LiveObject {
    const known = this.objects.get(path);
    const { metadata, ...rest } = object as LiveObject;
    this.version += 1;
    const uid = known?.metadata.uid ?? `uid-${this.version}`;
    const stored = { ...rest, metadata: { ...metadata, uid, resourceVersion: String(this.version) } };
    this.objects.set(path, stored);
    this.tell(path, known ? 'MODIFIED' : 'ADDED', stored);
    return stored;
  }

  public delete(path: string): void {
    const known = this.objects.get(path);
    this.objects.delete(path);
    this.version += 1;
    if (known)
      this.tell(path, 'DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(this.version) } });
  }

  /** Ends all watches, as a server that is restarted does. */
  public dropWatches(): void {
    for (const response of [...this.watchers.values()].flatMap((all) => [...all])) response.destroy();
  }

  private of(collection: string): LiveObject[] {
    return [...this.objects].filter(([path]) => collectionOf(path) === collection).map(([, object]) => object);
  }

  private tell(path: string, type: string, object: LiveObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.history.push({ collection: collectionOf(path), version: this.version, line });
    if (this.silent.has(collectionOf(path))) return;
    for (const response of this.watchers.get(collectionOf(path)) ?? []) response.write(line);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const method = request.method ?? '';
    const isWatch = searchParams.has('watch');
    const what = `${isWatch ? 'WATCH' : method} ${pathname}`;
    this.seen.push(what);
    this.queries.push(searchParams.get('labelSelector') ?? '');
    const trouble = this.troubles.findIndex(({ matching }) => matching.test(what));
    if (trouble >= 0) return this.troubles.splice(trouble, 1)[0]?.answer(request, response);
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = (object: object) => response.end(JSON.stringify(object));
    if (method === 'PATCH') {
      // Without force, fields of others are refused.
      const known = this.objects.get(pathname);
      if (known && searchParams.get('force') === 'false' && known.metadata.annotations === undefined) {
        return refusing(409)(request, response);
      }
      return void answer(this.put(pathname, JSON.parse(text)));
    }
    if (method === 'POST')
      return void answer(this.put(`${pathname}/${JSON.parse(text).metadata.name}`, JSON.parse(text)));
    if (method === 'DELETE') {
      this.delete(pathname);
      return void answer({});
    }
    const kind = ofAll(pathname);
    if (isWatch) {
      const watchers = this.watchers.get(kind) ?? new Set();
      this.watchers.set(kind, watchers.add(response));
      response.on('close', () => watchers.delete(response));
      response.flushHeaders();
      const since = Number(searchParams.get('resourceVersion'));
      const missed = this.history.filter(({ collection, version }) => collection === kind && version > since);
      for (const { line } of missed) response.write(line);
      return;
    }
    // Two a page, whatever is asked for.
    const from = Number(searchParams.get('continue') ?? 0);
    const all = this.of(kind);
    const next = from + 2 < all.length ? String(from + 2) : undefined;
    answer({ metadata: { resourceVersion: String(this.version), continue: next }, items: all.slice(from, from + 2) });
  }
}

/** All namespaces are one here: what is listed is listed by kind. */
function collectionOf(path: string): string {
  return ofAll(path).replace(/\/[^/]+$/, '');
}

function ofAll(path: string): string {
  return path.replace(/\/namespaces\/[^/]+/, '');
}

/** An answer with a Status. */
export function refusing(code: number, causes: readonly string[] = []): Answer {
  const details = { causes: causes.map((reason) => ({ reason })) };
  return (request, response) => {
    request.resume();
    response.writeHead(code).end(JSON.stringify({ kind: 'Status', code, message: `refused with ${code}`, details }));
  };
}

/** A connection that ends in the middle. */
export const hangUp: Answer = (request) => void request.socket.destroy();

/** A watch whose version is too old, as it is told within the stream. */
export const expired: Answer = (_, response) =>
  void response.end(`${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old' } })}\n`);

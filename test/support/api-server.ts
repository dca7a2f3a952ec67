import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface StoredObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

/** Answers reads as an API server does: objects and lists of them, two a page, by namespace and labels. */
export class ApiObjects {
  /** What is asked for by a path that matches is answered with that status. */
  public readonly refused: { readonly matching: RegExp; readonly status: number }[] = [];
  public readonly asked: string[] = [];
  private readonly objects = new Map<string, StoredObject>();
  private readonly server = createServer((request, response) => this.answer(request.url ?? '', response));

  public async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  /** Puts `object` below the path of its kind, such as `/api/v1/services`. */
  public put(collection: string, object: object): void {
    const { metadata } = object as StoredObject;
    const where = metadata.namespace === undefined ? '' : `namespaces/${metadata.namespace}/`;
    this.objects.set(
      collection.replace(/[^/]+$/, (plural) => `${where}${plural}/${metadata.name}`),
      object as StoredObject,
    );
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(url: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://server');
    this.asked.push(pathname);
    const say = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    const refusal = this.refused.find(({ matching }) => matching.test(pathname));
    if (refusal) return void say(refusal.status, { message: `refused with ${refusal.status}` });
    const single = this.objects.get(pathname);
    if (single) return void say(200, single);
    const wanted = (searchParams.get('labelSelector') ?? '')
      .split(',')
      .filter(Boolean)
      .map((one) => one.split('='));
    const items = [...this.objects]
      .filter(([path]) => path.replace(/\/[^/]+$/, '') === pathname || withoutNamespace(path) === pathname)
      .map(([, object]) => object)
      .filter(({ metadata }) => wanted.every(([key = '', value]) => metadata.labels?.[key] === value));
    if (items.length === 0 && /\/[^/]+\/[^/]+$/.test(pathname) && this.isSingle(pathname)) {
      return void say(404, { message: 'not found' });
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const next = from + 2 < items.length ? String(from + 2) : undefined;
    say(200, { metadata: { continue: next }, items: items.slice(from, from + 2) });
  }

  /** Whether the path names an object, and not all of a kind. */
  private isSingle(path: string): boolean {
    return /\/(?:secrets|services|customresourcedefinitions)\/[^/]+$/.test(path);
  }
}

function withoutNamespace(path: string): string {
  return path.replace(/\/namespaces\/[^/]+/, '').replace(/\/[^/]+$/, '');
}

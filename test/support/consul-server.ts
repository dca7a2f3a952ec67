import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Operation {
  readonly KV: { readonly Verb: 'set' | 'delete'; readonly Key: string; readonly Value?: string };
}

/** What was asked, byte for byte. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers as Consul documents for `/v1/txn` and `/v1/kv`, and keeps what it was asked. */
export class ConsulServer {
  public readonly exchanges: Exchange[] = [];
  public readonly entries = new Map<string, string>();
  /** Transactions are answered with an error until it is 0. */
  public refusals = 0;
  private readonly server = createServer((request, response) => this.read(request, response));

  public async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  public get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public get transactions(): Exchange[] {
    return this.exchanges.filter(({ method }) => method === 'PUT');
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private read(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      this.exchanges.push({ method, path: url, headers, body });
      const [status, text] = this.answer(method, url, body);
      response.writeHead(status).end(text);
    });
  }

  private answer(method: string, url: string, body: string): [number, string] {
    if (method === 'GET' && url.startsWith('/v1/kv/') && url.endsWith('?raw')) {
      const value = this.entries.get(decodeURIComponent(url.slice('/v1/kv/'.length, -'?raw'.length)));
      return value === undefined ? [404, ''] : [200, value];
    }
    if (method !== 'PUT' || url !== '/v1/txn') return [405, 'method not allowed'];
    const operations = JSON.parse(body) as Operation[];
    if (operations.length > 64) return [413, 'too many operations'];
    if (this.refusals > 0) {
      this.refusals--;
      return [500, 'No cluster leader'];
    }
    for (const { KV } of operations) {
      if (KV.Verb === 'delete') this.entries.delete(KV.Key);
      else this.entries.set(KV.Key, Buffer.from(KV.Value ?? '', 'base64').toString());
    }
    return [200, '{"Results":[],"Errors":null}'];
  }
}

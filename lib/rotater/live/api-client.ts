import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Connection } from './connection';

/** One request to an API server. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  /** @default 'application/json' */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** How long nothing may come before the connection counts as broken. @default 30 */
  readonly idleSeconds?: number;
}

/** What the API server answered instead of doing what it was asked. */
export class ApiError extends Error {
  public constructor(
    public readonly status: number,
    message: string,
    /** The reasons that it gave, such as `NamespaceTerminating`. */
    public readonly causes: readonly string[] = [],
    /** How long it asked not to be asked again. */
    public readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** JSON over HTTP, on connections that are kept. */
export class ApiClient {
  private readonly agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true, keepAliveMsecs: 30_000 }),
  };

  public constructor(private readonly connection: Connection) {}

  /** The object that the API server answers with. Throws an {@link ApiError} where it refuses. */
  public async send<Answer>(request: ApiRequest): Promise<Answer> {
    return JSON.parse(await textOf(await this.open(request))) as Answer;
  }

  /** The objects that the API server answers with, a line each, until it ends the answer. */
  public async *stream<Answer>(request: ApiRequest): AsyncGenerator<Answer> {
    let rest = '';
    for await (const chunk of await this.open(request)) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as Answer;
    }
  }

  /** Ends connections that nothing is asked on. */
  public close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private async open(request: ApiRequest): Promise<IncomingMessage> {
    const response = await this.ask(request);
    response.setEncoding('utf8');
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const { message = `${statusCode} ${response.statusMessage ?? ''}`, details } = statusOf(await textOf(response));
    throw new ApiError(
      statusCode,
      message,
      details?.causes?.flatMap(({ reason }) => reason ?? []),
      secondsOf(response.headers['retry-after']),
    );
  }

  private async ask(request: ApiRequest): Promise<IncomingMessage> {
    const { method = 'GET', path, query = {}, body, contentType = 'application/json', signal } = request;
    const { server } = this.connection;
    const { headers, ...options } = await this.connection.options();
    const protocol = server.protocol === 'http:' ? 'http:' : 'https:';
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.set(key, value);
    const payload = body && JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = (protocol === 'http:' ? http : https).request({
        agent: this.agents[protocol],
        ...options,
        signal,
        protocol,
        hostname: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port,
        method,
        path: `${server.pathname.replace(/\/$/, '')}${path}?${parameters}`,
        headers: {
          ...(headers as http.OutgoingHttpHeaders),
          accept: 'application/json',
          'user-agent': 'traefik-ha',
          ...(payload === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
        },
      });
      const seconds = request.idleSeconds ?? 30;
      sent.setTimeout(seconds * 1000, () => sent.destroy(new Error(`no answer for ${seconds} s`)));
      sent.once('response', resolve);
      // Also what comes late: an error that nobody takes would end the process.
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

function secondsOf(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) ? undefined : Math.min(Math.max(seconds, 0), 60);
}

/** A Status of the API server, as far as it is one. */
interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string }[] };
}

function statusOf(text: string): Status {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return {};
  }
}

import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** What others may know of a controller. */
export interface Status {
  readonly registry: Registry;
  readonly isReady: () => boolean;
}

/**
 * Answers on `port`: `/healthz` while the process lives, `/readyz` once it has seen everything, `/metrics` for Prometheus.
 */
export async function serveStatus({ registry, isReady }: Status, port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, text: string, type = 'text/plain') =>
      response.writeHead(status, { 'content-type': type }).end(text);
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        return answer(200, 'ok\n');
      case '/readyz':
        return isReady() ? answer(200, 'ok\n') : answer(503, 'not everything was seen yet\n');
      case '/metrics':
        return answer(200, await registry.metrics(), registry.contentType);
      default:
        return answer(404, 'there are /healthz, /readyz and /metrics\n');
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return server;
}

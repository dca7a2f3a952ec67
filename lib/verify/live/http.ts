import http from 'node:http';
import type { Socket } from 'node:net';
import type { HttpAnswer } from '../check';
import { OWN_REASONS, reasonOf } from '../reasons';

/** What is asked by HTTP/1.1. */
export interface HttpQuestion {
  readonly host: string;
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** A connection that is there already. */
  readonly socket?: Socket;
  /** Where one is made to otherwise. */
  readonly place?: { readonly address: string; readonly port: number };
}

/** The head of the answer to a GET; what follows it is not read. */
export async function askHttp({ host, path, timeout, socket, place }: HttpQuestion): Promise<HttpAnswer> {
  const where = socket ? { createConnection: () => socket } : { host: place?.address, port: place?.port, agent: false };
  return new Promise((resolve) => {
    const headers = { host, 'user-agent': 'traefik-ha-verify', accept: '*/*', connection: 'close' };
    const request = http.get({ ...where, path, headers }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const hsts = answered['strict-transport-security'];
      finish({ status, location: answered.location, hsts: Array.isArray(hsts) ? hsts[0] : hsts });
    });
    const timer = setTimeout(() => finish({ reason: OWN_REASONS.silent(String(timeout / 1000)) }), timeout);
    const finish = (answer: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    // Also what comes late: an error that nobody takes would end the process.
    request.on('error', (error: NodeJS.ErrnoException) => finish({ reason: httpReason(error) }));
  });
}

function httpReason(error: NodeJS.ErrnoException): string {
  return error.code?.startsWith('HPE_') ? OWN_REASONS.noHttp() : reasonOf(error);
}

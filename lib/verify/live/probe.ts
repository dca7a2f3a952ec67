import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { askedName } from '../../model/host';
import type { Check, HttpAnswer, Observation, Served } from '../check';
import { OWN_REASONS, reasonOf } from '../reasons';
import { coversName, seenCertificate } from './certificate';
import { askHttp } from './http';

/** How nodes are asked. */
export interface ProbeOptions {
  readonly trust: SecureContext;
  /** How long a connection with its handshake may take, and each answer of HTTP, in milliseconds. */
  readonly timeout: number;
  /** The path that is asked for by HTTP; undefined for none. */
  readonly path?: string;
  /** The port that is asked whether it redirects; undefined for none. */
  readonly redirectPort?: number;
}

/** Asks one node for the certificate of one host. `onConnected` is called when there is a connection. */
export async function probe(check: Check, options: ProbeOptions, onConnected = () => {}): Promise<Observation> {
  const { address, name, reason = OWN_REASONS.notFound(String(name)) } = check.node;
  if (address === undefined) return { kind: 'unresolved', reason };
  const shaken = await shakeHands(address, check, options, onConnected);
  if (!('socket' in shaken)) return shaken;
  const { socket } = shaken;
  const host = askedName(check.host);
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) {
    socket.destroy();
    return { kind: 'no-tls', reason: OWN_REASONS.noCertificate() };
  }
  const seen: Served = {
    kind: 'served',
    certificate: seenCertificate(certificate),
    coversHost: coversName(certificate, host),
    // It is the code, whatever its type says.
    ...(socket.authorized ? {} : { chainError: String(socket.authorizationError) }),
  };
  const http = await overHttp(address, socket, check, options);
  return { ...seen, ...http };
}

function shakeHands(
  address: string,
  { host, node }: Check,
  { trust, timeout }: ProbeOptions,
  onConnected: () => void,
): Promise<Observation | { readonly socket: TLSSocket }> {
  return new Promise((resolve) => {
    let isConnected = false;
    const socket = connect({
      host: address,
      port: node.port,
      servername: askedName(host),
      secureContext: trust,
      // What is wrong is looked at, and told.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const fail = (reason: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ kind: isConnected ? 'no-tls' : 'unreachable', reason });
    };
    const timer = setTimeout(() => fail(OWN_REASONS.silent(String(timeout / 1000))), timeout);
    socket.once('connect', () => {
      isConnected = true;
      onConnected();
    });
    // Also what comes late: an error that nobody takes would end the process.
    socket.on('error', (error) => fail(reasonOf(error)));
    socket.once('close', () => fail(reasonOf({ name: '', message: '', code: 'ECONNRESET' })));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve({ socket });
    });
  });
}

/** What HTTP answers, where it is asked; the connection is closed in any case. */
async function overHttp(
  address: string,
  socket: TLSSocket,
  { host, isHttp }: Check,
  { path, redirectPort, timeout }: ProbeOptions,
): Promise<{ readonly page?: HttpAnswer; readonly redirect?: HttpAnswer }> {
  const question = { host: askedName(host), timeout };
  let page: HttpAnswer | undefined;
  if (path !== undefined && isHttp) page = await askHttp({ ...question, path, socket });
  // The end is said, so that it is no broken handshake in anybody's log.
  else socket.end(() => socket.destroy());
  const redirect =
    redirectPort === undefined || !isHttp
      ? undefined
      : await askHttp({ ...question, path: path ?? '/', place: { address, port: redirectPort } });
  return { ...(page && { page }), ...(redirect && { redirect }) };
}

// The nodes: TLS servers that tell when they were asked last, and ports that take connections and never answer.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';

const [, , kind, count, certificate, key] = process.argv;

/** @param {import('node:net').Server} server */
const listening = (server, backlog) =>
  new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog }, () => resolve(server.address().port)),
  );

if (kind === 'tls') {
  let first;
  let last;
  const options = { cert: readFileSync(certificate), key: readFileSync(key) };
  const servers = Array.from({ length: Number(count) }, () => https.createServer(options));
  for (const server of servers) {
    server.on('secureConnection', () => {
      last = Date.now();
      first ??= last;
    });
    server.on('tlsClientError', () => {});
  }
  process.on('message', () => {
    process.send({ first, last });
    first = undefined;
  });
  process.send({ ports: await Promise.all(servers.map((server) => listening(server, 511))) });
} else {
  // Nobody accepts: what is in the backlog waits, and what finds it full is not even answered.
  const ports = await Promise.all(Array.from({ length: Number(count) }, () => listening(net.createServer(), 1)));
  process.send({ ports }, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
}

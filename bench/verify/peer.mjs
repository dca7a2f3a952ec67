// The peer: the same handshakes with the same authorities, 64 at a time, and nothing beside.
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';

const [, , authorities, nodes, hosts] = process.argv;
const secureContext = createSecureContext({ ca: readFileSync(authorities) });
const left = hosts
  .split(',')
  .flatMap((host) => nodes.split(',').map((node) => ({ host, port: Number(node.split(':')[1]) })));

const shakeHands = ({ host, port }) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, secureContext }, () => {
      socket.getPeerX509Certificate();
      socket.end(() => socket.destroy());
      resolve();
    }).on('error', reject);
  });

await Promise.all(
  Array.from({ length: 64 }, async () => {
    for (let next = left.pop(); next; next = left.pop()) await shakeHands(next);
  }),
);

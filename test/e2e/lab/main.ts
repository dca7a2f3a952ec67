import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crdFiles } from '../../support/schemas';
import { installCertManager } from '../support/cert-manager';
import { startLab } from '../support/stage';
import { startSwarm } from '../support/swarm-stage';
import { DOCKER_GROUP, SHARED } from './engine';
import type { Ground } from './ground';
import { ADDRESSES } from './network';
import { program } from './parts';
import { explain, prepare } from './prepare';
import { sweepOwn } from './state';
import { SWARM_IMAGES } from './swarm-images';

const USAGE = `npm run lab -- [--swarm] [--nodes 1|3] [--install-packages]

A Kubernetes cluster with Traefik's, cert-manager's and external-dns' kinds, or a swarm of Docker engines, on this
machine alone, until Ctrl-C.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      swarm: { type: 'boolean', default: false },
      nodes: { type: 'string', default: '3' },
      'install-packages': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !['1', '3'].includes(values.nodes)) {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const kind = values.swarm ? 'swarm' : 'kubernetes';
  await prepare({ installing: values['install-packages'], kinds: [kind] });
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  try {
    const play = values.swarm ? playSwarm : playKubernetes;
    await Promise.race([interrupted, play(values.nodes === '1' ? 1 : 3)]);
    await interrupted;
  } finally {
    sweepOwn();
  }
}

const say = (message: string) => process.stderr.write(`lab: ${message}\n`);

/** Starts a swarm and says how it is reached. */
async function playSwarm(nodes: number): Promise<void> {
  const lab = await startSwarm(nodes, say);
  for (const { name, docker, address } of lab.engines) say(`${name}: ${address}, DOCKER_HOST=${docker.host}`);
  process.stdout.write(`export DOCKER_HOST=${lab.manager.docker.host}\n`);
  say(`docker of the lab's version: ${program('docker')}; deploy with --resolve-image=never`);
  say(`images: ${Object.values(SWARM_IMAGES).join(' ')}`);
  say(`every machine has ${lab.shared} at ${SHARED}; the engine's socket belongs to group ${DOCKER_GROUP}`);
  sayAround(lab);
}

/** Starts a cluster and says how it is reached. */
async function playKubernetes(nodes: 1 | 3): Promise<void> {
  const lab = await startLab(nodes, say);
  say('the kinds of Traefik, cert-manager and external-dns, and cert-manager itself');
  await lab.kubectl.run(['apply', '--server-side', ...crdFiles().flatMap((file) => ['-f', file])]);
  await installCertManager(lab);
  // From this machine to the API server, which no route leads to: through a socket in the lab's folder.
  const port = await freePort();
  const socket = `unix:${join(lab.folder, 'api.sock')}`;
  const forward = [program('client'), 'forward'];
  lab.processes.start('forward-in', [...forward, `--listen=${socket}`, `--to=${ADDRESSES.controlPlane}:6443`], {
    namespace: lab.network.hub,
  });
  lab.processes.start('forward-out', [...forward, `--listen=127.0.0.1:${port}`, `--to=${socket}`]);
  const kubeconfig = join(lab.folder, 'kubeconfig');
  lab.controlPlane.adminKubeconfig(kubeconfig, `https://127.0.0.1:${port}`);
  process.stdout.write(`export KUBECONFIG=${kubeconfig}\n`);
  say(`kubectl of the lab's version: ${program('kubectl')}`);
  sayAround(lab);
}

function sayAround({ acme, dns, network }: Ground): void {
  say(`ACME ${acme.directory}, DNS ${ADDRESSES.dns}, load balancer ${ADDRESSES.loadBalancer}`);
  say(`the zones take updates by TSIG, hmac-sha512, key ${dns.key.name}: ${dns.key.secret}`);
  say(`a shell where clients are: nsenter --net=/run/netns/${network.hub}`);
  say('Ctrl-C ends it and leaves nothing');
}

/** A port of the machine that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

main().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(2);
  },
);

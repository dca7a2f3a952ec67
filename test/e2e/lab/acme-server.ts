import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command';
import { LAB_ZONE } from './dns-server';
import { ADDRESSES } from './network';
import type { Authority } from './pki';
import { enter, type Processes, type Server } from './processes';
import { until } from './wait';

export interface AcmeServerOptions {
  readonly folder: string;
  /** The namespace that it runs in; without one, the machine's own. */
  readonly namespace?: string;
  readonly processes: Processes;
  readonly authority: Authority;
  readonly program: (name: string) => string;
  /** A name of its own, when there are several. */
  readonly name?: string;
  /** Where it listens; where a lab has it, under a name of the lab, unless told otherwise. */
  readonly address?: string;
  /** The port of its directory. */
  readonly port?: number;
  /** The port of its management; 1000 above, unless told otherwise. */
  readonly managementPort?: number;
  /** The DNS server that it asks when it validates; that of a lab, unless told otherwise. */
  readonly resolver?: string;
  /** How many of a hundred nonces it refuses, which clients must bear (RFC 8555, 6.5). */
  readonly refusedNonces?: number;
  /** How long its certificates last; 90 days unless they are to be renewed while a proof plays. */
  readonly lifetimeSeconds?: number;
}

const DAY = 24 * 3600;

/** A certificate authority that speaks ACME and validates for real (Pebble). */
export class AcmeServer {
  public readonly directory: string;
  /** What the directory itself is verified with, in PEM. */
  public readonly caBundle: string;
  /** A file with the root of the certificates that it issues. */
  public readonly root: string;
  private server: Server | undefined;

  private constructor(options: AcmeServerOptions) {
    const { folder, authority, name, address, port, managementPort, lifetimeSeconds } = withDefaults(options);
    mkdirSync(folder, { recursive: true });
    this.directory = `https://${options.address ?? `acme.${LAB_ZONE}`}:${port}/dir`;
    this.caBundle = readFileSync(authority.certificate, 'utf8');
    this.root = join(folder, `${name}-root.pem`);
    const serving = authority.issue(name, [`DNS:acme.${LAB_ZONE}`, `IP:${address}`]);
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({
        pebble: {
          listenAddress: `${address}:${port}`,
          managementListenAddress: `${address}:${managementPort}`,
          certificate: serving.certificate,
          privateKey: serving.key,
          httpPort: 80,
          tlsPort: 443,
          profiles: { default: { description: `${lifetimeSeconds} s`, validityPeriod: lifetimeSeconds } },
        },
      }),
    );
  }

  public static async start(options: AcmeServerOptions): Promise<AcmeServer> {
    const acme = new AcmeServer(options);
    const { folder, name, address, managementPort, resolver, namespace, processes, program, refusedNonces } =
      withDefaults(options);
    acme.server = processes.start(
      name,
      [program('pebble'), '-config', join(folder, `${name}.json`), '-dnsserver', resolver],
      {
        namespace,
        env: {
          PEBBLE_VA_NOSLEEP: '1',
          // Each order is challenged anew, so that a proof about challenges has one.
          PEBBLE_AUTHZREUSE: '0',
          PEBBLE_WFE_NONCEREJECT: String(refusedNonces),
        },
      },
    );
    const url = `https://${address}:${managementPort}/roots/0`;
    await until(`the root of ${name}`, { seconds: 30 }, async () => {
      const fetch = `require('https').get('${url}', (answer) => answer.pipe(process.stdout))`;
      const env = { NODE_EXTRA_CA_CERTS: options.authority.certificate, NODE_OPTIONS: undefined };
      const { stdout } = await run([...enter(namespace), process.execPath, '-e', fetch], { env });
      writeFileSync(acme.root, stdout);
      return stdout.includes('BEGIN CERTIFICATE');
    });
    return acme;
  }

  /** Goes on answering nobody, with all accounts and orders kept, until {@link resume}. */
  public suspend(): void {
    process.kill((this.server as Server).pid, 'SIGSTOP');
  }

  public resume(): void {
    process.kill((this.server as Server).pid, 'SIGCONT');
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }
}

function withDefaults(options: AcmeServerOptions) {
  const { port = 14000 } = options;
  return {
    ...{ name: 'acme', address: ADDRESSES.acme, port, managementPort: port + 1000 },
    ...{ resolver: `${ADDRESSES.dns}:53`, refusedNonces: 0, lifetimeSeconds: 90 * DAY },
    ...options,
  };
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNow } from './command';
import { ADDRESSES } from './network';
import { enter, type Processes, type Server } from './processes';

export interface DnsServerOptions {
  readonly folder: string;
  /** The namespace that it runs in; without one, the machine's own. */
  readonly namespace?: string;
  readonly processes: Processes;
  /** The zones that it takes updates for; an empty name is the root, and so all of DNS in one zone. */
  readonly zones: readonly string[];
  /** Where it listens; where a lab has it, unless told otherwise. */
  readonly address?: string;
  readonly port?: number;
}

/** The name of the lab's own zone, with its servers in it. */
export const LAB_ZONE = 'lab.test';

/** The authoritative server of the lab's zones (Knot DNS), which takes updates and transfers that are signed. */
export class DnsServer {
  /** The TSIG key, hmac-sha512. */
  public readonly key = { name: 'lab', secret: randomBytes(64).toString('base64') };
  private server: Server | undefined;
  private readonly configuration: string;

  private constructor(private readonly options: DnsServerOptions) {
    const { folder, zones, address = ADDRESSES.dns, port = 53 } = options;
    mkdirSync(folder, { recursive: true });
    for (const zone of zones) writeFileSync(join(folder, `${zone}.zone`), zoneFile(zone, address));
    writeFileSync(join(folder, `${LAB_ZONE}.zone`), `${zoneFile(LAB_ZONE, address)}acme A ${ADDRESSES.acme}\n`);
    this.configuration = join(folder, 'knot.conf');
    writeFileSync(this.configuration, configurationOf(folder, `${address}@${port}`, this.key, [...zones, LAB_ZONE]), {
      mode: 0o600,
    });
  }

  public static start(options: DnsServerOptions): DnsServer {
    const dns = new DnsServer(options);
    const command = ['knotd', '--config', dns.configuration];
    dns.server = options.processes.start('knot', command, { namespace: options.namespace });
    return dns;
  }

  /** Answers nobody, with all that was written kept, until {@link resume}. */
  public suspend(): void {
    process.kill((this.server as Server).pid, 'SIGSTOP');
  }

  public resume(): void {
    process.kill((this.server as Server).pid, 'SIGCONT');
  }

  /** Writes an address by hand, as an administrator does where nothing else writes it. */
  public setAddress(zone: string, host: string, address: string): void {
    this.change(zone, ['zone-set', zone, `${host}.`, '60', 'A', address]);
  }

  public unsetAddress(zone: string, host: string): void {
    this.change(zone, ['zone-unset', zone, `${host}.`, 'A']);
  }

  /** Writes the values of a name in place of those that it had; none takes it away. */
  public setRecord(zone: string, name: string, type: string, values: readonly string[]): void {
    const had = this.knotc(['zone-read', `${zone}.`, `${name}.`, type]).status === 0;
    if (!had && values.length === 0) return;
    this.knotc(['zone-begin', `${zone}.`]);
    if (had) this.knotc(['zone-unset', `${zone}.`, `${name}.`, type]);
    for (const value of values) this.knotc(['zone-set', `${zone}.`, `${name}.`, '1', type, value]);
    const { status, stderr } = this.knotc(['zone-commit', `${zone}.`]);
    if (status !== 0) throw new Error(`${name} ${type}: ${stderr}`);
  }

  private knotc(step: readonly string[]) {
    return runNow([...enter(this.options.namespace), 'knotc', '--config', this.configuration, ...step], {
      mayFail: true,
    });
  }

  private change(zone: string, command: readonly string[]): void {
    for (const step of [['zone-begin', zone], command, ['zone-commit', zone]]) {
      runNow([...enter(this.options.namespace), 'knotc', '--config', this.configuration, ...step]);
    }
  }
}

function zoneFile(zone: string, address: string): string {
  return `$ORIGIN ${zone}.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 1
@ NS ns
ns A ${address}
`;
}

function configurationOf(
  folder: string,
  listen: string,
  key: { readonly name: string; readonly secret: string },
  zones: readonly string[],
): string {
  return `server:
  listen: ${listen}
  rundir: ${folder}
database:
  storage: ${folder}
log:
  - target: stdout
    any: info
key:
  - id: ${key.name}
    algorithm: hmac-sha512
    secret: ${key.secret}
acl:
  - id: writers
    key: ${key.name}
    action: [update, transfer]
template:
  - id: default
    storage: ${folder}
    acl: writers
    zonefile-sync: -1
    zonefile-load: whole
zone:
${zones.map((zone) => `  - domain: ${zone}.\n    file: ${zone}.zone\n`).join('')}`;
}

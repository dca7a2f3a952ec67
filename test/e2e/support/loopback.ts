import { join } from 'node:path';
import { type Environment, Workshop } from '../../support/scripts';
import { AcmeServer } from '../lab/acme-server';
import { DnsServer } from '../lab/dns-server';
import { program } from '../lab/parts';
import { Authority } from '../lab/pki';
import { Processes } from '../lab/processes';
import { claimState, type LabState, sweep } from '../lab/state';
import { Figures } from './figures';
import { freePorts } from './ports';

/** What runs the scripts: the images that they are made for have the shell and the tools of busybox. */
export const SHELL = ['busybox', 'sh'];

const ZONES = ['example.com'];

/** Real servers on the loopback device, for scripts that run as plain processes: no cluster is needed. */
export class Loopback {
  public readonly figures = new Figures();
  public readonly state: LabState = claimState();
  public readonly processes = new Processes(this.state.folder);
  public readonly authority = new Authority(this.state.folder);
  private names: { readonly server: DnsServer; readonly port: number } | undefined;
  private ca: AcmeServer | undefined;
  private ports: number[] = [];

  /** Starts what a renewer orders from: a DNS server that takes updates, and an ACME server that asks it. */
  public async startAcme(): Promise<void> {
    this.ports = await freePorts(3);
    const [port = 0] = this.ports;
    const folder = join(this.state.folder, 'dns');
    const listening = { address: '127.0.0.1', port };
    this.names = { port, server: DnsServer.start({ folder, processes: this.processes, zones: ZONES, ...listening }) };
    await this.acmeUp();
  }

  /** An ACME server that was away comes back with no memory of accounts and orders. */
  public async acmeUp(): Promise<void> {
    const [dns, port = 0, managementPort] = this.ports;
    const folder = join(this.state.folder, 'acme');
    const common = { folder, program, processes: this.processes, authority: this.authority };
    const where = { address: '127.0.0.1', port, managementPort, resolver: `127.0.0.1:${dns}` };
    this.ca = await AcmeServer.start({ ...common, ...where });
  }

  public async acmeDown(): Promise<void> {
    await this.ca?.stop();
  }

  /** What a renewer needs beside where it publishes: lego and DNS-01 by updates that are signed. */
  public renewing(workshop: Workshop): Environment {
    const { port, server } = this.dns;
    const lego = {
      ...{ DNS_PROVIDER: 'rfc2136', RFC2136_NAMESERVER: `127.0.0.1:${port}`, RFC2136_TSIG_KEY: server.key.name },
      ...{ RFC2136_TSIG_ALGORITHM: 'hmac-sha512.', RFC2136_TSIG_SECRET: server.key.secret },
      // Its authoritative servers are asked on port 53 otherwise, and a minute lies between two challenges.
      ...{ RFC2136_POLLING_INTERVAL: '1', RFC2136_SEQUENCE_INTERVAL: '1' },
      ACME_ARGUMENTS: `--dns.disable-cp --dns.resolvers 127.0.0.1:${port}`,
    };
    return { ACME_CLIENT: 'lego', ...lego, ...this.renewingBy(workshop) };
  }

  /** The same by certbot and its plugin. */
  public renewingByCertbot(workshop: Workshop): Environment {
    const { port, server } = this.dns;
    const CREDENTIALS_FILE = workshop.file(
      'rfc2136.ini',
      `dns_rfc2136_server = 127.0.0.1\ndns_rfc2136_port = ${port}\ndns_rfc2136_name = ${server.key.name}\n` +
        `dns_rfc2136_secret = ${server.key.secret}\ndns_rfc2136_algorithm = HMAC-SHA512\n`,
    );
    const ACME_ARGUMENTS = '--dns-rfc2136-propagation-seconds 1';
    return {
      ...{ ACME_CLIENT: 'certbot', DNS_PROVIDER: 'rfc2136', CREDENTIALS_FILE, ACME_ARGUMENTS },
      ...this.renewingBy(workshop),
    };
  }

  private renewingBy(workshop: Workshop): Environment {
    return {
      ...{ STATE_DIR: workshop.path('state'), CERTIFICATES_FILE: workshop.path('certificates') },
      ...{ ACME_SERVER: this.ca?.directory, ACME_EMAIL: 'ops@example.com' },
      ...{ ACME_CA_FILE: this.authority.certificate, RECONCILE_INTERVAL_SECONDS: '0' },
    };
  }

  private get dns() {
    if (this.names === undefined) throw new Error('no DNS server was started');
    return this.names;
  }

  /** Where a script finds its files, with the folders of a renewer. */
  public workshop(): Workshop {
    const workshop = new Workshop(SHELL, this.state.folder);
    workshop.file('state/.keep');
    workshop.file('shared/.keep');
    return workshop;
  }

  /** Ends all that was started. */
  public end(): void {
    this.processes.forget();
    sweep(this.state);
  }
}

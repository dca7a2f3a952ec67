import { lookup, Resolver } from 'node:dns/promises';
import type { DnsAnswer } from '../dns-agreement';
import { DNS_REASONS, OWN_REASONS } from '../reasons';
import { Slots } from './slots';

/** What a resolver says where a name, or a record of that type, is not there. */
const NOTHING = ['ENOTFOUND', 'ENODATA'];

/** Finds the addresses of names. */
export class Names {
  private readonly resolver: Resolver;
  private readonly answers = new Map<string, Promise<DnsAnswer>>();
  private readonly addresses = new Map<string, Promise<DnsAnswer>>();
  private readonly slots: Slots;

  /** @param servers who is asked, as `address` or `address:port`; the system's where there are none */
  public constructor(
    private readonly servers: readonly string[],
    private readonly options: { readonly timeout: number; readonly concurrency: number },
  ) {
    this.resolver = new Resolver({ timeout: Math.ceil(options.timeout / 2), tries: 2 });
    if (servers.length > 0) this.resolver.setServers(servers);
    this.slots = new Slots(options.concurrency, options.timeout);
  }

  /** Every address that DNS has for `name`. */
  public answer(name: string): Promise<DnsAnswer> {
    const known = this.answers.get(name) ?? this.slots.run(() => this.ask(name));
    this.answers.set(name, known);
    return known;
  }

  /** The addresses of a machine: names that only the system knows, such as those of its hosts file, are found too. */
  public addressesOf(name: string): Promise<DnsAnswer> {
    const known = this.addresses.get(name) ?? this.find(name);
    this.addresses.set(name, known);
    return known;
  }

  private find(name: string): Promise<DnsAnswer> {
    return this.servers.length === 0 ? this.lookUp(name) : this.answer(name);
  }

  /** The system takes its own time, and cannot be told to stop. */
  private lookUp(name: string): Promise<DnsAnswer> {
    const { timeout } = this.options;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ reason: OWN_REASONS.silent(String(timeout / 1000)) }), timeout);
      lookup(name, { all: true })
        .then((found) => resolve({ addresses: found.map(({ address }) => address).sort() }))
        .catch(() => resolve({ addresses: [] }))
        .finally(() => clearTimeout(timer));
    });
  }

  private async ask(name: string): Promise<DnsAnswer> {
    const asked = await Promise.allSettled([this.resolver.resolve4(name), this.resolver.resolve6(name)]);
    const failed = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as NodeJS.ErrnoException] : []));
    const bad = failed.find(({ code = '' }) => !NOTHING.includes(code));
    if (bad) return { reason: DNS_REASONS[bad.code ?? ''] ?? bad.code ?? bad.message };
    return { addresses: asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).sort() };
  }
}

import { type CommandResult, run } from '../lab/command';
import { ADDRESSES } from '../lab/network';
import { enter } from '../lab/processes';

/** How requests went. Times are milliseconds since 1970. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  /** Kept-alive connections that were closed before an answer, whose requests were sent once more. */
  readonly resets: number;
  /** How often a request was sent again that had failed; only where that was asked for. */
  readonly repeats: number;
  /** Between the first and the last request that was. */
  readonly repeatedMs: number;
  readonly failures: readonly { readonly kind: string; readonly message: string; readonly count: number }[];
  /** By the serial number of the certificate that was served. */
  readonly serials: Readonly<Record<string, { count: number; firstAtMs: number; lastAtMs: number }>>;
  /** From the beginning of the first request that failed to that of the last. */
  readonly outages: readonly { readonly fromMs: number; readonly toMs: number; readonly failed: number }[];
}

/** What one connection saw. */
export interface TlsResult {
  readonly ok: boolean;
  readonly error?: string;
  readonly version?: string;
  readonly serial?: string;
  readonly dnsNames?: readonly string[];
  readonly issuer?: string;
  readonly notAfter?: string;
  readonly chainLength?: number;
  readonly verified?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
}

export interface WatchResult {
  readonly instances: Readonly<
    Record<string, { first: string; last: string; changedAtMs?: number; failures: number; polls: number }>
  >;
}

export interface DnsResult {
  readonly rcode: string;
  readonly answers: readonly string[];
}

/** A load that runs in the background. */
export interface Load {
  /** Lets it come to its number of requests, if it has not, and returns how it went. */
  finish(): Promise<LoadResult>;
}

export interface LoadOptions {
  readonly url: string;
  /** At least so many. */
  readonly requests: number;
  readonly connections: 'new' | 'kept';
  /** Requests a second. */
  readonly rate: number;
  readonly workers?: number;
  /** Where connections go, address and port, instead of where DNS says. */
  readonly dial?: readonly string[];
  /** How long an answer may take; five seconds by default. */
  readonly timeout?: '2s' | '5s';
  /** Whether a request that failed is sent again, to the next of several addresses, for five seconds. */
  readonly repeat?: boolean;
  /** Whether answers of DNS are kept for as long as they may be; otherwise it is asked for each connection. */
  readonly cache?: boolean;
}

/** The lab's client program, run where clients are: in the hub, outside of the cluster. */
export class Client {
  private readonly loads = new Set<AbortController>();

  public constructor(
    private readonly program: string,
    private readonly namespace: string,
    /** What it trusts. */
    private readonly root: string,
  ) {}

  /** Sends requests until {@link Load.finish}, and at least as many as `requests`. */
  public load(options: LoadOptions): Load {
    const end = new AbortController();
    this.loads.add(end);
    const result = this.send(options, ['--until-signal', '--max-time=20m'], end.signal);
    // Awaited in finish(); a failure before that is not an unhandled one.
    result.catch(() => {});
    return {
      finish: () => {
        end.abort();
        this.loads.delete(end);
        return result;
      },
    };
  }

  /** Sends as many requests as `requests`, and no more. */
  public ask(options: LoadOptions): Promise<LoadResult> {
    return this.send(options, []);
  }

  /** Ends loads that nobody finished: those of a proof that failed must not weigh on the next. */
  public endLoads(): void {
    for (const end of this.loads) end.abort('SIGKILL');
    this.loads.clear();
  }

  /** One connection to `address`, asking for `name`. */
  public async tls(options: {
    readonly name: string;
    readonly address: string;
    readonly path?: string;
    readonly maxVersion?: string;
    readonly insecure?: boolean;
    readonly plain?: boolean;
  }): Promise<TlsResult> {
    const { name, address, path, maxVersion, insecure = false, plain = false } = options;
    const flags = { name, address, path, ca: this.root, 'max-version': maxVersion };
    const switches = [...(insecure ? ['--insecure'] : []), ...(plain ? ['--plain'] : [])];
    return parsed<TlsResult>(await this.run('tls', flags, switches));
  }

  /** Polls instances for their certificate until all have another one than at first. */
  public async watch(name: string, instances: readonly string[], seconds: number, interval = '10ms') {
    const flags = { name, instances: instances.join(','), ca: this.root, interval, 'max-time': `${seconds}s` };
    return parsed<WatchResult>(await this.run('watch', flags, []));
  }

  /** What the lab's DNS server answers. */
  public async dns(name: string, type: 'A' | 'AAAA' | 'CNAME' | 'TXT'): Promise<DnsResult> {
    return parsed<DnsResult>(await this.run('dns', { server: DNS, name, type }, []));
  }

  private async send(
    {
      url,
      requests,
      connections,
      rate,
      workers = 8,
      dial = [],
      timeout = '5s',
      repeat = false,
      cache = false,
    }: LoadOptions,
    switches: readonly string[],
    signal?: AbortSignal,
  ): Promise<LoadResult> {
    const given = { url, requests, connections, rate, workers };
    const flags = { ...given, ca: this.root, dns: DNS, timeout, sources: ADDRESSES.clients };
    const own = [...(repeat ? ['--repeat'] : []), ...(cache ? ['--cache'] : [])];
    const all = [...repeated('dial', dial), ...own, ...switches];
    return parsed<LoadResult>(await this.run('load', flags, all, signal));
  }

  private run(
    command: string,
    flags: Readonly<Record<string, string | number | undefined>>,
    switches: readonly string[],
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    const options = Object.entries(flags).flatMap(([flag, value]) =>
      value === undefined ? [] : [`--${flag}=${value}`],
    );
    return run([...enter(this.namespace), this.program, command, ...options, ...switches], { signal, mayFail: true });
  }
}

const DNS = `${ADDRESSES.dns}:53`;

function repeated(flag: string, values: readonly string[]): string[] {
  return values.map((value) => `--${flag}=${value}`);
}

function parsed<Result>({ stdout, stderr }: CommandResult): Result {
  if (stdout === '') throw new Error(`the client failed: ${stderr}`);
  return JSON.parse(stdout) as Result;
}

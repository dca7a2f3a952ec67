import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Pair } from '../../support/scripts';
import { sleep } from '../lab/wait';
import type { Pairs } from './pairs';

/** What a client saw: the serial number of the certificate, or why there was none. */
type Answer = { readonly serial: string } | 'default certificate' | 'alert' | 'away';

/** What was seen all the time while something was done. */
export interface Watched {
  readonly handshakes: number;
  /** Those that ended with Traefik's own certificate, which must be none ever. */
  readonly byDefault: number;
  /** The same by a Traefik that was just started and had not read its own configuration yet: the first that it answers. */
  readonly byDefaultAtStart: number;
  /** Those that were refused by an alert, as no certificate was known. */
  readonly alerts: number;
  /** Those that found nobody. */
  readonly away: number;
  readonly certificates: number;
  /** How often what Traefik reads was read. */
  readonly reads: number;
  /** Certificates without their keys among what was read, which must be none ever. */
  readonly halves: readonly string[];
}

/** Asks a Traefik for a host, and reads what it reads, over and over. */
export class Watch {
  private readonly seen: Answer[] = [];
  private readonly halves = new Set<string>();
  private reads = 0;
  private over = false;
  private readonly loops: readonly Promise<void>[];

  public constructor(
    private readonly host: string,
    private readonly port: number,
    /** Throws for a half of a pair. */
    private readonly pairs: () => Promise<Pairs>,
  ) {
    this.loops = [this.loop(() => this.ask()), this.loop(() => this.read())];
  }

  public async end(): Promise<Watched> {
    this.over = true;
    await Promise.all(this.loops);
    // What is there at last is seen as well.
    await this.ask();
    const count = (answer: Answer) => this.seen.filter((each) => each === answer).length;
    let starting = false;
    let byDefaultAtStart = 0;
    for (const answer of this.seen) {
      starting = answer === 'away' || (starting && answer === 'default certificate');
      if (starting && answer === 'default certificate') byDefaultAtStart++;
    }
    const serials = this.seen.map((each) => (typeof each === 'object' ? each.serial : undefined));
    return {
      ...{ handshakes: this.seen.length, byDefault: count('default certificate') - byDefaultAtStart },
      ...{ byDefaultAtStart, alerts: count('alert'), away: count('away') },
      certificates: new Set(serials.filter((serial) => serial !== undefined)).size,
      ...{ reads: this.reads, halves: [...this.halves] },
    };
  }

  private async loop(step: () => Promise<void>): Promise<void> {
    while (!this.over) {
      await step();
      await sleep(20);
    }
  }

  private async ask(): Promise<void> {
    this.seen.push(await handshake(this.host, this.port));
  }

  private async read(): Promise<void> {
    try {
      await this.pairs();
      this.reads++;
    } catch (error) {
      const { message } = error as Error;
      // A store that is away tells nothing.
      if (message.includes('is no pair')) this.halves.add(message);
    }
  }
}

/** The answer of a Traefik to a client that asks for `host`. */
export function handshake(host: string, port: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false }, () => {
      const { subject, serialNumber } = socket.getPeerCertificate();
      resolve(subject.CN === 'TRAEFIK DEFAULT CERT' ? 'default certificate' : { serial: serialNumber });
      socket.destroy();
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      resolve(code.startsWith('ERR_SSL') ? 'alert' : 'away');
    });
  });
}

/** Whether a Traefik serves just this certificate. */
export async function serves(host: string, port: number, pair: Pair): Promise<boolean> {
  const answer = await handshake(host, port);
  return typeof answer === 'object' && answer.serial === new X509Certificate(pair.certificate).serialNumber;
}

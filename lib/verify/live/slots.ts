/** How many times more tasks may be open than work, where the others only wait. */
const OPEN = 8;

/**
 * Lets only some tasks work at a time. One that takes longer than `patience` milliseconds is taken to wait for somebody
 * who does not answer: the next begins beside it, so that those who answer need not wait for those who do not.
 */
export class Slots {
  private working = 0;
  private open = 0;
  private readonly queue: (() => void)[] = [];

  public constructor(
    private readonly limit: number,
    private readonly patience: number,
  ) {}

  public async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.isFree) this.take();
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    let isWorking = true;
    const rest = () => {
      if (isWorking) this.working -= 1;
      isWorking = false;
      this.next();
    };
    const timer = setTimeout(rest, this.patience);
    try {
      return await task();
    } finally {
      clearTimeout(timer);
      this.open -= 1;
      rest();
    }
  }

  private get isFree(): boolean {
    return this.working < this.limit && this.open < OPEN * this.limit;
  }

  private take(): void {
    this.working += 1;
    this.open += 1;
  }

  /** The place is taken for whoever is next, before anybody else can ask for it. */
  private next(): void {
    const begin = this.isFree ? this.queue.shift() : undefined;
    if (begin === undefined) return;
    this.take();
    begin();
  }
}

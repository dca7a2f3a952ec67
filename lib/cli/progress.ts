/** A run that is over before needs no bar. */
const SOON = 500;
const OFTEN = 100;
const WIDTH = 30;

/** A bar on a terminal, of a run that takes longer than a moment. */
export class Progress {
  private readonly began = performance.now();
  private drawn = Number.NEGATIVE_INFINITY;

  public constructor(private readonly terminal: NodeJS.WriteStream) {}

  public show(done: number, all: number): void {
    const now = performance.now();
    if (!this.terminal.isTTY || now - this.began < SOON || now - this.drawn < OFTEN) return;
    this.drawn = now;
    const filled = Math.floor((WIDTH * done) / all);
    this.terminal.write(`\r[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${done} of ${all}\u001b[K`);
  }

  /** Leaves no trace of it. */
  public clear(): void {
    if (this.drawn > 0) this.terminal.write('\r\u001b[K');
    this.drawn = Number.NEGATIVE_INFINITY;
  }
}

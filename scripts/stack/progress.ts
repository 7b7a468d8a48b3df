/** Says on a stream which of several things are still awaited; one line that changes on a terminal, else a line each. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #waiting: Set<string>;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(names: readonly string[], out: NodeJS.WriteStream) {
    this.#out = out;
    this.#waiting = new Set(names);
    if (out.isTTY) this.#timer = setInterval(() => this.#redraw(), 100);
    else out.write(`Starting ${names.join(', ')} …\n`);
  }

  done(name: string): void {
    this.#waiting.delete(name);
    this.#clear();
    this.#out.write(`  ${name} is ready after ${this.#seconds()} s\n`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #redraw(): void {
    this.#clear();
    this.#out.write(`  ${this.#seconds()} s, waiting for ${[...this.#waiting].join(', ')} …`);
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }

  #seconds(): string {
    return ((performance.now() - this.#startedAt) / 1000).toFixed(1);
  }
}

import type { ClientResponse } from './client-response.ts';

/** An interim answer is written at once, and again after so long, ever later. */
const FIRST_KNOCK_MS = 40;
const LAST_KNOCK_MS = 500;
/** An answer that is silent for so long has lost its client. */
const SILENCE_MS = 80;

/**
 * A client that has closed its sending side may be gone, or still wait for its answer: TCP shows the same for both, but a
 * peer that is gone resets the connection once something is written to it. So what may be written is: an interim answer
 * before the head (not to HTTP/1.0, which knows none, and so is waited for), and within a body the body itself for as long
 * as it goes on.
 */
export class HalfClosedClient {
  readonly #res: ClientResponse;
  #timer: NodeJS.Timeout | undefined;

  constructor(res: ClientResponse, { isHttp11 }: { isHttp11: boolean }) {
    this.#res = res;
    if (res.headersSent) this.answerBegan();
    else if (isHttp11) this.#knock(FIRST_KNOCK_MS);
  }

  answerBegan(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const isWaitedFor = this.#res.writableEnded || this.#res.writableNeedDrain;
      if (!isWaitedFor) this.#res.cut();
    }, SILENCE_MS);
  }

  answerGoesOn(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #knock(againInMs: number): void {
    if (this.#res.headersSent || this.#res.destroyed) return;
    this.#res.writeProcessing();
    this.#timer = setTimeout(() => this.#knock(Math.min(againInMs * 4, LAST_KNOCK_MS)), againInMs);
  }
}

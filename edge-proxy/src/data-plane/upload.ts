import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { ClientResponse } from './client-response.ts';

export type UploadStall = 'client-silent' | 'send-timeout';

/**
 * A request's body on its way to the upstream. Nothing of it is read before a connection takes the request; a client that
 * waits for `100 Continue` is told then. undici may destroy the stream that it is given; the client's connection must
 * outlive that, so what nobody reads any more is read and dropped.
 */
export class Upload {
  readonly body: Readable;
  readonly #req: IncomingMessage;
  readonly #res: ClientResponse;
  readonly #through = new PassThrough();
  readonly #idleTimeoutMs: number;
  readonly #stalled: (stall: UploadStall) => void;
  #timer: NodeJS.Timeout | undefined;
  #isTimed = true;
  #bytes = 0;

  constructor(
    req: IncomingMessage,
    res: ClientResponse,
    options: { idleTimeoutMs: number; stalled: (stall: UploadStall) => void },
  ) {
    this.#req = req;
    this.#res = res;
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#stalled = options.stalled;
    this.body = this.#through;
    this.#through.on('error', () => undefined);
    res.once('close', () => this.#drop());
  }

  /** So many have come from the client since a connection takes them. */
  get bytes(): number {
    return this.#bytes;
  }

  start(): void {
    if (this.#res.awaitsContinue) this.#tellToContinue();
    this.#timer = setTimeout(() => this.#stall(), this.#idleTimeoutMs);
    const goesOn = () => void (this.#isTimed && this.#timer?.refresh());
    this.#req.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      goesOn();
    });
    this.#through.on('drain', goesOn);
    for (const over of ['end', 'close'] as const) this.#through.once(over, () => this.answerBegan());
    this.#req.pipe(this.#through);
  }

  #tellToContinue(): void {
    if (this.#res.isItsTurn) this.#res.writeContinue();
    else this.#res.once('socket', () => this.#res.headersSent || this.#res.writeContinue());
  }

  /** From now on the upload's silence is nobody's fault: its client may have its answer already. */
  answerBegan(): void {
    this.#isTimed = false;
    clearTimeout(this.#timer);
  }

  /** Silence: who is it that does not go on? */
  #stall(): void {
    this.#stalled(this.#through.writableNeedDrain ? 'send-timeout' : 'client-silent');
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#req.unpipe(this.#through).resume();
  }
}

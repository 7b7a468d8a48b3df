/** The head of an upstream's answer, ready for the client. */
export type AnswerHead = {
  /** Names and values in turn. */
  headers: string[];
  /** Undefined if the answer has no `Content-Length`. */
  length: number | undefined;
  isEventStream: boolean;
  /** Of `X-Served-By`. */
  madeBy: string | undefined;
};

/** An answer up to this size is kept back until it is complete. */
const HOLD_LIMIT_BYTES = 65_536;

/** An answer that is kept back: should it break off, another server can still give a whole one. */
export class HeldAnswer {
  readonly status: number;
  readonly headers: string[];
  /** Whether its length is known, and so whether it is late. */
  readonly isSized: boolean;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #bytes = 0;

  private constructor(status: number, { headers, length }: AnswerHead) {
    this.status = status;
    this.headers = headers;
    this.isSized = length !== undefined;
  }

  /** @returns undefined for what is to be streamed from the start */
  static of(status: number, head: AnswerHead): HeldAnswer | undefined {
    const isStreamed = head.isEventStream || (head.length !== undefined && head.length > HOLD_LIMIT_BYTES);
    return isStreamed ? undefined : new HeldAnswer(status, head);
  }

  /** @returns false once it is too large to be kept */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= []).push(chunk);
    return this.#bytes <= HOLD_LIMIT_BYTES;
  }

  /** What there is of its body; undefined for nothing. */
  get body(): Buffer | undefined {
    return this.#more ? Buffer.concat([this.#first!, ...this.#more]) : this.#first;
  }
}

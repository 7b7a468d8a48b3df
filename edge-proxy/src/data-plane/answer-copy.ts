import type { RawHeaders } from './attempt.ts';

/** A copy of an answer as it goes to the client, up to a size: the bytes are shared, not copied, until it is read. */
export class AnswerCopy {
  readonly #limitBytes: number;
  #bytes = 0;
  #chunks: Buffer[] = [];
  /** Of the last answer that began, which the client got only if `isWhole`; 0 before. */
  status = 0;
  /** As the upstream sent them: names and values in turn. */
  headers: RawHeaders = [];
  /** Whether the answer came to its end, and all of it is here. */
  isWhole = false;
  isTooLarge = false;

  /** @param limitBytes of the body; one that is longer is not kept */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Begins anew where another answer takes the place of one that broke off. */
  begin(status: number, headers: RawHeaders): void {
    this.status = status;
    this.headers = headers;
    this.#chunks = [];
    this.#bytes = 0;
    this.isTooLarge = false;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.isTooLarge = this.#bytes > this.#limitBytes;
    if (this.isTooLarge) this.#chunks = [];
    else this.#chunks.push(chunk);
  }

  end(): void {
    this.isWhole = !this.isTooLarge;
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

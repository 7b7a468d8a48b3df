import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Registry } from 'prom-client';
import { publishGauge } from './scraped-gauge.ts';

const LOOK_EVERY_MS = 60_000;
const TIMEOUT_MS = 5000;
/** A front that is restarted, or a packet that is lost, is not gone. */
const FAILED_LOOKS_TO_FORGET = 3;

export type FrontCertificateOptions = {
  /** The https origin that clients use. */
  url: string;
  everyMs?: number;
  timeoutMs?: number;
};

/**
 * The end of the certificate that the front shows; keeps nothing alive. It is forgotten when three looks in a row have not
 * seen one, so that who watches it learns of it.
 */
export class FrontCertificate {
  readonly #options: Required<FrontCertificateOptions>;
  readonly #timer: NodeJS.Timeout;
  #socket: TLSSocket | undefined;
  #endsAt: number | undefined;
  #failedLooks = 0;

  /** Looks at once, and then at times, until `close`. */
  constructor({ url, everyMs = LOOK_EVERY_MS, timeoutMs = TIMEOUT_MS }: FrontCertificateOptions) {
    this.#options = { url, everyMs, timeoutMs };
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
    this.#look();
  }

  /** Unix time in seconds, as last seen; undefined if it was never seen, or is forgotten. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  #look(): void {
    if (this.#socket?.destroyed === false) return;
    const { url, timeoutMs } = this.#options;
    const { hostname, port } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      // Only the date is read, of whatever certificate there is; nothing is sent, and nothing else is believed.
      rejectUnauthorized: false,
    });
    this.#socket = socket;
    const timer = setTimeout(() => socket.destroy(), timeoutMs).unref();
    socket.unref();
    let endsAt: number | undefined;
    socket.on('error', () => undefined);
    socket.once('secureConnect', () => {
      endsAt = Date.parse(socket.getPeerCertificate().valid_to) / 1000;
      socket.destroy();
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#note(endsAt);
    });
  }

  /** @param endsAt what a look saw: undefined if nothing, NaN if it is no date */
  #note(endsAt: number | undefined): void {
    const isSeen = endsAt !== undefined && Number.isFinite(endsAt);
    this.#failedLooks = isSeen ? 0 : this.#failedLooks + 1;
    if (isSeen) this.#endsAt = endsAt;
    else if (this.#failedLooks >= FAILED_LOOKS_TO_FORGET) this.#endsAt = undefined;
  }
}

/**
 * Publishes the end of the certificate that the front shows.
 *
 * @param url undefined if nobody said where the front is
 * @returns what ends the watching
 */
export function watchFront(registry: Registry, url: string | undefined): () => void {
  const front = url === undefined ? undefined : new FrontCertificate({ url });
  publishFrontCertificate(registry, front);
  return () => front?.close();
}

/** @param front undefined if nobody said where the front is */
export function publishFrontCertificate(registry: Registry, front: FrontCertificate | undefined): void {
  publishGauge(
    registry,
    {
      name: 'edge_front_certificate_expiry_timestamp_seconds',
      help: 'End of the certificate that FRONT_URL shows, Unix time. Nothing if unset, or not seen three times in a row.',
    },
    (set) => {
      if (front?.endsAt !== undefined) set(front.endsAt);
    },
  );
}

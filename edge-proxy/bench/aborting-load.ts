import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { LoadCount } from './soak.ts';

/**
 * Requests at full speed of which a share is aborted: `URL CONNECTIONS SHARE TOKEN ...`. By turns right after the request
 * was sent, when the proxy waits for its upstream, and with the head of the answer, when the body is on its way. Answers
 * each message of the parent with its counts.
 */
const [url = '', connections = '1', share = '0', ...tokens] = process.argv.slice(2);
const { origin, pathname: path } = new URL(url);
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const count: LoadCount = { answered: 0, aborted: 0, failed: 0 };
const everyNth = Math.round(1 / Number(share));
let sent = 0;

class OneRequest implements Dispatcher.DispatchHandler {
  readonly #abortAt: 'never' | 'sent' | 'head';
  #status = 0;

  constructor(abortAt: 'never' | 'sent' | 'head') {
    this.#abortAt = abortAt;
  }

  onRequestStart(controller: Dispatcher.DispatchController) {
    // Some time after: the request is written in this turn of the loop.
    if (this.#abortAt === 'sent') setImmediate(() => controller.abort(new Error('aborted')));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number) {
    this.#status = status;
    if (this.#abortAt === 'head') controller.abort(new Error('aborted'));
  }

  onResponseData() {}

  onResponseEnd() {
    if (this.#status === 200) count.answered++;
    else count.failed++;
    setImmediate(sendNext);
  }

  onResponseError() {
    if (this.#abortAt === 'never') count.failed++;
    else count.aborted++;
    setImmediate(sendNext);
  }
}

function sendNext(): void {
  const turn = sent++;
  const headers = { authorization: `Bearer ${tokens[turn % tokens.length]}`, accept: 'application/json' };
  const abortAt = turn % everyNth !== 0 ? 'never' : turn % (2 * everyNth) === 0 ? 'sent' : 'head';
  pool.dispatch({ method: 'GET', path, headers }, new OneRequest(abortAt));
}

process.on('message', () => process.send?.(count));
process.once('disconnect', () => process.exit(0));
for (let index = 0; index < Number(connections); index++) sendNext();

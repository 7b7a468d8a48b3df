import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { addressOfCase } from './case-marks.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { readAnswer } from './strict-answer.ts';
import type { Ending } from './strict-answer.ts';

/** What a client saw of its connection. */
export type ClientView = {
  received: string;
  /** How the edge ended it; undefined if the client left first. */
  ending: Ending;
  /** Neither answered nor closed within the bound. */
  hung: boolean;
};

type Listening = { onNews: () => void };

/** No answer for so long, and the client half-closes although it may have hoped for more. */
const PATIENCE_MS = 500;
/** Every connection must be over by then; far above each time-out of the edge under test, for busy machines. */
const BOUND_MS = 20_000;

/** Plays the client's part of a case and resolves when its connection is over. */
export async function playClient(fuzzCase: FuzzCase, port: number): Promise<ClientView> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    localAddress: addressOfCase(fuzzCase.number),
    allowHalfOpen: true,
  });
  socket.setNoDelay(true);
  const view: ClientView & Listening = { received: '', ending: undefined, hung: false, onNews: () => undefined };
  const over = watch(socket, view);
  const bound = setTimeout(() => {
    view.hung = true;
    socket.destroy();
  }, BOUND_MS);
  await send(socket, fuzzCase);
  await end(socket, fuzzCase, view);
  await over;
  clearTimeout(bound);
  return view;
}

function watch(socket: Socket, view: ClientView & Listening): Promise<void> {
  socket.on('data', (chunk: Buffer) => {
    view.received += chunk.toString('latin1');
    view.onNews();
  });
  socket.once('end', () => {
    view.ending ??= 'fin';
    // Whatever was still to be written, nobody reads it.
    socket.destroy();
  });
  socket.on('error', () => (view.ending ??= 'reset'));
  return new Promise((resolve) => {
    socket.once('close', () => {
      view.onNews();
      resolve();
    });
  });
}

async function send(socket: Socket, { writes }: FuzzCase): Promise<void> {
  for (const { bytes, pauseMs } of writes) {
    if (socket.destroyed) return;
    socket.write(bytes, 'latin1');
    if (pauseMs > 0) await pause(pauseMs);
  }
}

async function end(socket: Socket, fuzzCase: FuzzCase, view: ClientView & Listening): Promise<void> {
  switch (fuzzCase.ending) {
    case 'close':
    case 'reset':
      if (socket.connecting) await Promise.race([once(socket, 'connect'), pause(1000)]).catch(() => undefined);
      await pause(fuzzCase.number % 5);
      return void (fuzzCase.ending === 'close' ? socket.destroy() : socket.resetAndDestroy());
    case 'half-close':
      return void socket.end();
    case 'half-close-when-answered':
      await answered(socket, fuzzCase, view, PATIENCE_MS);
      return void socket.end();
    case 'wait':
      await answered(socket, fuzzCase, view, BOUND_MS);
      if (fuzzCase.reading.rest === 'nothing') socket.destroy();
  }
}

/** Resolves once there is an answer to every request that was sent whole, or none came for a while, or the edge closed. */
async function answered(
  socket: Socket,
  fuzzCase: FuzzCase,
  view: ClientView & Listening,
  patienceMs: number,
): Promise<void> {
  const { requests, rest } = fuzzCase.reading;
  const whole = requests.filter((request) => request.isWhole);
  const reader = { answers: 0, at: 0 };
  const isAnswered = () => {
    while (reader.answers < whole.length) {
      const { kind, answer } = readAnswer(view.received, reader.at, whole[reader.answers]!.method, undefined);
      if (kind !== 'whole') return false;
      reader.answers++;
      reader.at = answer.end;
    }
    // An answer to what is no request is followed by the end of the connection.
    return rest === 'nothing' || rest === 'partial';
  };
  while (!socket.destroyed && !isAnswered()) {
    if (!(await newsOf(view, patienceMs))) return;
  }
}

/** Whether anything came, the connection's end included, before the time was over. */
async function newsOf(view: ClientView & Listening, timeoutMs: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    view.onNews = () => {
      clearTimeout(timer);
      resolve(true);
    };
  });
}

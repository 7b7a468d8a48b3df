import { test } from '@jest/globals';
import { expectCovered, onTheWire } from './covered.ts';
import type { CoachFault } from './covered.ts';
import type { Turn, WireBehaviour } from './wire-coach.ts';

/** Long enough that what was sent before is read, and not thrown away with the connection. */
const READ_BY_THEN_MS = 20;

const HALF = 'HTTP/1.1 200 OK\r\nx-served-by: coach\r\ncontent-length: 100\r\n\r\n{"by":"coa';
const HALF_CHUNKED = 'HTTP/1.1 200 OK\r\nx-served-by: coach\r\ntransfer-encoding: chunked\r\n\r\na\r\n{"by":"coa\r\n';

const reset = ({ socket, fault }: Turn) => {
  fault();
  socket.resetAndDestroy();
};
const close = ({ socket, fault }: Turn) => {
  fault();
  socket.end();
};

/** Sends some bytes that are fine, and once they were read breaks off. */
const after =
  (bytes: string, breakOff: WireBehaviour): WireBehaviour =>
  (turn) =>
    void turn.socket.write(bytes, () => setTimeout(() => breakOff(turn), READ_BY_THEN_MS));

const FAULTS: Record<string, CoachFault> = {
  'a reset before the head': onTheWire('reset', reset),
  'a close before the head': onTheWire('reset', close),
  'a reset within the head': onTheWire('reset', after('HTTP/1.1 200 OK\r\nx-serv', reset)),
  'a reset within the body': onTheWire('reset', after(HALF, reset)),
  'a close within the body': onTheWire('reset', after(HALF, close)),
  'a reset within a body of chunks': onTheWire('reset', after(HALF_CHUNKED, reset)),
  'a close within a body of chunks': onTheWire('reset', after(HALF_CHUNKED, close)),
};

test.concurrent.each(Object.keys(FAULTS))('%s', async (name) => await expectCovered(FAULTS[name]!));

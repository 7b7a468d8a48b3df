import { test } from '@jest/globals';
import { expectCovered, tooLate } from './covered.ts';
import type { CoachFault } from './covered.ts';
import { untilClosed } from './wire-coach.ts';
import type { WireBehaviour } from './wire-coach.ts';

const DRIP_MS = 50;

const HALF = 'HTTP/1.1 200 OK\r\nx-served-by: coach\r\ncontent-length: 100\r\n\r\n{"by":"coa';

const sends =
  (bytes: string): WireBehaviour =>
  ({ socket }) =>
    void socket.write(bytes);

/** Sends some bytes, and then one more at a time. */
const drips =
  (bytes: string, drop: string): WireBehaviour =>
  ({ socket }) => {
    socket.write(bytes);
    untilClosed(socket, DRIP_MS, () => socket.write(drop));
  };

const FAULTS: Record<string, CoachFault> = {
  'a hang before the head': tooLate('first-byte-timeout', () => undefined),
  'a hang after an interim answer': tooLate(
    'first-byte-timeout',
    sends('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'),
  ),
  'a hang within the head': tooLate('first-byte-timeout', sends('HTTP/1.1 200 OK\r\nx-serv')),
  'a hang within the body': tooLate('body-timeout', sends(HALF)),
  'a drip of the head': tooLate('first-byte-timeout', drips('HTTP/1.1 200 OK\r\nx-drip: ', 'x')),
  'a drip of the body': tooLate('body-timeout', drips(HALF, 'x')),
};

test.concurrent.each(Object.keys(FAULTS))('%s', async (name) => await expectCovered(FAULTS[name]!));

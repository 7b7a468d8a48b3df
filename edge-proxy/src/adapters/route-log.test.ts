import { describe, expect, test } from '@jest/globals';
import { LogDamageError, encodeLine, parseLog } from './route-log.ts';
import { stateAt } from './test/sample-state.ts';

const steps = [1, 2, 3].map((revision) => stateAt({ revision, reason: 'Straße → 10 %' }));
const entries = steps.map(encodeLine);
const log = Buffer.concat(entries);

describe('version 1 stays readable for good', () => {
  const state = stateAt({ revision: 1, weight: 1000, reason: 'first step' });
  const rest = '"changedBy":"ops@fit.example","changedAt":"2026-03-01T03:00:00.000Z","reason":"first step"';

  test('as it is written', () => {
    const fields = '"weightHundredths":1000,"weightBeforeHundredths":0';
    const line = `{"schemaVersion":1,"route":"wod","revision":1,${fields},${rest},"checksum":"27bc0ca3"}\n`;
    expect(encodeLine(state).toString()).toBe(line);
    expect(parseLog(Buffer.from(line)).states).toEqual(new Map([['wod', state]]));
  });

  test('as it was written before the weight before was', () => {
    const line = `{"schemaVersion":1,"route":"wod","revision":1,"weightHundredths":1000,${rest},"checksum":"cd36e1b8"}\n`;
    expect(parseLog(Buffer.from(line)).states).toEqual(new Map([['wod', { ...state, weightBefore: undefined }]]));
  });
});

test('an empty log has no state', () => {
  expect(parseLog(Buffer.alloc(0))).toEqual({ states: new Map(), entries: 0, wholeBytes: 0 });
});

test('a write torn at any byte leaves what was whole before it', () => {
  const whole = Buffer.concat(entries.slice(0, 2));
  for (let length = whole.length; length < log.length; length++) {
    expect(parseLog(log.subarray(0, length))).toEqual({
      states: new Map([['wod', steps[1]]]),
      entries: 2,
      wholeBytes: whole.length,
    });
  }
});

test('a torn write of which the file system kept only zeros is cut off too', () => {
  expect(parseLog(Buffer.concat([log, Buffer.alloc(100)]))).toMatchObject({ entries: 3, wholeBytes: log.length });
});

test('no single flipped bit goes unnoticed', () => {
  const unnoticed: string[] = [];
  for (let byte = 0; byte < log.length; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(log);
      flipped[byte]! ^= 1 << bit;
      if (!isRefused(flipped)) unnoticed.push(`bit ${bit} of byte ${byte}`);
    }
  }
  expect(unnoticed).toEqual([]);
});

describe('damage is named by its line', () => {
  const [first, second, third] = entries as [Buffer, Buffer, Buffer];
  const newer = Buffer.from('{"schemaVersion":2,"route":"wod","checksum":"cde32a87"}\n');
  test.each([
    [
      'a changed digit',
      Buffer.from(log.toString().replace('"weightHundredths":2', '"weightHundredths":9')),
      2,
      'its checksum does not match',
    ],
    ['text that is no entry', Buffer.concat([first, Buffer.from('hello\n'), second]), 2, 'its checksum does not match'],
    ['an empty line', Buffer.concat([first, Buffer.from('\n'), second]), 2, 'its checksum does not match'],
    ['two lines run together', Buffer.concat([first, second.subarray(0, -1), third]), 2, 'its checksum does not match'],
    ['a missing entry', Buffer.concat([first, third]), 2, 'route wod is at revision 3, not 2: an entry is missing'],
    [
      'an entry twice',
      Buffer.concat([first, second, second]),
      3,
      'route wod is at revision 2, not 3: an entry is missing',
    ],
    [
      'a newer version',
      Buffer.concat([first, newer]),
      2,
      'schemaVersion: must be 1, the only one that this version of the edge reads',
    ],
  ])('%s', (_, bytes, line, why) => {
    expect(() => parseLog(bytes)).toThrow(new LogDamageError(line, why));
  });
});

function isRefused(bytes: Buffer): boolean {
  try {
    parseLog(bytes);
    return false;
  } catch (error) {
    return error instanceof LogDamageError;
  }
}

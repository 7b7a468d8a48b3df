import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LogOutput } from './log-output.ts';

type Pending = { text: string; done: (error: NodeJS.ErrnoException | null, written?: number) => void };

let pending: Pending[];
let writtenSync: string[];
/** So many times the descriptor takes nothing at the end. */
let busy: number;
let output: LogOutput;

beforeEach(() => {
  jest.useFakeTimers();
  pending = [];
  writtenSync = [];
  busy = 0;
  output = new LogOutput({
    fd: 7,
    write: (_fd, bytes, callback) => {
      const done: Pending['done'] = (error, written = bytes.length) => callback(error, written);
      pending.push({ text: bytes.toString(), done });
    },
    writeSync: (_fd, bytes) => {
      if (busy-- > 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      return writtenSync.push(bytes.toString()) && bytes.length;
    },
  });
});
afterEach(() => void jest.useRealTimers());

/** What the reader got so far, all writes done. */
function read(): string {
  let text = '';
  for (let next = pending.shift(); next; next = pending.shift()) {
    text += next.text;
    next.done(null);
  }
  return text;
}

describe('lines', () => {
  test('of requests go out together after a quarter of a second at most', () => {
    output.add('a\n');
    output.add('b\n');
    jest.advanceTimersByTime(249);
    expect(pending).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(read()).toBe('a\nb\n');
  });

  test('of requests go out once there are many', () => {
    const line = `${'x'.repeat(999)}\n`;
    for (let at = 0; at < 16; at++) output.add(line);
    expect(pending).toEqual([]);
    output.add(line);
    expect(read()).toBe(line.repeat(17));
  });

  test('of other kinds go out at once, in their order', () => {
    output.add('request\n');
    output.write('crash: ü\n');
    output.add('later\n');
    output.write('end\n');
    expect(read()).toBe('request\ncrash: ü\nlater\nend\n');
  });

  test('that a descriptor took in part are gone on with', () => {
    output.write('abcdef\n');
    pending.shift()!.done(null, 3);
    expect(read()).toBe('def\n');
  });

  test('that a full pipe did not take are tried again', () => {
    output.write('a\n');
    pending.shift()!.done(Object.assign(new Error('full'), { code: 'EAGAIN' }));
    expect(pending).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(read()).toBe('a\n');
    expect(output.dropped).toBe(0);
  });

  test('that could not be written are counted, and the next ones are tried', () => {
    output.write('a\nb\n');
    pending.shift()!.done(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    output.write('c\n');
    expect(read()).toBe('c\n');
    expect(output.dropped).toBe(2);
  });
});

describe('a reader that hangs', () => {
  const line = `${'x'.repeat(1023)}\n`;

  test('costs lines of requests beyond a bound, and every one is counted', () => {
    for (let at = 0; at < 5000; at++) output.add(line);
    jest.advanceTimersByTime(250);
    const kept = read().length / line.length;
    expect(kept).toBeGreaterThan(1000);
    expect(kept).toBeLessThan(1100);
    expect(output.dropped).toBe(5000 - kept);
  });

  test('still gets the few others, for a longer time', () => {
    for (let at = 0; at < 5000; at++) output.add(line);
    output.write('crash\n');
    expect(read()).toMatch(/crash\n$/);
    for (let at = 0; at < 10_000; at++) output.write(line);
    expect(output.dropped).toBeGreaterThan(5000);
  });

  test('is known after a second, and not waited for at the end', () => {
    output.write('a\n');
    expect(output.isStuck).toBe(false);
    jest.advanceTimersByTime(1001);
    expect(output.isStuck).toBe(true);
    output.write('b\n');
    output.flushSync();
    expect(writtenSync).toEqual([]);
    expect(read()).toBe('a\nb\n');
    expect(output.isStuck).toBe(false);
  });
});

test('what has not gone out when the process ends is written then', () => {
  output.write('first\n');
  output.add('second\n');
  output.flushSync();
  expect(writtenSync.join('')).toBe('second\n');
  expect(read()).toBe('first\n');
  output.flushSync();
  expect(writtenSync.join('')).toBe('second\n');
});

test('what a full pipe has not taken when the process ends is written then, from where it was cut', () => {
  output.write('first\n');
  output.add('second\n');
  pending.shift()!.done(null, 3);
  pending.shift()!.done(Object.assign(new Error('full'), { code: 'EAGAIN' }));
  output.flushSync();
  expect(writtenSync.join('')).toBe('st\nsecond\n');
  jest.advanceTimersByTime(1000);
  expect(pending).toEqual([]);
});

test('a pipe that is full when the process ends gets a moment', () => {
  output.write('first\n');
  output.write('last\n');
  busy = 2;
  output.flushSync();
  expect(writtenSync.join('')).toBe('last\n');
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEventParser } from './event-stream.ts';
import type { StreamEvent } from './event-stream.ts';

function eventsOf(pieces: readonly string[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const push = createEventParser((event) => events.push(event));
  for (const piece of pieces) push(piece);
  return events;
}

describe('an event stream', () => {
  test.each<[string, string, StreamEvent[]]>([
    ['an event', 'event: state\ndata: {"a":1}\n\n', [{ event: 'state', data: '{"a":1}' }]],
    ['no name', 'data: x\n\n', [{ event: 'message', data: 'x' }]],
    ['several lines of data', 'data: a\ndata:b\ndata\n\n', [{ event: 'message', data: 'a\nb\n' }]],
    ['only the first space goes', 'data:  a\n\n', [{ event: 'message', data: ' a' }]],
    ['comments, ids and retry times', ': hello\nid: 7\nretry: 5\ndata: a\n\n', [{ event: 'message', data: 'a' }]],
    ['a name without data', 'event: state\n\ndata: a\n\n', [{ event: 'message', data: 'a' }]],
    ['CR LF', 'event: state\r\ndata: a\r\n\r\n', [{ event: 'state', data: 'a' }]],
    ['an event that is not over', 'data: a\n\ndata: b\n', [{ event: 'message', data: 'a' }]],
  ])('%s', (_name, text, expected) => {
    expect(eventsOf([text])).toEqual(expected);
  });

  test('is the same however it is cut into pieces', () => {
    const line = fc.constantFrom('data: a', 'data:b: c', 'event: state', ': note', '', '');
    const stream = fc.tuple(fc.array(line), fc.constantFrom('\n', '\r\n', '\r')).map(([lines, end]) => {
      return lines.map((each) => each + end).join('');
    });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200)), (text, cuts) => {
        const at = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        // A lone CR at the very end may yet become CR LF: one more line tells.
        expect(eventsOf([...pieces, ':\n'])).toEqual(eventsOf([`${text}:\n`]));
      }),
    );
  });
});

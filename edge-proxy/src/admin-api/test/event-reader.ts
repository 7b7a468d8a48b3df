import { request } from 'undici';
import type { StateEvent } from '../schemas.ts';
import type { AdminServer } from './admin-server.ts';

/** A stream of events as a client sees it. */
type EventReader = AsyncDisposable & {
  head: { status: number; contentType: string; headers: Record<string, string | string[] | undefined> };
  /** The next event; rejects if the stream has ended. */
  next: () => Promise<StateEvent>;
  /** Reads on to the end; resolves with the number of events that came. */
  ended: () => Promise<number>;
};

export async function openEvents(server: Pick<AdminServer, 'url' | 'tokenFor'>, token = server.tokenFor('viewer')) {
  const leaving = new AbortController();
  const answer = await request(`${server.url}/admin/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leaving.signal,
    reset: true,
  });
  const events = parsed(answer.body);
  const reader: EventReader = {
    head: {
      status: answer.statusCode,
      contentType: String(answer.headers['content-type']),
      headers: answer.headers,
    },
    next: async () => {
      const { value, done } = await events.next();
      if (done) throw new Error('the stream has ended');
      return value;
    },
    ended: async () => {
      let count = 0;
      for await (const _ of events) count++;
      return count;
    },
    [Symbol.asyncDispose]: async () => leaving.abort(),
  };
  return reader;
}

/** Stands in for a real parser of event streams: events of this API have one line of data. */
async function* parsed(body: AsyncIterable<Uint8Array>): AsyncGenerator<StateEvent, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [name, data = ''] = text.slice(0, end).split('\n');
      if (name !== 'event: state' || !data.startsWith('data: ')) throw new Error(`No event: ${text.slice(0, end)}`);
      text = text.slice(end + 2);
      yield JSON.parse(data.slice('data: '.length)) as StateEvent;
    }
  }
  return undefined;
}

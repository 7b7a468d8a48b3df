import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export type RawAnswer = { status: number; headers: IncomingMessage['headers']; text: string };

/** A GET whose headers go out as they are given, doubles included. */
export async function rawGet(url: string, headers: readonly (readonly [string, string])[]): Promise<RawAnswer> {
  const { host } = new URL(url);
  const sent = request(url, { headers: [['host', host], ...headers].flat(), agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}

import { get } from 'node:http';
import { REVISION_PATH } from './render.ts';
import { localUrl } from './settings.ts';
import type { NginxSettings } from './settings.ts';

export type Answer = { status: number; body: string };

/** The revision of the configuration that a new connection meets; undefined if nothing of ours answers. */
export async function servedRevision(settings: NginxSettings): Promise<string | undefined> {
  const answer = await ask(settings, REVISION_PATH);
  return answer?.status === 200 && /^[\da-f]{12}$/.test(answer.body) ? answer.body : undefined;
}

/** A request on a connection of its own, so that it meets the workers that take new ones; undefined without an answer. */
export async function ask(settings: NginxSettings, path: string, timeoutMs = 2000): Promise<Answer | undefined> {
  return await new Promise((resolve) => {
    const asked = get(new URL(path, localUrl(settings)), { agent: false, timeout: timeoutMs }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('close', () => resolve(answer.complete ? { status: answer.statusCode ?? 0, body } : undefined));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
  });
}

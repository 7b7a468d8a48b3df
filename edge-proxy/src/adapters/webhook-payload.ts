import { createHmac } from 'node:crypto';
import type { RouteNotification } from '../control-plane/notifier.ts';
import { weightToPercent } from '../domain/weight.ts';

/** `json`: all that is known, as docs/webhooks.md has it. `slack`: a text, as Slack and those who imitate it take one. */
export type WebhookFormat = 'json' | 'slack';

/** Slack cuts a text at 40,000 characters. */
const LONGEST_TEXT = 3000;

/** The body of the request, JSON in either format. */
export function webhookBody(format: WebhookFormat, event: RouteNotification): string {
  return JSON.stringify(format === 'slack' ? { text: slackText(event) } : payloadOf(event));
}

/**
 * `t=UNIX,v1=HEX`: HMAC-SHA256 (RFC 2104) of the time, a dot and the body, so that neither can be changed, and what is old
 * can be told from what is new.
 *
 * @param unixSeconds when it is sent
 */
export function webhookSignature(secret: string, unixSeconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${mac}`;
}

function payloadOf(event: RouteNotification) {
  const { id, kind, route, sentence, revision, weightBefore, weightAfter, actor, at, edge, verdicts } = event;
  const before = weightBefore === undefined ? null : weightToPercent(weightBefore);
  const weight = { before, after: weightToPercent(weightAfter) };
  return { id, kind, route, sentence, revision, weight, actor, at, edge, verdicts };
}

function slackText({ kind, route, sentence, revision, actor, verdicts, ...weights }: RouteNotification): string {
  const { weightBefore, weightAfter } = weights;
  const before = weightBefore === undefined ? '' : `${weightToPercent(weightBefore)} % → `;
  const failed = verdicts.filter(({ verdict }) => verdict === 'fail');
  const lines = [
    `*${escaped(route)}: ${kind}*, ${before}${weightToPercent(weightAfter)} % (revision ${revision}, by ${escaped(actor)})`,
    escaped(sentence),
    ...failed
      .filter((verdict) => !sentence.includes(verdict.sentence))
      .map((verdict) => `• ${escaped(verdict.sentence)}`),
  ];
  return lines.join('\n');
}

/** The three characters that Slack reads as its own, and control characters, which could begin a line that looks like ours. */
function escaped(text: string): string {
  return text
    .slice(0, LONGEST_TEXT)
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

import { oddAnswer, soundAnswer, surplus } from './answer-grammar.ts';
import { tokenOfCase } from './case-marks.ts';
import { mutate } from './mutate.ts';
import { Random, mix } from './random.ts';
import { ambiguousRequest, bytesOf, soundRequest } from './request-grammar.ts';
import { readAnswer } from './strict-answer.ts';
import { readRequests } from './strict-request.ts';
import type { RequestReading } from './strict-request.ts';

/** `request`: what a client sends is mutated; `answer`: what an upstream sends; `both`: both. */
export type CaseKind = 'request' | 'answer' | 'both';

/** Bytes in several writes. */
export type Write = { bytes: string; pauseMs: number };

/** How a client ends its connection: waits for the edge to, half-closes at once or once it has its answers, or breaks off. */
export type ClientEnding = 'wait' | 'half-close' | 'half-close-when-answered' | 'close' | 'reset';

export type UpstreamEnding = 'keep' | 'fin' | 'reset';

/** What an upstream does with one request. */
export type UpstreamScript = { writes: readonly Write[]; bytes: string; ending: UpstreamEnding; isEarly: boolean };

/** All that happens in one case, made from the seed and the number alone. */
export type FuzzCase = {
  number: number;
  kind: CaseKind;
  token: string;
  writes: readonly Write[];
  bytes: string;
  /** What a strict server would see in them. */
  reading: RequestReading;
  ending: ClientEnding;
  /** For the call with this number, counted from 0 in the case: fallbacks and repeats come later. */
  answerTo: (call: number, method: string) => UpstreamScript;
};

export function makeCase(seed: number, number: number): FuzzCase {
  const random = new Random(mix(seed, number));
  const token = tokenOfCase(number);
  const kind = random.weighted<CaseKind>([[45, 'request'], [45, 'answer'], [10, 'both']]); // prettier-ignore
  const bytes = clientBytes(random, kind, token);
  const reading = readRequests(bytes);
  const answerSeed = random.int(2 ** 31);
  return {
    number,
    kind,
    token,
    bytes,
    reading,
    writes: inWrites(random, bytes, kind === 'answer' ? 0.2 : 0.5),
    ending: clientEnding(random, kind),
    answerTo: (call, method) => answerScript({ random: new Random(mix(answerSeed, call)), kind, token, call, method }),
  };
}

function clientBytes(random: Random, kind: CaseKind, token: string): string {
  const hidden = `GET /smuggled-${token} HTTP/1.1\r\nHost: s\r\nX-Smuggled: 1\r\n\r\n`;
  const sound = () => bytesOf(soundRequest(random, token, hidden));
  if (kind === 'answer') return sound() + (random.chance(0.3) ? sound() : '');
  const style = random.weighted([[1, 'sound'], [5, 'ambiguous'], [4, 'mutated'], [2, 'ambiguous and mutated']] as const); // prettier-ignore
  const before = random.chance(0.25) ? sound() : '';
  const after = random.pick([hidden, hidden, sound(), '', '', `\r\n${hidden}`]);
  const odd = style.startsWith('ambiguous') ? bytesOf(ambiguousRequest(random, token, hidden)) : sound();
  const times = style.endsWith('mutated') ? random.pick([1, 1, 1, 2, 3, 5]) : 0;
  return before + mutate(random, odd, times) + after;
}

function clientEnding(random: Random, kind: CaseKind): ClientEnding {
  if (kind === 'answer')
    return random.weighted<ClientEnding>([[4, 'wait'], [90, 'half-close-when-answered'], [2, 'half-close'], [2, 'close'], [2, 'reset']]); // prettier-ignore
  return random.weighted<ClientEnding>([[2, 'wait'], [80, 'half-close-when-answered'], [8, 'half-close'], [5, 'close'], [5, 'reset']]); // prettier-ignore
}

type AnswerChoice = { random: Random; kind: CaseKind; token: string; call: number; method: string };

function answerScript({ random, kind, token, call, method }: AnswerChoice): UpstreamScript {
  const isEarly = random.chance(0.08);
  if (kind === 'request' || (call > 0 && random.chance(0.6))) {
    const bytes = soundAnswer(random, token, method);
    return scriptOf(random, { bytes, method, isEarly, mayCut: false });
  }
  const isOdd = random.chance(0.7);
  let bytes = isOdd ? oddAnswer(random, token, method) : soundAnswer(random, token, method);
  if (!isOdd || random.chance(0.3)) bytes = mutate(random, bytes, random.pick([0, 1, 1, 2, 3]));
  if (random.chance(0.25)) bytes += surplus(random, token);
  if (random.chance(0.1)) bytes = bytes.slice(0, random.int(bytes.length + 1));
  return scriptOf(random, { bytes, method, isEarly, mayCut: true });
}

type Unsent = { bytes: string; method: string; isEarly: boolean; mayCut: boolean };

/**
 * What an upstream sends after a whole answer can be told from the next one only while nobody has asked for that: it is
 * sent in the same write as the answer's end.
 */
function scriptOf(random: Random, { bytes, method, isEarly, mayCut }: Unsent): UpstreamScript {
  const one = readAnswer(bytes, 0, method, undefined);
  const isWhole = one.kind === 'whole';
  const isOpenEnded = one.kind === 'partial' && one.answer?.framing === 'until-close';
  const writes = isWhole ? inWrites(random, bytes, 0.3, one.answer.end) : inWrites(random, bytes, 0.3);
  const ending = random.weighted<UpstreamEnding>(
    isWhole
      ? [[90, 'keep'], [mayCut ? 6 : 3, 'fin'], [mayCut ? 4 : 0, 'reset']]
      : [[mayCut && !isOpenEnded ? 3 : 0, 'keep'], [70, 'fin'], [mayCut ? 27 : 0, 'reset']],
  ); // prettier-ignore
  return { writes, bytes, ending, isEarly };
}

/** Splits bytes before `lastSplit` at random places, some of them within a line end. */
function inWrites(random: Random, bytes: string, share: number, lastSplit = bytes.length): Write[] {
  if (!random.chance(share) || lastSplit < 2) return [{ bytes, pauseMs: 0 }];
  const places = Array.from({ length: 1 + random.int(4) }, () => splitPlace(random, bytes, lastSplit));
  const sorted = [0, ...new Set(places.sort((one, other) => one - other)), bytes.length];
  return sorted.slice(1).map((end, at) => ({
    bytes: bytes.slice(sorted[at], end),
    pauseMs: random.weighted([[5, 0], [4, 1], [1, 5]] as const), // prettier-ignore
  }));
}

function splitPlace(random: Random, bytes: string, lastSplit: number): number {
  const anywhere = 1 + random.int(lastSplit - 1);
  const lineEnd = bytes.indexOf('\r\n', anywhere);
  return random.chance(0.4) && lineEnd >= 0 && lineEnd + 1 < lastSplit ? lineEnd + 1 : anywhere;
}

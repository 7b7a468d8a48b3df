import { foreignTokens } from './case-marks.ts';
import type { Finding, FindingKind } from './finding.ts';
import type { ClientView } from './fuzz-client.ts';
import type { FuzzCase, UpstreamScript } from './fuzz-case.ts';
import { keyOf } from './judge-arrival.ts';
import { readAnswer } from './strict-answer.ts';
import type { StrictAnswer } from './strict-answer.ts';
import { valuesOf } from './strict-http.ts';
import type { StrictRequest } from './strict-request.ts';

/** One call of the edge to an upstream on behalf of a case, and what the upstream sent. */
export type Call = { request: StrictRequest; script: UpstreamScript; upstream: string };

/** What the grammar lets an upstream say of its own connection. */
const KEEP_ALIVES: ReadonlySet<string> = new Set(['keep-alive: timeout=0', 'keep-alive: timeout=1']);

/** No 204 may have one of these (RFC 9110, section 8.6; RFC 9112, section 6.1). */
const FRAMING = ['content-length', 'transfer-encoding'];

/** What a client got, for the table at the end. */
export type Outcome = string;

export type Judgement = { findings: Finding[]; outcomes: Outcome[] };

/** Judges all that one client received: sound answers, to its own requests, in their order, as upstreams sent them. */
export function judgeAnswers(fuzzCase: FuzzCase, view: ClientView, calls: readonly Call[]): Judgement {
  const judge = new AnswerJudge(fuzzCase, view, calls);
  judge.run();
  return judge;
}

class AnswerJudge implements Judgement {
  readonly findings: Finding[] = [];
  readonly outcomes: Outcome[] = [];
  readonly #case: FuzzCase;
  readonly #view: ClientView;
  readonly #calls: readonly Call[];

  constructor(fuzzCase: FuzzCase, view: ClientView, calls: readonly Call[]) {
    this.#case = fuzzCase;
    this.#view = view;
    this.#calls = calls;
  }

  run(): void {
    const { received, hung, ending } = this.#view;
    const foreign = foreignTokens(received, this.#case.token);
    if (foreign.length > 0) this.#found('leak of bytes', `the client got bytes of ${foreign.join(', ')}`);
    if (hung) this.#found('hang', 'the connection was neither answered nor closed');
    if (received === '') {
      const isOwed = this.#case.reading.requests.length > 0 && this.#calls.every(isSurelyWhole);
      if (this.#case.ending === 'wait' && isOwed && ending === 'fin') {
        this.#found('unsound answer', 'a connection with a sound request was closed without an answer');
      }
      this.outcomes.push('no answer');
      return;
    }
    this.#readAll(received);
  }

  #readAll(received: string): void {
    const { requests, rest } = this.#case.reading;
    const refusable = (rest === 'bad' || rest === 'partial') && (requests.at(-1)?.isWhole ?? true) ? 1 : 0;
    for (let at = 0, index = 0; at < received.length; index++) {
      const request = requests[index];
      if (index >= requests.length + refusable) {
        return this.#found('unsound answer', `more answers than requests: ${requests.length + refusable}`);
      }
      const one = readAnswer(received, at, methodFor(request, received.slice(at, at + 12)), this.#view.ending);
      if (one.kind === 'bad') return this.#found('unsound answer', `answer ${index}: ${one.why}`);
      if (!one.answer) return this.#cutBeforeBody(index, one.why);
      this.#one(one.answer, request, index);
      if (one.answer.status === 101) return;
      at = one.answer.end;
      if (one.kind === 'whole' && at < received.length && valuesOf(one.answer.fields, 'connection').includes('close')) {
        return this.#found('unsound answer', `bytes after answer ${index}, which closes the connection`);
      }
    }
  }

  #cutBeforeBody(index: number, why: string): void {
    this.outcomes.push(why === '' ? 'interim only' : 'cut head');
    if (why !== '' && this.#view.ending === 'fin') this.#found('unsound answer', `answer ${index} is ${why}`);
  }

  #one(answer: StrictAnswer, request: StrictRequest | undefined, index: number): void {
    const { status, fields, framing, interim } = answer;
    const isOwn = isOfTheEdge(answer);
    const cut = answer.isWhole ? '' : ' cut';
    this.outcomes.push(`${isOwn ? `edge ${status}` : `upstream ${String(status)[0]}xx`}${cut}`);
    if (request?.version === '1.0' && (framing === 'chunked' || interim.length > 0)) {
      this.#found('unsound answer', `answer ${index} to HTTP/1.0 is ${framing}, after ${interim.length} interim ones`);
    }
    const dirty = fields.find(
      ([name, value]) =>
        /^(x-edge-fuzz|proxy-)/.test(name) ||
        KEEP_ALIVES.has(`${name}: ${value}`) ||
        (status === 204 && FRAMING.includes(name)),
    );
    if (dirty) this.#found('unsound answer', `answer ${index} has the field ${dirty.join(': ')}`);
    if (isOwn) return this.#own(answer, request, index);
    if (!request?.isForwardable) return this.#found('smuggled', `answer ${index} is to what must not be passed on`);
    this.#compare(answer, request, index);
  }

  /** A refusal is meant for one request: in the place of an earlier one's answer it would be taken for that. */
  #own(answer: StrictAnswer, request: StrictRequest | undefined, index: number): void {
    // What is no request, or was not read as one, may have been a HEAD all the same.
    const isUnread = !request || (request.method === 'HEAD' && answer.status === 431);
    const mayHaveNoBody = isUnread && answer.content === '' && this.#case.bytes.includes('HEAD');
    if (!answer.isWhole && !mayHaveNoBody && this.#view.ending === 'fin')
      this.#found('unsound answer', `the edge's own answer ${index} was cut`);
    const wasPassedOn =
      request?.isWhole &&
      request.isForwardable &&
      this.#calls.some((call) => call.request.isWhole && keyOf(call.request) === keyOf(request)) &&
      this.#case.reading.requests.every((other) => other === request || keyOf(other) !== keyOf(request));
    if (answer.status === 400 && wasPassedOn) {
      this.#found(
        'unsound answer',
        `a 400 stands in the place of answer ${index}, to a request that was sound and passed on`,
      );
    }
  }

  #compare(answer: StrictAnswer, request: StrictRequest, index: number): void {
    // A request that was cut on its way has no key that can be relied on.
    const isKnown = this.#case.reading.rest === 'nothing' || request.isWhole;
    const calls = this.#calls.filter(
      (call) => !isKnown || !call.request.isWhole || keyOf(call.request) === keyOf(request),
    );
    if (!calls.some((call) => isAnswerOf(call, answer))) {
      const sent = calls.map(({ script }) => script.bytes.slice(0, 300));
      return this.#found('altered answer', `answer ${index} is none of ${JSON.stringify(sent)}`);
    }
    const waits = this.#case.ending === 'wait' && this.#view.ending !== undefined;
    if (waits && !answer.isWhole && answer.framing !== 'until-close' && request.isWhole && calls.every(isSurelyWhole)) {
      this.#found('altered answer', `answer ${index} was cut, though it was sent whole`);
    }
  }

  #found(kind: FindingKind, why: string): void {
    this.findings.push({ kind, why, caseNumber: this.#case.number, bytes: this.#view.received });
  }
}

/** A head that was not read to its end may be refused with a body: nobody knows that it is a HEAD, and the connection ends. */
function methodFor(request: StrictRequest | undefined, start: string): string {
  return request && !start.startsWith('HTTP/1.1 431') ? request.method : 'GET';
}

/** By its type, which no upstream here sends: a mutated answer of one may have lost the field that names it. */
function isOfTheEdge({ status, fields, content }: StrictAnswer): boolean {
  const isProblem = valuesOf(fields, 'content-type').some((type) => type.startsWith('application/problem+json'));
  // In the place of a refused upgrade that cannot be read there is a bare one.
  const isBare = status === 502 && content === '' && valuesOf(fields, 'x-sent-for').length === 0;
  return (status >= 400 && isProblem) || isBare;
}

/** Whether an upstream sent this: all of it if it looks whole, its beginning if it was cut. */
function isAnswerOf({ request, script }: Call, answer: StrictAnswer): boolean {
  const { answer: sent } = readSent(script, request.method);
  if (!sent || sent.status !== answer.status) return false;
  // What ends with the connection cannot show that it was cut.
  if (!answer.isWhole || answer.framing === 'until-close') return sent.content.startsWith(answer.content);
  return sent.isWhole && sent.content === answer.content;
}

/** Trailers, blanks in chunk lines and odd extensions: llhttp is stricter about them than the RFC, or than the oracle. */
const STRICTER = /\r\n0+\r\n\w|\r\n[0-9a-fA-F]+(?:[\t ]|;(?!(?:a|a=b|a="b c")\r\n))/;

function isSurelyWhole({ request, script }: Call): boolean {
  const { kind, answer } = readSent(script, request.method);
  if (STRICTER.test(script.bytes)) return false;
  return script.ending === 'keep' && kind === 'whole' && answer.end === script.bytes.length;
}

function readSent({ bytes, ending }: UpstreamScript, method: string) {
  return readAnswer(bytes, 0, method, ending === 'keep' ? undefined : ending);
}

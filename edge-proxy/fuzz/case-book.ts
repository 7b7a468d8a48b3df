import { addressOfCanary, addressOfCase, senderAt } from './case-marks.ts';
import type { Finding, FindingKind } from './finding.ts';
import { SENT_FOR } from './answer-grammar.ts';
import { makeCase } from './fuzz-case.ts';
import type { FuzzCase, UpstreamScript } from './fuzz-case.ts';
import type { Arrival, UpstreamDirector } from './hostile-upstream.ts';
import { faultOfHead, isTooOften, keyOf, originOf } from './judge-arrival.ts';
import type { Call } from './judge-answers.ts';
import { valuesOf } from './strict-http.ts';
import type { StrictRequest } from './strict-request.ts';

type OpenCase = { fuzzCase: FuzzCase; calls: Call[] };

/** The edge may still send what a client wrote just before it left. */
const REMEMBERED_AFTER_END = 2000;

/** Knows every case that is under way: tells upstreams what to answer, and judges what arrives at them. */
export class CaseBook implements UpstreamDirector {
  arrivals = 0;
  readonly #seed: number;
  readonly #found: (finding: Finding) => void;
  readonly #open = new Map<number, OpenCase>();
  readonly #ended: number[] = [];

  constructor(seed: number, found: (finding: Finding) => void) {
    this.#seed = seed;
    this.#found = found;
  }

  begin(number: number): OpenCase {
    const opened = { fuzzCase: makeCase(this.#seed, number), calls: [] };
    this.#open.set(number, opened);
    return opened;
  }

  end(number: number): void {
    this.#ended.push(number);
    if (this.#ended.length > REMEMBERED_AFTER_END) this.#open.delete(this.#ended.shift()!);
  }

  answer({ request, upstream }: Arrival): UpstreamScript {
    const sender = senderOf(request);
    if (sender?.kind !== 'case') return canaryScript(valuesOf(request.fields, 'x-canary')[0] ?? 'nobody');
    const { fuzzCase, calls } = this.#open.get(sender.number) ?? this.begin(sender.number);
    const script = fuzzCase.answerTo(calls.length, request.method);
    calls.push({ request, script, upstream });
    return script;
  }

  noAnswer({ request, upstream }: Arrival): UpstreamScript {
    const script: UpstreamScript = { bytes: '', writes: [], ending: 'fin', isEarly: false };
    const sender = senderOf(request);
    if (sender?.kind === 'case') this.#open.get(sender.number)?.calls.push({ request, script, upstream });
    return script;
  }

  arrived(arrival: Arrival, script: UpstreamScript): void {
    const { request, bytes, upstream } = arrival;
    this.arrivals++;
    const sender = senderOf(request);
    const report = (kind: FindingKind, why: string) =>
      this.#found({
        kind,
        why: `${why} (at ${upstream})`,
        caseNumber: sender?.kind === 'case' ? sender.number : undefined,
        bytes,
      });
    if (!sender) return this.#anonymous(arrival);
    const address = sender.kind === 'case' ? addressOfCase(sender.number) : addressOfCanary(sender.number);
    const fault = faultOfHead(request, address);
    if (fault) report('unsound upstream', fault);
    if (sender.kind === 'canary') {
      const [token = '?'] = valuesOf(request.fields, 'x-canary');
      if (!request.target.includes(token) || !['', token].includes(request.content))
        report('canary', 'mixed up on its way');
      return;
    }
    const opened = this.#open.get(sender.number) ?? this.begin(sender.number);
    // An early answer was given to the head alone.
    const call = opened.calls.find((each) => each.script === script);
    if (call) call.request = request;
    this.#judge(opened, request, report);
  }

  #anonymous({ request, bytes, upstream }: Arrival): void {
    const chain = valuesOf(request.fields, 'x-forwarded-for');
    const caseNumber = caseNamedIn(bytes);
    if (chain.length === 0) {
      return this.#found({
        kind: 'smuggled',
        why: `a request that the edge did not make (at ${upstream})`,
        caseNumber,
        bytes,
      });
    }
    this.#found({ kind: 'unsound upstream', why: `X-Forwarded-For is ${JSON.stringify(chain)}`, caseNumber, bytes });
  }

  unsound({ why, bytes, upstream }: { why: string; bytes: string; upstream: string }): void {
    this.#found({ kind: 'unsound upstream', why: `${why} (at ${upstream})`, caseNumber: caseNamedIn(bytes), bytes });
  }

  #judge(
    { fuzzCase, calls }: OpenCase,
    request: StrictRequest,
    report: (kind: FindingKind, why: string) => void,
  ): void {
    const { reading } = fuzzCase;
    const origin = originOf(request, reading);
    if (!origin)
      return report(
        'smuggled',
        `no ${request.isWhole ? '' : 'cut '}request of its client (${reading.rest} ${reading.why})`,
      );
    if (request.asksForUpgrade && !origin.asksForUpgrade)
      report('unsound upstream', 'an upgrade that nobody asked for');
    if (!request.isWhole) return;
    const key = keyOf(request);
    const made = calls.filter((each) => each.request.isWhole && keyOf(each.request) === key);
    const sent = reading.requests.filter((each) => keyOf(each) === key).length;
    if (isTooOften(request, sent, made)) report('smuggled', `${made.length} calls for ${sent} requests`);
  }
}

function senderOf(request: Arrival['request']) {
  return senderAt(valuesOf(request.fields, 'x-forwarded-for')[0] ?? '');
}

/** For what has no address to tell it by: the first token in it. */
function caseNamedIn(bytes: string): number | undefined {
  const token = /\bc(\d{1,9})\.[0-9a-z]{7}/.exec(bytes);
  return token ? Number(token[1]) : undefined;
}

function canaryScript(token: string): UpstreamScript {
  const bytes = `HTTP/1.1 200 OK\r\n${SENT_FOR}: ${token}\r\nContent-Length: ${token.length}\r\n\r\n${token}`;
  return { bytes, writes: [{ bytes, pauseMs: 0 }], ending: 'keep', isEarly: false };
}

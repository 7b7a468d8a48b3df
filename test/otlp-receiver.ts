import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';

/** A span as it was received. */
export type ReceivedSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentSpanId: string;
  attributes: Record<string, string | number | boolean>;
  isError: boolean;
};

export type OtlpReceiver = AsyncDisposable & {
  url: string;
  recorder: Recorder;
  /** Of one trace, so far. */
  spansOf: (traceId: string) => ReceivedSpan[];
};

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
type Attribute = { key: string; value: Value };
type Span = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes?: Attribute[];
  status?: { code?: number };
};
type TraceRequest = {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
};

const STATUS_ERROR = 2;

/** A collector as OTLP/HTTP with JSON has it: what it is sent can be looked at. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const recorder = await startRecorder(({ method, url, body }, res) => {
    if (method !== 'POST' || url !== '/v1/traces') return void res.writeHead(404).end();
    spans.push(...spansIn(JSON.parse(body.toString()) as TraceRequest));
    sendJson(res, { partialSuccess: {} });
  });
  return {
    url: recorder.url,
    recorder,
    spansOf: (traceId) => spans.filter((span) => span.traceId === traceId),
    [Symbol.asyncDispose]: async () => await recorder[Symbol.asyncDispose](),
  };
}

/** The tree of a trace, two spaces a level: service and name of each span, children by these, statements as one. */
export function drawTrace(spans: readonly ReceivedSpan[], parent: string, indent = ''): string[] {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === parent);
  const lines = children.map(({ service, name, attributes, spanId }) => {
    const isStatement = attributes['db.query.text'] !== undefined;
    const line = `${indent}${service}: ${isStatement ? 'SQL' : name}`;
    return [line, ...drawTrace(spans, spanId, `${indent}  `)].join('\n');
  });
  return [...new Set(lines.sort())];
}

function spansIn({ resourceSpans }: TraceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => receivedSpan(service, span)));
  });
}

function receivedSpan(
  service: string,
  { name, traceId, spanId, parentSpanId, attributes, status }: Span,
): ReceivedSpan {
  const isError = status?.code === STATUS_ERROR;
  return {
    service,
    name,
    traceId,
    spanId,
    parentSpanId: parentSpanId ?? '',
    attributes: valuesOf(attributes),
    isError,
  };
}

function valuesOf(attributes: readonly Attribute[] = []): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      return [key, stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue))];
    }),
  );
}

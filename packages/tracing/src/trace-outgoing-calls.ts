import { context, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';

/**
 * From now on each call by undici or fetch that is made on behalf of a request has a span, and says so in its head. Calls that
 * no request caused, and those of an edge's data plane, which tells of them itself, are left alone.
 */
export function traceOutgoingCalls(): void {
  new UndiciInstrumentation({
    ignoreRequestHook: () => trace.getSpan(context.active()) === undefined,
    // A query may say something of a person.
    startSpanHook: ({ origin, path }) => {
      const beforeQuery = path.split('?', 1)[0]!;
      return { 'url.full': `${origin}${beforeQuery}`, 'url.path': beforeQuery, 'url.query': '' };
    },
  });
}

/** Header names that the parts agree on (lower case, as Node shows them). */
export const REQUEST_ID = 'x-request-id';
export const CORRELATION_ID = 'x-correlation-id';
export const SERVED_BY = 'x-served-by';
export const FAILED_DEPENDENCY = 'x-failed-dependency';
export const EDGE_FALLBACK = 'x-edge-fallback';
/** How long the edge waits for an answer, in whole milliseconds; of no use to go on afterwards. */
export const EDGE_TIMEOUT = 'x-edge-timeout-ms';
export const EDGE_PREFER = 'x-edge-prefer';
/** `1` on a call that is a copy or a check of the edge's own: nobody waits for its answer. */
export const EDGE_MIRROR = 'x-edge-mirror';
export const TRACEPARENT = 'traceparent';
export const TRACESTATE = 'tracestate';

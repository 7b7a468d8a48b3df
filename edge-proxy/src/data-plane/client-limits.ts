/** What one client, and all clients together, may take. */
export type ClientLimits = {
  /** Bytes of a request line and its fields together; 431 beyond. */
  maxHeaderBytes: number;
  /** Fields in a head; 431 beyond. */
  maxHeaderCount: number;
  /** Length of a request target; 414 beyond. */
  maxTargetBytes: number;
  /** For a head, from its first byte or the connection's start; 408 beyond. */
  headerTimeoutMs: number;
  /** For a whole request with its body; 408 beyond. */
  requestTimeoutMs: number;
  /** Longest silence within a body; 408 beyond. */
  bodyIdleTimeoutMs: number;
  /** A client that reads nothing of its answer for so long is cut off. */
  sendTimeoutMs: number;
  /** A connection without a request is closed after so long. */
  keepAliveTimeoutMs: number;
  /** Requests on one connection; the last answer says `Connection: close`. */
  maxRequestsPerConnection: number;
  /** Requests that one connection may send without waiting for their answers; one more ends it, with 503. */
  maxUnanswered: number;
  /** Connections at the same time; one more is closed at once. */
  maxConnections: number;
  /** Requests at the same time; one more gets 503 at once. */
  maxInFlight: number;
};

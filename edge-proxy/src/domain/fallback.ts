/** Methods whose repetition has no effect (RFC 9110, section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request may be sent twice: it had no effect, and there is no body that is gone. */
export function isRepeatable({ method, hasBody }: { method: string; hasBody: boolean }): boolean {
  return SAFE_METHODS.has(method) && !hasBody;
}

/** Whether an answer counts as the new side's failure; what it says about the request itself (4xx) is passed through. */
export function isServerError(status: number): boolean {
  return status >= 500;
}

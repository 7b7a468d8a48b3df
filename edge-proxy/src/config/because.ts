/** A message that says the rule and the value received; a URL with a password in it is not repeated. */
export function because(rule: string) {
  return { error: ({ input }: { input?: unknown }) => `${rule}, received ${described(input)}` };
}

function described(input: unknown): string {
  return typeof input === 'string' && /:\/\/.*@/.test(input) ? 'a URL with credentials' : JSON.stringify(input);
}

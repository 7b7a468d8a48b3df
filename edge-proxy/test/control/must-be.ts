/** As `expect(…).toEqual`, for what runs outside of Jest too: compares as JSON. @throws Error with both */
export function mustBe(seen: unknown, wanted: unknown, what = 'it'): void {
  const [seenText, wantedText] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (seenText !== wantedText) throw new Error(`${what} must be ${wantedText}, received ${seenText?.slice(0, 4000)}`);
}

/** @throws Error quoting both */
export function mustTakeLessThan(limitMs: number, tookMs: number, what: string): void {
  if (!(tookMs < limitMs)) throw new Error(`${what} must take less than ${limitMs} ms, took ${Math.round(tookMs)} ms`);
}

/** What must never happen, as a closed list. */
export type FindingKind =
  /** The process ended, or does not answer `/health`, or did not stop when it was told to. */
  | 'crash'
  /** A connection neither answered nor closed. */
  | 'hang'
  /** Bytes of one sender reached another one. */
  | 'leak of bytes'
  /** Something arrived upstream that its client did not send as a request, or more often than it may be sent. */
  | 'smuggled'
  /** What arrived upstream is not framed or cleaned as an intermediary must. */
  | 'unsound upstream'
  /** What a client got is no sequence of sound answers to its requests. */
  | 'unsound answer'
  /** An answer that no upstream sent, a cut one that looks whole, or a whole one that was cut. */
  | 'altered answer'
  /** A sound request of a sound client did not get its own answer. */
  | 'canary'
  /** Descriptors, memory or requests in flight that do not come back. */
  | 'leak of resources';

export type Finding = {
  kind: FindingKind;
  why: string;
  /** Undefined where it cannot be laid at the door of one case. */
  caseNumber?: number | undefined;
  /** Latin1 text. */
  bytes?: string | undefined;
};

/** Bytes as a JavaScript string that can be pasted. */
export function escaped(text: string, most = 4000): string {
  const shown = text.length > most ? `${text.slice(0, most)}[… ${text.length - most} more]` : text;
  return JSON.stringify(shown).replace(/[\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

import type { SecretNames } from './redact-names.ts';

/** What is shown of a value in place of what nobody may see. */
export const REDACTED = '[redacted]';

// Bounded repetitions: what is searched comes from servers, and must not take time that grows with its square.

/** With what stands for what they match. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  // What begins like JSON in base64url: a JWT, or as much of it as is there.
  [/\beyJ[\w-]{4,4096}(?:\.[\w-]{0,4096}){0,2}/g, REDACTED],
  [/\b(?:bearer|basic|negotiate|ntlm|apikey)(?:\s|\+|%20){1,4}[\w.~+/=-]{6,4096}/gi, REDACTED],
  // A list of parameters, each of which tells something of the person or of the next answer.
  [/\bdigest\s{1,4}[\w-]{1,32}\s{0,4}=.*/gis, REDACTED],
  // The user and the password of an address, up to the last @ before its path.
  [/(?<=\/\/|%2F%2F)[^\s/?#"<>\\]{1,256}@/gi, `${REDACTED}@`],
];
const E_MAIL = /[\w.+-]{1,64}(?:@|%40)[\w-]{0,63}(?:\.[\w-]{1,63}){0,8}/gi;

/** A name with what says that a value follows. JSON within JSON text has backslashes before its quotes. */
const MEMBER = /\\{0,127}"(?<name>[^"\\]{1,200})\\{0,127}"\s{0,4}:\s{0,4}/g;
const PARAMETER = /(?:%[\da-f]{2})?(?<name>[\w.[\]-]{1,64})\s{0,2}(?:=|%3D|\\{1,127}u003d)\s{0,2}/gi;
const LABEL = /(?<name>[\w.[\]-]{1,64})['`]?\s{0,2}:\s{0,4}/g;
const ELEMENT = /<(?<name>[\w.:-]{1,64})(?:\s[^<>]{0,200})?>/g;

/** What a value without quotes holds: of a member, of a parameter, behind a label, in an element. */
const LITERAL = { member: /[^\s,}\]"]*/y, parameter: /[^\s&"<>]*/y, label: /[^\r\n"<>]*/y, element: /[^<]*/y };
const OPENING_QUOTE = /(?<escapes>\\{0,127})"/y;

/**
 * Text without tokens, credentials and e-mail addresses, and without what it calls by a secret name: `"name": value`,
 * `name=value`, `name: value` or `<name>value`.
 */
export function withoutSecrets(text: string, names: SecretNames): string {
  const isField = (name: string) => names.hasField(name);
  const members = hidden(text, { pattern: MEMBER, literal: LITERAL.member, isSecret: isField });
  const credentials = CREDENTIALS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), members);
  const isParameter = (name: string) => names.hasParameter(name);
  const parameters = hidden(credentials, { pattern: PARAMETER, literal: LITERAL.parameter, isSecret: isParameter });
  const labels = hidden(parameters, { pattern: LABEL, literal: LITERAL.label, isSecret: isField });
  const elements = hidden(labels, { pattern: ELEMENT, literal: LITERAL.element, isSecret: isField });
  return elements.replace(E_MAIL, REDACTED);
}

type Hiding = { pattern: RegExp; literal: RegExp; isSecret: (name: string) => boolean };

/** What a value that is not hidden holds is searched as well. */
function hidden(text: string, { pattern, literal, isSecret }: Hiding): string {
  const names = new RegExp(pattern);
  let shown = '';
  let from = 0;
  for (let match = names.exec(text); match; match = names.exec(text)) {
    if (!isSecret(match.groups!['name']!)) continue;
    const quote = quoteAt(text, names.lastIndex);
    shown += `${text.slice(from, names.lastIndex)}${quote ?? ''}${REDACTED}${quote ?? ''}`;
    from =
      quote === undefined ? endOfBareValue(text, names.lastIndex, literal) : endOfString(text, names.lastIndex, quote);
    names.lastIndex = from;
  }
  return shown + text.slice(from);
}

/** The quote that opens there, with its backslashes. */
function quoteAt(text: string, at: number): string | undefined {
  OPENING_QUOTE.lastIndex = at;
  return OPENING_QUOTE.exec(text)?.[0];
}

/** Where an object, or a list, ends is not looked for: nothing after it is shown. */
function endOfBareValue(text: string, at: number, literal: RegExp): number {
  const isHidden = text.startsWith(REDACTED, at);
  if (!isHidden && (text[at] === '{' || text[at] === '[')) return text.length;
  const closing = text[at] === "'" ? text.indexOf("'", at + 1) : -1;
  if (closing !== -1) return closing + 1;
  literal.lastIndex = isHidden ? at + REDACTED.length : at;
  literal.exec(text);
  return literal.lastIndex;
}

/**
 * After the quote that closes a string, or the end of the text. Within a string whose quotes have `n` backslashes, a quote of
 * its own has `n + 1` more, and so has each half of a backslash before one: an odd number of these is within the string.
 */
function endOfString(text: string, at: number, opening: string): number {
  const escapes = opening.length - 1;
  for (let quote = text.indexOf('"', at + opening.length); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    const before = backslashesBefore(text, quote, at + opening.length);
    if (before < escapes || Math.floor((before - escapes) / (escapes + 1)) % 2 === 0) return quote + 1;
  }
  return text.length;
}

function backslashesBefore(text: string, at: number, from: number): number {
  let first = at;
  while (first > from && text[first - 1] === '\\') first--;
  return at - first;
}

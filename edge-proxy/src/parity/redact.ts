/** What is shown of a value in place of what nobody may see. */
export const REDACTED = '[redacted]';

/** Longest text of a kept value, and of a kept field's name. */
export const MOST_VALUE_CHARACTERS = 200;
export const MOST_FIELD_CHARACTERS = 200;

/** Parts of the names of fields whose values are never shown, as `plain` writes them. */
const SECRET_PARTS = [
  'token',
  'password',
  'passwd',
  'secret',
  'authorization',
  'credential',
  'cookie',
  'apikey',
  'sessionid',
  'email',
  'phone',
  'address',
  'birth',
  'firstname',
  'lastname',
  'fullname',
  'surname',
  'givenname',
  'familyname',
  'username',
];

// Bounded repetitions: what is searched comes from servers, and must not take time that grows with its square.
const SECRETS_IN_TEXT = [
  // What begins like JSON in base64url: a JWT, or as much of it as is there.
  /\beyJ[\w-]{4,4096}(?:\.[\w-]{0,4096}){0,2}/g,
  /\b(?:bearer|basic)\s{1,4}[\w.~+/=-]{6,4096}/gi,
];
const E_MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;
const JSON_MEMBER = /"([^"\\]{1,64})"\s{0,4}:\s{0,4}("(?:[^"\\]|\\.){0,4096}"?|[^\s,}\]"]{1,64})/g;

/** Hides tokens, e-mail addresses and whatever stands under a secret name; for one route. */
export class Redactor {
  readonly #parts: readonly string[];

  /** @param more names of fields, in whatever spelling, besides those that are always hidden */
  constructor(more: readonly string[]) {
    this.#parts = [...SECRET_PARTS, ...more.map(plain).filter((part) => part !== '')];
  }

  /** A value as it may be kept: redacted first and then cut, so that no half of a secret is left over. */
  value(field: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    if (this.#isSecret(field)) return REDACTED;
    return shortened(this.text(shortened(text, 4 * MOST_VALUE_CHARACTERS)), MOST_VALUE_CHARACTERS);
  }

  /** The names of fields come from answers, too. */
  field(name: string): string {
    return shortened(withoutSecrets(shortened(name, 4 * MOST_FIELD_CHARACTERS)), MOST_FIELD_CHARACTERS);
  }

  /** Free text, which may be JSON. */
  text(text: string): string {
    return withoutSecrets(
      text.replace(JSON_MEMBER, (whole, name: string, value: string) =>
        this.#isSecret(name) ? `${whole.slice(0, whole.length - value.length)}"${REDACTED}"` : whole,
      ),
    );
  }

  /** Any part of `body.user.home_address[].street` counts. */
  #isSecret(field: string): boolean {
    const name = plain(field);
    return this.#parts.some((part) => name.includes(part));
  }
}

function withoutSecrets(text: string): string {
  const rest = SECRETS_IN_TEXT.reduce((rest, pattern) => rest.replace(pattern, REDACTED), text);
  return rest.includes('@') ? rest.replace(E_MAIL, REDACTED) : rest;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

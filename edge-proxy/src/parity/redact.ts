import { SecretNames } from './redact-names.ts';
import { REDACTED, withoutSecrets } from './redact-text.ts';

/** Longest text of a kept value, and of a kept field's name. */
export const MOST_VALUE_CHARACTERS = 200;
export const MOST_FIELD_CHARACTERS = 200;

/** So much is searched for secrets, and nothing after it is shown. */
const MOST_SEARCHED_CHARACTERS = 8000;

/** Hides tokens, e-mail addresses and whatever stands under a secret name; for one route. */
export class Redactor {
  readonly #names: SecretNames;

  /** @param more names of fields, in whatever spelling, besides those that are always hidden */
  constructor(more: readonly string[]) {
    this.#names = new SecretNames(more);
  }

  /** A value as it may be kept: redacted first and then cut, so that no half of a secret is left over. */
  value(field: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    if (this.#names.hasField(field)) return REDACTED;
    return shortened(this.text(shortened(text, 4 * MOST_VALUE_CHARACTERS)), MOST_VALUE_CHARACTERS);
  }

  /** The names of fields come from answers, too. */
  field(name: string): string {
    return shortened(this.text(shortened(name, 4 * MOST_FIELD_CHARACTERS)), MOST_FIELD_CHARACTERS);
  }

  /** Free text, which may be JSON, an address or a form; its first 8,000 characters. */
  text(text: string): string {
    return withoutSecrets(shortened(text, MOST_SEARCHED_CHARACTERS), this.#names);
  }
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

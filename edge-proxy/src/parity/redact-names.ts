/** Parts of the names of fields whose values are never shown, as `plain` writes them. */
const SECRET_PARTS = [
  'token',
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'passcode',
  'pincode',
  'onetimecode',
  'verificationcode',
  'secret',
  'authorization',
  'credential',
  'cookie',
  'apikey',
  'accesskey',
  'privatekey',
  'signature',
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
  'passport',
  'creditcard',
  'cardnumber',
];

/** The same for whole words alone: a footprint holds no `otp`, and cardio is no `card`. */
const SECRET_WORDS = ['dob', 'otp', 'totp', 'pin', 'ssn', 'iban', 'card', 'cvc', 'cvv', 'jwt'];

/** Words that are harmless as names of fields (a session of training, the code of an error), and tell secrets in addresses. */
const SECRET_PARAMETERS = [...SECRET_WORDS, 'code', 'key', 'auth', 'session', 'sid', 'sig', 'user'];

/** Which names stand for what nobody may see. */
export class SecretNames {
  readonly #parts: readonly string[];

  /** @param more parts of names, in whatever spelling, besides those that are always secret */
  constructor(more: readonly string[]) {
    this.#parts = [...SECRET_PARTS, ...more.map(plain).filter((part) => part !== '')];
  }

  /** Of a field: any part of `body.user.home_address[].street` counts. */
  hasField(name: string): boolean {
    return this.#has(name, SECRET_WORDS);
  }

  /** Of what is given a value by `=`, in an address, a form or a header. */
  hasParameter(name: string): boolean {
    return this.#has(name, SECRET_PARAMETERS);
  }

  #has(name: string, words: readonly string[]): boolean {
    const text = plain(name);
    return this.#parts.some((part) => text.includes(part)) || wordsOf(name).some((word) => words.includes(word));
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** `userPIN_code` is `user`, `pin` and `code`. */
function wordsOf(name: string): string[] {
  return name
    .split(/[^\p{L}\p{N}]|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
    .map((word) => word.toLowerCase());
}

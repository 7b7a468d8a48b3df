import type { Identity } from '@fit/service-kit/authenticate';

/** Who it was, as the audit and the log say it to people: the e-mail address of the token, else its `sub`. */
export function actorOf({ email, subject }: Identity): string {
  return email ?? subject;
}

import { Intl as TemporalIntl, Temporal } from 'temporal-polyfill';

/** A calendar date, `YYYY-MM-DD`. */
export type CalendarDate = string;

/** The half-open interval of instants [from, to) that a calendar day covers in a time zone. */
export type DayBounds = { from: Date; to: Date };

export const DEFAULT_TIME_ZONE = 'UTC';

/**
 * The IANA time zone of a token's `zoneinfo` claim.
 *
 * @returns undefined unless the claim is the name of a zone (numeric offsets like `+05:30` are none, see OpenID Connect
 * Core 1.0, 5.1)
 */
export function parseTimeZone(claim: unknown): string | undefined {
  if (typeof claim !== 'string' || !/^[A-Za-z]/.test(claim) || claim.length > 64) return undefined;
  try {
    new TemporalIntl.DateTimeFormat('en', { timeZone: claim });
    return claim;
  } catch {
    return undefined;
  }
}

/** The calendar date of an instant in a time zone. */
export function dateIn(timeZone: string, instant: Date): CalendarDate {
  return zoned(timeZone, instant).toPlainDate().toString();
}

/** The calendar day before an instant's own day, in a time zone: "yesterday". */
export function yesterdayIn(timeZone: string, now: Date): CalendarDate {
  return zoned(timeZone, now).toPlainDate().subtract({ days: 1 }).toString();
}

/** First instant of a calendar day and of the next one; a day has 23 to 25 hours where clocks change. */
export function dayBounds(date: CalendarDate, timeZone: string): DayBounds {
  const day = Temporal.PlainDate.from(date);
  const startOf = (plain: Temporal.PlainDate) => new Date(plain.toZonedDateTime(timeZone).epochMilliseconds);
  return { from: startOf(day), to: startOf(day.add({ days: 1 })) };
}

function zoned(timeZone: string, instant: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
}

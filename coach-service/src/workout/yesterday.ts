import { dateIn, dayBounds, yesterdayIn } from '@fit/contracts/calendar';
import type { CalendarDate } from '@fit/contracts/calendar';

type Day = { yesterday: CalendarDate; from: Date; to: Date };

/** More than there are time zones, in any spelling that a client is likely to use. */
const MAX_ZONES = 2000;

/** `yesterdayIn`, remembered for each time zone until its day ends: calendar arithmetic costs more than all the rest. */
export function createYesterday(): (timeZone: string, now: Date) => CalendarDate {
  const days = new Map<string, Day>();
  return (timeZone, now) => {
    const known = days.get(timeZone);
    if (known && known.from <= now && now < known.to) return known.yesterday;
    if (days.size >= MAX_ZONES) days.clear();
    const yesterday = yesterdayIn(timeZone, now);
    days.set(timeZone, { yesterday, ...dayBounds(dateIn(timeZone, now), timeZone) });
    return yesterday;
  };
}

const NBSP = '\u00a0';
const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const DAY_AND_TIME = { day: 'numeric', month: 'short', ...TIME } as const;
const timeInUtc = new Intl.DateTimeFormat('en-GB', { ...TIME, timeZone: 'UTC' });
const dayAndTimeInUtc = new Intl.DateTimeFormat('en-GB', { ...DAY_AND_TIME, timeZone: 'UTC' });
const dayAndTimeHere = new Intl.DateTimeFormat('en-GB', DAY_AND_TIME);

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

export const NONE = '–';

/** A share in percent with up to two decimals: `12.5 %`. */
export function percent(value: number): string {
  return `${Number(value.toFixed(2))}${NBSP}%`;
}

/** A whole number with thousands apart: `1,080`. */
export function count(value: number): string {
  return counts.format(value);
}

/** "1 edge", "3 edges". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${NBSP}${value === 1 ? one : many}`;
}

/** A duration as short as it stays true: `4.2 ms`, `240 ms`, `2.31 s`; a dash for none. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 9.95) return `${ms.toFixed(1)}${NBSP}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${NBSP}ms`;
  return `${(ms / 1000).toFixed(2)}${NBSP}s`;
}

/** Requests a second: `0.4`, `12.3`, `1,080`. */
export function rate(perSecond: number): string {
  return perSecond < 99.95 ? String(Number(perSecond.toFixed(1))) : count(perSecond);
}

/** A part of a whole in percent: `1.25 %`; a dash if the whole is nothing. */
export function shareOf(part: number, whole: number): string {
  return whole === 0 ? NONE : percent((100 * part) / whole);
}

/** A stretch of time in the largest unit that fits: `7 s`, `4 min`, `3 h`, `2 days`. */
export function stretch(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}${NBSP}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}${NBSP}min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}${NBSP}h`;
  return `${Math.round(seconds / 86_400)}${NBSP}days`;
}

/** A planned time in the largest unit that gives a whole number: `90 s`, `10 min`, `1 h`, `2 d`. */
export function plannedTime(ms: number): string {
  const [unitMs, unit] = UNITS.find(([each]) => ms >= each && ms % each === 0) ?? [1000, 's'];
  return `${Number((ms / unitMs).toFixed(3))}${NBSP}${unit}`;
}

/** What is left of a time: `42 s`, `7:05`, `1:07:05`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds}${NBSP}s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return hours === 0
    ? `${minutes}:${twoDigits(seconds % 60)}`
    : `${hours}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
}

/** A moment in UTC, without saying so; with the day unless it is today's there: `14:12:07`, `1 Mar, 14:12:07`. */
export function utcTime(at: Date, now: Date): string {
  const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);
  return (dayOf(at) === dayOf(now) ? timeInUtc : dayAndTimeInUtc).format(at);
}

/** A moment in UTC and by this machine's clock, with the days. */
export function bothTimes(at: Date): string {
  return `${dayAndTimeInUtc.format(at)} UTC is ${dayAndTimeHere.format(at)} here`;
}

/** The name of a time zone: `UTC+1`, `UTC−3:30`. @param minutesBehindUtc as `Date` has it, so less than 0 in the east */
export function zoneName(minutesBehindUtc: number): string {
  if (minutesBehindUtc === 0) return 'UTC';
  const minutes = Math.abs(minutesBehindUtc);
  const ofHour = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`;
  return `UTC${minutesBehindUtc < 0 ? '+' : '−'}${Math.floor(minutes / 60)}${ofHour}`;
}

const NBSP = '\u00a0';
const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

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

/** Local time, with the day unless it is today's. */
export function localTime(at: Date, now: Date): string {
  const isToday = at.toDateString() === now.toDateString();
  return (isToday ? timeOfDay : dayAndTime).format(at);
}

/** `2026-03-01 02:12:07 UTC` */
export function utcTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

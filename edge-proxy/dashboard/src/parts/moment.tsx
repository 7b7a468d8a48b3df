import { localTime, utcTime } from '../words/format.ts';

/** A moment in local time; UTC on hovering. @param at ISO 8601 */
export function Moment({ at }: { at: string }) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={utcTime(moment)}>
      {localTime(moment, new Date())}
    </time>
  );
}

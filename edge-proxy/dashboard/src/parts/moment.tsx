import { bothTimes, utcTime } from '../words/format.ts';

/** What a column of times is headed with: the moments below it need not name their zone. */
export const ZONE_ABOVE = '(UTC)';

type Props = {
  /** ISO 8601 */
  at: string;
  /** Whether the head of its column has `ZONE_ABOVE`. */
  isZoneAbove?: boolean;
};

/** A moment in UTC, as the edge's own sentences, the log and `edgectl` have it; local time on hovering. */
export function Moment({ at, isZoneAbove = false }: Props) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={bothTimes(moment)}>
      {utcTime(moment, new Date())}
      {isZoneAbove ? '' : '\u00a0UTC'}
    </time>
  );
}

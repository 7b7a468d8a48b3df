import { expect, test } from '@jest/globals';
import { startCoachRig } from './coach-rig.ts';
import type { CoachRig } from './coach-rig.ts';

/** Time zones with the instants in 2026 (one in 2011) at which their clocks change; Kathmandu's and UTC's never do. */
const ZONES: [zone: string, changes: string[]][] = [
  ['UTC', ['2026-03-01T00:00:00Z']],
  ['America/New_York', ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z']],
  ['America/St_Johns', ['2026-03-08T05:30:00Z', '2026-11-01T04:30:00Z']],
  ['America/Santiago', ['2026-04-05T03:00:00Z', '2026-09-06T04:00:00Z']],
  ['Europe/Berlin', ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z']],
  ['Africa/Cairo', ['2026-04-23T22:00:00Z', '2026-10-29T21:00:00Z']],
  ['Asia/Kathmandu', ['2026-12-31T18:15:00Z']],
  ['Asia/Beirut', ['2026-03-28T22:00:00Z', '2026-10-24T21:00:00Z']],
  ['Australia/Lord_Howe', ['2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z']],
  ['Pacific/Apia', ['2011-12-30T10:00:00Z']],
];

const HOUR = 3_600_000;

test.each(ZONES)('around midnight and clock changes in %s, the day before is asked for', async (zone, changes) => {
  await using rig = await startCoachRig();
  for (const change of changes) {
    for (const instant of tellingInstants(zone, Date.parse(change))) {
      expect([instant.toISOString(), await askedFor(rig, zone, instant)]).toEqual([
        instant.toISOString(),
        dayBefore(localDate(zone, instant)),
      ]);
    }
  }
});

test.each([
  ['America/New_York', '2026-03-08T04:59:59.999Z', '2026-03-06'],
  ['America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-07'],
  ['America/New_York', '2026-03-09T03:59:59.999Z', '2026-03-07'],
  ['America/New_York', '2026-03-09T04:00:00.000Z', '2026-03-08'],
  ['Asia/Kathmandu', '2026-12-31T18:14:59.999Z', '2026-12-30'],
  ['Asia/Kathmandu', '2026-12-31T18:15:00.000Z', '2026-12-31'],
  ['Africa/Cairo', '2026-04-23T21:59:59.999Z', '2026-04-22'],
  ['Africa/Cairo', '2026-04-23T22:00:00.000Z', '2026-04-23'],
  ['America/Santiago', '2026-04-05T02:59:59.999Z', '2026-04-03'],
  ['America/Santiago', '2026-04-05T03:00:00.000Z', '2026-04-03'],
  ['America/Santiago', '2026-04-05T04:00:00.000Z', '2026-04-04'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-30'],
  ['UTC', '2024-03-01T00:00:00.000Z', '2024-02-29'],
])('in %s at %s that is %s', async (zone, instant, expected) => {
  await using rig = await startCoachRig();
  expect(await askedFor(rig, zone, new Date(instant))).toBe(expected);
});

/** The date that the monolith is asked for, as it arrives there. */
async function askedFor(rig: CoachRig, zone: string, instant: Date): Promise<string | null> {
  rig.clock.wall = instant;
  const { status } = await rig.workout({ token: rig.issuer.issue({ zoneinfo: zone }) });
  expect(status).toBe(200);
  const [request] = rig.monolith.requestsTo('/fitness/history').slice(-1);
  return new URL(request?.url ?? '', 'http://stand-in').searchParams.get('date');
}

/** First and last milliseconds of days, and both sides of the change, from two days before it to two days after. */
function tellingInstants(zone: string, changeMs: number): Date[] {
  const edges = [changeMs];
  // Every offset in use is a multiple of a quarter of an hour.
  for (let ms = changeMs - 48 * HOUR; ms <= changeMs + 48 * HOUR; ms += HOUR / 4) {
    if (localDate(zone, new Date(ms)) !== localDate(zone, new Date(ms - 1))) edges.push(ms);
  }
  expect(edges.length).toBeGreaterThanOrEqual(4);
  return edges.flatMap((ms) => [new Date(ms - 1), new Date(ms), new Date(ms + 1)]);
}

/** Made once for each zone, as making one takes long. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** By Node's own time zone data, not by the library that the coach uses. */
function localDate(zone: string, instant: Date): string {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  formats.set(zone, format);
  return format.format(instant);
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - 24 * HOUR).toISOString().slice(0, 10);
}

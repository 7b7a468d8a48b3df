import type { Operation } from './operation.ts';
import {
  changedRouteSchema,
  drillSchema,
  mirrorRequestSchema,
  paritySchema,
  rampRequestSchema,
  reasonRequestSchema,
  retirementSchema,
  verdictSchema,
  waitQuerySchema,
} from './schemas.ts';

/** A change that is not for every state of a route. */
const CHANGE = {
  method: 'POST',
  who: 'writer',
  query: waitQuerySchema,
  answer: { status: 200, description: 'In force on this edge', schema: changedRouteSchema, hasRevision: true },
  refusals: [409],
} as const;
const REASONED_CHANGE = { ...CHANGE, body: reasonRequestSchema } as const;
const LOOK = { method: 'GET', who: 'reader' } as const;

/** What the admin API does with a migration beyond single weights: ramps, mirroring, and the end of the old side. */
export const MIGRATION_OPERATIONS = {
  startRamp: {
    ...CHANGE,
    path: '/routes/{route}/ramp',
    summary: "Starts a ramp: by the plan given, else by the route file's",
    body: rampRequestSchema,
    followsRevision: true,
  },
  pauseRamp: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/pause',
    summary: 'Keeps a ramp at its step, whatever the revision; it is still judged',
  },
  resumeRamp: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/resume',
    summary: 'Lets a ramp go on that is paused, or judges one anew that is frozen, whatever the revision',
  },
  promoteRamp: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/promote',
    summary: 'Takes a ramp to its next step at once, whatever its verdicts',
    followsRevision: true,
  },
  freezeRamp: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/freeze',
    summary: 'Keeps a ramp where it is, no longer judged, whatever the revision',
  },
  setMirror: {
    ...CHANGE,
    path: '/routes/{route}/mirror',
    summary: 'Sets the share of safe requests that is copied to the side that did not answer',
    body: mirrorRequestSchema,
    followsRevision: true,
  },
  retire: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/retire',
    summary: 'Takes the way back to the old side away, whether the conditions are met or not; only at 100 %',
    followsRevision: true,
  },
  unretire: {
    ...REASONED_CHANGE,
    path: '/routes/{route}/unretire',
    summary: 'Gives the way back to the old side back',
    followsRevision: true,
  },
  drill: {
    method: 'POST',
    path: '/routes/{route}/drill',
    who: 'writer',
    summary: 'Rolls back for real, measures how long that takes on all edges, and restores the weight',
    body: reasonRequestSchema,
    answer: { status: 200, description: 'How long it took', schema: drillSchema, hasRevision: true },
    refusals: [409, 412],
  },
  getVerdict: {
    ...LOOK,
    path: '/routes/{route}/verdict',
    summary: 'What every gate says of the weight in force, and what follows from it',
    answer: { status: 200, description: 'As of the last second', schema: verdictSchema },
  },
  getParity: {
    ...LOOK,
    path: '/routes/{route}/parity',
    summary: 'What comparing the answers of both sides has found',
    answer: { status: 200, description: 'Counts, and samples of differences', schema: paritySchema },
  },
  getRetirement: {
    ...LOOK,
    path: '/routes/{route}/retirement',
    summary: 'Whether the old code may go: every condition, with its evidence',
    answer: { status: 200, description: 'Conditions, and when the old side was last used', schema: retirementSchema },
  },
} as const satisfies Record<string, Operation>;

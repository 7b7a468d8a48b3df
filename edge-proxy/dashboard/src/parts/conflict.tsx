import { Moment } from './moment.tsx';
import type { Basis, Known } from '../use-newest.ts';
import { percent } from '../words/format.ts';

type Props = {
  /** What the operator saw when deciding. */
  basis: Basis;
  newest: Known;
  onDecide: () => void;
  onDrop: () => void;
};

/** Somebody else changed the route since: who, from what to what, and why. What was typed stays. */
export function Conflict({ basis, newest, onDecide, onDrop }: Props) {
  return (
    <div class="notice is-serious conflict" role="alert">
      <p class="notice-title">
        {newest.changed_by ?? 'Somebody else'} changed{' '}
        {basis.weight === newest.weight
          ? 'the route, though not its weight,'
          : `the weight from ${percent(basis.weight)} to ${percent(newest.weight)}`}
        {newest.changed_at !== null && (
          <>
            {' '}
            at <Moment at={newest.changed_at} />
          </>
        )}
        .
      </p>
      {newest.reason !== null && <p>Reason: “{newest.reason}”</p>}
      <p>
        You decided on revision {basis.revision}; now it is {newest.revision}. Nothing of yours was applied.
      </p>
      <div class="actions">
        <button type="button" onClick={onDecide}>
          Keep what I typed, starting from {percent(newest.weight)}
        </button>
        <button type="button" class="plain" onClick={onDrop}>
          Leave it at {percent(newest.weight)}
        </button>
      </div>
    </div>
  );
}

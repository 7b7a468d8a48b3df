import { useEffect, useRef } from 'preact/hooks';

export type OutcomeText = { kind: 'done' | 'problem'; text: string };

/**
 * What came of an action. It is read out, and takes the focus when the control that was used has gone.
 */
export function Outcome({ outcome, takesFocus }: { outcome: OutcomeText | undefined; takesFocus: boolean }) {
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (outcome && takesFocus) box.current?.focus();
  }, [outcome, takesFocus]);
  return (
    <div role="status" class="outcome-place">
      {outcome && (
        <p class={`outcome is-${outcome.kind}`} tabIndex={-1} ref={box}>
          {outcome.text}
        </p>
      )}
    </div>
  );
}

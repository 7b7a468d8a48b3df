export type PlanDraft = {
  /** False: the plan of the route's configuration. */
  isOwn: boolean;
  /** `10 % for 10 m, 50 % manual, 100 %` */
  steps: string;
  onFail: 'rollback' | 'freeze';
};

type Props = { draft: PlanDraft; onChange: (draft: PlanDraft) => void };

/** Which plan a ramp follows. What is typed is read by the edge, which says what is wrong with it. */
export function PlanFields({ draft, onChange }: Props) {
  return (
    <fieldset class="plan-fields">
      <legend>Plan</legend>
      <Choice name="ramp-plan" isChosen={!draft.isOwn} onChoose={() => onChange({ ...draft, isOwn: false })}>
        The one in the route’s configuration
      </Choice>
      <Choice name="ramp-plan" isChosen={draft.isOwn} onChoose={() => onChange({ ...draft, isOwn: true })}>
        One of my own
      </Choice>
      {draft.isOwn && <OwnPlan draft={draft} onChange={onChange} />}
    </fieldset>
  );
}

function OwnPlan({ draft, onChange }: Props) {
  return (
    <>
      <label for="ramp-steps">Steps</label>
      <input
        id="ramp-steps"
        autocomplete="off"
        spellcheck={false}
        maxLength={1000}
        aria-describedby="ramp-steps-hint"
        value={draft.steps}
        onInput={(event) => onChange({ ...draft, steps: event.currentTarget.value })}
      />
      <p class="hint" id="ramp-steps-hint">
        Such as <code>10 % for 10 m, 50 % for 1 h manual, 100 %</code>: weights, how long each bakes (s, m, h, d), and
        which of them an operator promotes.
      </p>
      <fieldset class="choices">
        <legend>If a gate fails</legend>
        {(['rollback', 'freeze'] as const).map((onFail) => (
          <Choice
            key={onFail}
            name="ramp-on-fail"
            isChosen={draft.onFail === onFail}
            onChoose={() => onChange({ ...draft, onFail })}
          >
            {onFail === 'rollback' ? 'Roll back' : 'Freeze'}
          </Choice>
        ))}
      </fieldset>
    </>
  );
}

type ChoiceProps = { name: string; isChosen: boolean; onChoose: () => void; children: string };

function Choice({ name, isChosen, onChoose, children }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} />
      {children}
    </label>
  );
}

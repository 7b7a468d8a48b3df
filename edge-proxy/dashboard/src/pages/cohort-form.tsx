import type { Cohort, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useState } from 'preact/hooks';
import { explain } from '../api/problem.ts';
import { useDraft } from '../drafts.ts';
import { useSignedIn } from '../hooks.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { SideName } from '../parts/side-name.tsx';
import { percent } from '../words/format.ts';
import { readWeight } from '../words/weight-input.ts';

export function CohortForm({ route }: { route: RouteView }) {
  const { client } = useSignedIn();
  const [user, setUser] = useDraft(`cohort user ${route.route}`, '');
  const [weight, setWeight] = useDraft(`cohort weight ${route.route}`, '');
  const [answer, setAnswer] = useState<{ cohort?: Cohort; problem?: string }>({});
  const asked = weight.trim() === '' ? undefined : readWeight(weight);
  const whyNot = user === '' ? 'Type the user’s id first.' : asked?.ok === false ? asked.problem : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (whyNot !== undefined) return;
    void client.cohort(route.route, user, asked?.ok ? asked.weight : undefined).then(
      (cohort) => setAnswer({ cohort }),
      (error: unknown) => setAnswer({ problem: explain(error) }),
    );
  };
  return (
    <section class="card" aria-labelledby="cohort-title">
      <h2 id="cohort-title">Which side is this user on?</h2>
      <form onSubmit={submit} class="cohort-form">
        <div class="field">
          <label for="cohort-user">User’s id</label>
          <input
            id="cohort-user"
            autocomplete="off"
            spellcheck={false}
            maxLength={2048}
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for="cohort-weight">At weight (empty: now)</label>
          <input
            id="cohort-weight"
            inputMode="decimal"
            autocomplete="off"
            placeholder={String(route.weight)}
            value={weight}
            onInput={(event) => setWeight(event.currentTarget.value)}
          />
        </div>
        <div class="actions">
          <ActionButton type="submit" look="plain" label="Look up" whyNot={whyNot} />
        </div>
      </form>
      <div role="status">
        {answer.problem !== undefined && <p class="outcome is-problem">{answer.problem}</p>}
        {answer.cohort && <Answer cohort={answer.cohort} route={route} />}
      </div>
    </section>
  );
}

function Answer({ cohort, route }: { cohort: Cohort; route: RouteView }) {
  return (
    <div class="outcome">
      <p>
        At {percent(cohort.weight)}, {cohort.user} is on <SideName side={cohort.side} name={cohort.upstream} />.
      </p>
      <p class="hint">
        On {route.sides.new} from {percent(cohort.new_from)} upwards. Users are known by the {cohort.key.from}{' '}
        <code>{cohort.key.name}</code>.
      </p>
    </div>
  );
}

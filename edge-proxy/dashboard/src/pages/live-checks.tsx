import type { ParityView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { SideName } from '../parts/side-name.tsx';
import { count, plural, shareOf } from '../words/format.ts';

const SIDES = ['old', 'new'] as const;

type Props = { live: ParityView['live']; sides: RouteView['sides'] };

/** Answers that people got, some of which are checked by the comparator's rules: by side, and by rule. */
export function LiveChecks({ live, sides }: Props) {
  return (
    <section aria-labelledby="live-title">
      <h3 id="live-title">
        Live answers <span class="row-note">some of what people get is checked against the rules</span>
      </h3>
      <dl class="live-checks">
        {SIDES.map((side) => {
          const { checked, broken, rules } = live[side];
          const names = Object.entries(rules).filter(([, answers]) => answers > 0);
          return (
            <div key={side}>
              <dt>
                <SideName side={side} name={sides[side]} />
              </dt>
              <dd>
                {checked === 0 ? (
                  <span class="calm">none checked yet</span>
                ) : (
                  <>
                    <strong class={broken > 0 ? 'is-bad' : undefined}>
                      {broken > 0 ? `✕ ${count(broken)} broke a rule` : '✓ none broke a rule'}
                    </strong>{' '}
                    of {count(checked)} checked ({shareOf(broken, checked)})
                  </>
                )}
                {names.length > 0 && (
                  <ul class="rules">
                    {names.map(([rule, answers]) => (
                      <li key={rule}>
                        <code>{rule}</code> {plural(answers, 'answer')}
                      </li>
                    ))}
                  </ul>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

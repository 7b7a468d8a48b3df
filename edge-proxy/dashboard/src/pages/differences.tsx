import type { ParityView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { Moment } from '../parts/moment.tsx';
import { SideName } from '../parts/side-name.tsx';
import type { Side } from '../parts/side-name.tsx';
import { plural, shareOf } from '../words/format.ts';

type Props = { parity: ParityView; route: RouteView };
type Sample = ParityView['fields'][number]['samples'][number];

/** Where answers differ: of this endpoint, by field, with examples of both sides beside each other. */
export function Differences({ parity, route }: Props) {
  return (
    <section class="differences" aria-labelledby="differences-title">
      <h3 id="differences-title">
        Differences at <code>{route.path}</code>
      </h3>
      {parity.fields.length === 0 ? (
        <p class="calm">
          {parity.compared === 0 ? 'Nothing has been compared yet.' : 'None that a rule does not explain.'}
        </p>
      ) : (
        <ul class="findings">
          {parity.fields.map(({ field, pairs, samples }) => (
            <li key={field} class="finding">
              <details class="examples">
                <summary>
                  <code>{field}</code>{' '}
                  <span class="row-note">
                    differs in {plural(pairs, 'pair')}, {shareOf(pairs, parity.compared)} of those compared
                  </span>
                </summary>
                {samples.map((sample) => (
                  <Example key={`${sample.at} ${sample.request_id}`} sample={sample} sides={route.sides} />
                ))}
                {samples.length === 0 && <p class="calm">No example was kept.</p>}
              </details>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Example({ sample, sides }: { sample: Sample; sides: RouteView['sides'] }) {
  return (
    <figure class="example">
      <figcaption class="hint">
        <Moment at={sample.at} />, request <code>{sample.request_id}</code>
      </figcaption>
      <dl class="example-sides">
        {(['old', 'new'] as const).map((side: Side) => (
          <div key={side}>
            <dt>
              <SideName side={side} name={sides[side]} />
            </dt>
            <dd>{sample[side] === null ? <span class="calm">has none</span> : <code>{sample[side]}</code>}</dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}

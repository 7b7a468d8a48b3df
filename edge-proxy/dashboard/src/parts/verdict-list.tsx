import type { GateView } from '@fit/edge-proxy/admin-api/schemas';
import { VERDICT_WORDS, sentenceAlone } from '../words/ramp-words.ts';

/** What each gate says and why; the numbers that it was judged from on demand. */
export function VerdictList({ gates }: { gates: readonly GateView[] }) {
  return (
    <ul class="findings">
      {gates.map((gate) => (
        <li key={gate.gate} class={`finding is-${gate.verdict}`}>
          <p class="finding-head">
            <strong class="finding-verdict">{VERDICT_WORDS[gate.verdict]}</strong> <span>{gate.gate}</span>
          </p>
          <p class="finding-text">{sentenceAlone(gate)}</p>
          <Numbers numbers={gate.numbers} gate={gate.gate} />
        </li>
      ))}
    </ul>
  );
}

/** As they are, not rounded: the verdict can be computed again from them. */
function Numbers({ numbers, gate }: { numbers: GateView['numbers']; gate: string }) {
  const entries = Object.entries(numbers);
  if (entries.length === 0) return null;
  return (
    <details class="numbers">
      <summary>
        Numbers<span class="visually-hidden"> of {gate}</span>
      </summary>
      <dl>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

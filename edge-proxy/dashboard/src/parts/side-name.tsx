export type Side = 'old' | 'new';

/** Colour and shape tell the sides apart, so that either will do: a square for the old one, a disc for the new one. */
function SideMark({ side }: { side: Side }) {
  return <span class={`side-mark is-${side}`} aria-hidden="true" />;
}

/** @param name of the upstream */
export function SideName({ side, name }: { side: Side; name: string }) {
  return (
    <span class={`side-name is-${side}`}>
      <SideMark side={side} />
      {name} <span class="side-role">{side}</span>
    </span>
  );
}

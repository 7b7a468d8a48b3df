import { useId } from 'preact/hooks';

type Props = {
  label: string;
  look: 'primary' | 'danger' | 'plain';
  type?: 'submit' | 'button';
  /** Why it cannot be used now; undefined if it can. Told next to it, and it stays reachable, so that everybody learns why. */
  whyNot: string | undefined;
  /** The id of what tells `whyNot` of several buttons at once; default: each tells its own. */
  toldAt?: string | undefined;
  onClick?: () => void;
  id?: string;
};

export function ActionButton({ label, look, type = 'button', whyNot, toldAt, onClick, id }: Props) {
  const ownId = useId();
  const reasonId = toldAt ?? `${id ?? ownId}-why-not`;
  const click = (event: Event) => {
    if (whyNot === undefined) return onClick?.();
    event.preventDefault();
  };
  return (
    <>
      <button
        type={type}
        class={look}
        aria-disabled={whyNot !== undefined}
        aria-describedby={whyNot === undefined ? undefined : reasonId}
        onClick={click}
        {...(id !== undefined && { id })}
      >
        {label}
      </button>
      {whyNot !== undefined && toldAt === undefined && (
        <span class="why-not" id={reasonId}>
          {whyNot}
        </span>
      )}
    </>
  );
}

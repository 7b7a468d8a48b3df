import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useDraft } from '../drafts.ts';

type Props = {
  /** Unlike any other fold's; it stays open or closed as whoever looked at it last left it. */
  name: string;
  title: string;
  /** Beside the title. */
  note?: ComponentChildren;
  /** Until somebody opens or closes it; what has opened does not close by itself. */
  isOpenAtFirst: boolean;
  /** What is in it; made while it is open. */
  children: () => ComponentChildren;
};

/** A card that is opened to be looked into. */
export function Fold({ name, title, note, isOpenAtFirst, children }: Props) {
  const [toggled, setToggled] = useDraft<boolean | undefined>(`fold ${name}`, undefined);
  const opened = useRef(false);
  opened.current ||= isOpenAtFirst;
  const isOpen = toggled ?? opened.current;
  return (
    <details
      class="card fold"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) setToggled(open);
      }}
    >
      <summary>
        <h2>{title}</h2>
        {note !== undefined && <span class="fold-note">{note}</span>}
      </summary>
      {isOpen && children()}
    </details>
  );
}

import { useState } from 'preact/hooks';

/** What was typed and not yet sent; it outlives the page that it was typed on, a login that ran out too. */
const drafts = new Map<string, unknown>();

export function forgetDrafts(): void {
  drafts.clear();
}

export function forgetDraft(name: string): void {
  drafts.delete(name);
}

/** A state of a component that is there again when the component is. */
export function useDraft<Draft>(name: string, initial: Draft): [Draft, (draft: Draft) => void] {
  const [, redraw] = useState({});
  const draft = drafts.has(name) ? (drafts.get(name) as Draft) : initial;
  return [
    draft,
    (next) => {
      drafts.set(name, next);
      redraw({});
    },
  ];
}

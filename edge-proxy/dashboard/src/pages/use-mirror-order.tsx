import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { forgetDraft, useDraft } from '../drafts.ts';
import { useSignedIn } from '../hooks.ts';
import type { Order } from '../parts/use-orders.ts';
import { percent } from '../words/format.ts';
import { servedInWords } from '../words/outcome-words.ts';
import { readWeight } from '../words/weight-input.ts';

/** How many requests are copied to the side that did not answer. */
export function useMirrorOrder(route: RouteView): Order[] {
  const { client } = useSignedIn();
  const draftName = `mirror share ${route.route}`;
  const [typed, setTyped] = useDraft(draftName, String(route.mirror_share));
  const read = readWeight(typed);
  const isSame = read.ok && read.weight === route.mirror_share;
  return [
    {
      name: 'share',
      label: route.mirror_share === 0 ? 'Mirror requests' : 'Change the mirrored share',
      confirm: read.ok ? `Mirror ${percent(read.weight)}` : 'Mirror',
      look: 'plain',
      question: `So many GET and HEAD requests are copied to the side that did not answer. Nobody waits for the copies.`,
      fields: <ShareField typed={typed} isValid={read.ok} onType={setTyped} />,
      isPossible: !route.retired,
      problem: read.ok ? (isSame ? 'This is the share in force.' : undefined) : read.problem.replace('weight', 'share'),
      followsRevision: true,
      send: async ({ reason, revision }) => {
        if (!read.ok) throw new Error(read.problem);
        const changed = await client.setMirror(route.route, revision, { share: read.weight, reason });
        forgetDraft(draftName);
        return `Mirrored: ${percent(changed.mirror_share)} of safe requests. ${servedInWords(changed.acknowledged)}`;
      },
    },
  ];
}

type FieldProps = { typed: string; isValid: boolean; onType: (typed: string) => void };

function ShareField({ typed, isValid, onType }: FieldProps) {
  return (
    <div>
      <label for="mirror-typed">Mirrored share in percent</label>
      <input
        id="mirror-typed"
        class="short"
        inputMode="decimal"
        autocomplete="off"
        aria-invalid={!isValid}
        value={typed}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </div>
  );
}

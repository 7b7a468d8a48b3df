import type { Preview, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useEffect, useState } from 'preact/hooks';
import { explain } from '../api/problem.ts';
import { useSettled, useSignedIn } from '../hooks.ts';
import { count, percent } from '../words/format.ts';

const SETTLED_AFTER_MS = 150;

type Props = {
  route: RouteView;
  /** Undefined while what is typed is none. */
  weight: number | undefined;
  newest: { revision: number; weight: number };
};

/** Whom the change would move, before it is applied. */
export function MovePreview({ route, weight, newest }: Props) {
  const isWanted = weight !== undefined && weight !== newest.weight;
  const settled = useSettled(isWanted ? weight : undefined, SETTLED_AFTER_MS);
  const { preview, problem } = usePreview(route.route, settled, newest.revision);
  return (
    <div class="preview" role="status">
      {weight === newest.weight && <p>Nobody moves: {percent(newest.weight)} is in force.</p>}
      {isWanted && problem !== undefined && <p>How many users move is not known: {problem}</p>}
      {isWanted && preview?.after === weight && <Words preview={preview} route={route} />}
    </div>
  );
}

function Words({ preview, route }: { preview: Preview; route: RouteView }) {
  if (preview.to === null) return <p>Nobody moves.</p>;
  const [from, to] = preview.to === 'new' ? [route.sides.old, route.sides.new] : [route.sides.new, route.sides.old];
  const everybody = preview.after === 0 ? route.sides.old : preview.after === 100 ? route.sides.new : undefined;
  return (
    <>
      <p class="preview-main">
        Moves <strong>{percent(preview.share_moving)}</strong> of all users from {from} to {to}
        {everybody !== undefined && <>: everybody is on {everybody} then</>}.
      </p>
      <p>
        {preview.users_seen === 0
          ? 'This edge saw nobody in the last hour.'
          : `About ${count(preview.users_moving)} of the ${count(preview.users_seen)} people seen in the last hour.`}
      </p>
    </>
  );
}

/** @param revision asks again when it changes */
function usePreview(route: string, weight: number | undefined, revision: number) {
  const { client } = useSignedIn();
  const [result, setResult] = useState<{ preview?: Preview; problem?: string }>({});
  useEffect(() => {
    if (weight === undefined) return;
    const leaving = new AbortController();
    client.preview(route, weight, leaving.signal).then(
      (preview) => setResult({ preview }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setResult({ problem: explain(error) });
      },
    );
    return () => leaving.abort();
  }, [client, route, weight, revision]);
  return result;
}

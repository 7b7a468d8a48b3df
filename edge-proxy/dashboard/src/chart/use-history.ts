import type { Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { useEffect, useState } from 'preact/hooks';
import { useLive, useSignedIn } from '../hooks.ts';
import { withSample } from './columns.ts';

/** The samples of the last ten minutes, oldest first: fetched at first and after every loss of the connection, then live. */
export function useHistory(route: string): readonly Traffic[] {
  const { client } = useSignedIn();
  const { latest, connection } = useLive();
  const [samples, setSamples] = useState<readonly Traffic[]>([]);
  const isLive = connection.kind === 'live';
  useEffect(() => {
    if (!isLive) return;
    const leaving = new AbortController();
    client.history(route, leaving.signal).then(
      (history) => setSamples((known) => known.reduce(withSample, history)),
      // What comes live is drawn all the same.
      () => {},
    );
    return () => leaving.abort();
  }, [client, route, isLive]);
  const next = latest?.traffic[route];
  useEffect(() => {
    if (next) setSamples((known) => withSample(known, next));
  }, [next?.at]);
  return samples;
}

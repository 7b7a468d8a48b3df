import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { LiveState } from './api/live-state.ts';
import type { Observable } from './api/observable.ts';
import { explain } from './api/problem.ts';
import type { SignedIn } from './session.ts';

export const SignedInContext = createContext<SignedIn | undefined>(undefined);

/** Who is logged in, and the way to the edge; only below a login. */
export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (!signedIn) throw new Error('This part of the page needs somebody logged in');
  return signedIn;
}

export function useObserved<Value>({ get, subscribe }: Observable<Value>): Value {
  const [value, setValue] = useState(get);
  useEffect(() => {
    setValue(get);
    return subscribe(() => setValue(get));
  }, [get, subscribe]);
  return value;
}

export function useLive(): LiveState {
  return useObserved(useSignedIn().live.state);
}

/** Milliseconds since the epoch, anew every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The part of the address behind `#`. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listener = () => setHash(location.hash);
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  return hash;
}

/** The value as it was when it last stayed the same for so long. */
export function useSettled<Value>(value: Value, afterMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

/** Milliseconds since the epoch by the edge's clock, as far as it is known; anew every second. */
export function useEdgeNow(): number {
  const { latest, receivedAt } = useLive();
  const now = useNow();
  return latest && receivedAt !== undefined ? Date.parse(latest.at) + Math.max(0, now - receivedAt) : now;
}

export type Polled<Value> = { value?: Value; problem?: string };

/**
 * What is asked for again and again, while it is wanted.
 *
 * @param ask the same function as long as the same is asked for: another one is asked at once
 */
export function usePolled<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  { isWanted, everyMs }: { isWanted: boolean; everyMs: number },
): Polled<Value> {
  const [polled, setPolled] = useState<Polled<Value>>({});
  useEffect(() => {
    if (!isWanted) return;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async () => {
      try {
        const value = await ask(leaving.signal);
        if (!leaving.signal.aborted) setPolled({ value });
      } catch (error) {
        if (!leaving.signal.aborted) setPolled((known) => ({ ...known, problem: explain(error) }));
      }
      if (!leaving.signal.aborted) timer = setTimeout(() => void next(), everyMs);
    };
    void next();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [ask, isWanted, everyMs]);
  return polled;
}

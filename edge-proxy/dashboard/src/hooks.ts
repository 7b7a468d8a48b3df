import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { LiveState } from './api/live-state.ts';
import type { Observable } from './api/observable.ts';
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

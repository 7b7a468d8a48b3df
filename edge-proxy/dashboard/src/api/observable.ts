/** A value that tells when it changes. */
export type Observable<Value> = {
  get: () => Value;
  set: (value: Value) => void;
  /** @returns what ends that */
  subscribe: (listener: () => void) => () => void;
};

export function observable<Value>(initial: Value): Observable<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Time enough for anything on a busy machine; reached only by a test that fails. */
export const PATIENCE_MS = 8000;

/** Lets tests await a condition on what has come over a socket so far. */
export class Watch {
  readonly #checks = new Set<() => void>();

  /** Something has changed. */
  wake(): void {
    for (const check of this.#checks) check();
  }

  /**
   * Resolves once `holds` does.
   *
   * @throws Error with `story()` if that takes longer than `limitMs`
   */
  async until(holds: () => boolean, story: () => string, limitMs = PATIENCE_MS): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (holds()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain: ${story()}`)), limitMs);
    this.#checks.add(check);
    check();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#checks.delete(check);
    }
  }
}

/** Bytes as a failed test shows them. */
export const shown = (bytes: string) => JSON.stringify(bytes.length > 600 ? `${bytes.slice(0, 600)}…` : bytes);

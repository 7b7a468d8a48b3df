/** `starting` until the process first could serve, then `ready` for good, `draining` once it was told to stop. */
export type ReadinessState = 'starting' | 'ready' | 'draining';

/** Whether the process may take traffic. A failing dependency never takes it back to `starting`. */
export class Readiness {
  readonly #draining = new AbortController();
  #state: ReadinessState = 'starting';

  /** Aborted by `drain`: for what would otherwise never end by itself. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  get state(): ReadinessState {
    return this.#state;
  }

  markReady(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  drain(): void {
    this.#state = 'draining';
    this.#draining.abort();
  }
}

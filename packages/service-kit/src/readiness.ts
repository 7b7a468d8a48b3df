/** `starting` until the process first could serve, then `ready` for good, `draining` once it was told to stop. */
export type ReadinessState = 'starting' | 'ready' | 'draining';

/** Whether the process may take traffic. A failing dependency never takes it back to `starting`. */
export class Readiness {
  #state: ReadinessState = 'starting';

  get state(): ReadinessState {
    return this.#state;
  }

  markReady(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  drain(): void {
    this.#state = 'draining';
  }
}

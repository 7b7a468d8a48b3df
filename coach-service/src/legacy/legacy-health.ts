import type { Logger } from '@fit/service-kit/logger';
import type { DependencyState } from '@fit/service-kit/service-app';
import type { CallReport, LegacyEndpoint } from './legacy-client.ts';
import { LEGACY } from './legacy-failure.ts';

/** The monolith as the last call of each endpoint found it; logs changes, not calls. */
export class LegacyHealth {
  readonly #logger: Logger;
  readonly #last = new Map<LegacyEndpoint, 'up' | 'down'>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get state(): DependencyState {
    if (this.#last.size === 0) return 'unknown';
    return [...this.#last.values()].includes('down') ? 'down' : 'up';
  }

  note({ endpoint, answer }: CallReport): void {
    const found = stateAfter(answer);
    if (found === undefined || found === this.#last.get(endpoint)) return;
    this.#last.set(endpoint, found);
    const level = found === 'up' ? 'info' : 'warn';
    this.#logger[level]({ dependency: LEGACY, endpoint, answer: withoutValue(answer) }, `${LEGACY} is ${found}`);
  }
}

/** A refused token shows a monolith that works; who has left shows nothing. */
function stateAfter({ kind }: CallReport['answer']): 'up' | 'down' | undefined {
  if (kind === 'cancelled') return undefined;
  return kind === 'ok' || kind === 'refused' ? 'up' : 'down';
}

function withoutValue(answer: CallReport['answer']): unknown {
  return answer.kind === 'ok' ? { kind: answer.kind } : answer;
}

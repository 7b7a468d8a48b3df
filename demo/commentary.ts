import type { AuditEntry, RouteView } from './admin-api.ts';
import type { Narrator } from './narrator.ts';
import { adminUrl } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Answer } from './traffic.ts';
import { until } from '@fit/test-kit/until';

const LOOK_EVERY_MS = 250;
/** Looks between two lines on how things stand. */
const LOOKS_A_LINE = 10;
/** Long enough for everybody to have asked. */
const WINDOW_MS = 6000;
const TELL_WITHIN_MS = 10_000;
const LONGEST_DECISION = 70;

/** Tells each change of the route as it comes, and every few seconds how both sides serve people. */
export class Commentary implements AsyncDisposable {
  readonly #scene: Scene;
  readonly #narrator: Narrator;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #looks = 0;
  /** The revision up to which changes have been told. */
  #told = 0;

  constructor(scene: Scene, narrator: Narrator) {
    this.#scene = scene;
    this.#narrator = narrator;
    this.#timer = setInterval(() => {
      // An edge that is killed just then is asked no more.
      this.#looking ??= this.#look()
        .catch(() => undefined)
        .finally(() => (this.#looking = undefined));
    }, LOOK_EVERY_MS);
  }

  /** Resolves when all these changes have been told. */
  async toldAll(entries: readonly AuditEntry[]): Promise<void> {
    const last = Math.max(...entries.map(({ revision }) => revision));
    await until('told', () => this.#told, { holds: (told) => told >= last, withinMs: TELL_WITHIN_MS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const url = adminUrl(this.#scene);
    const route = await this.#scene.stack.api.route(url);
    if (route.revision !== this.#told) await this.#tellChanges(url);
    if (this.#looks++ % LOOKS_A_LINE !== 0) return;
    const { decision } = await this.#scene.stack.api.verdict(url);
    this.#narrator.quietly([standing(route, this.#scene), shortened(decision?.sentence)].filter(Boolean).join(' · '));
  }

  async #tellChanges(url: string): Promise<void> {
    const entries = await this.#scene.stack.api.audit(url);
    for (const { revision, actor, reason, after } of entries.toReversed()) {
      if (revision <= this.#told) continue;
      const change = `${actor} → ${after.weight} %: ${reason}`;
      if (after.weight === 0) this.#narrator.bad(change);
      else this.#narrator.good(change);
      this.#told = revision;
    }
  }
}

function standing({ weight }: RouteView, { traffic }: Scene): string {
  const lately = traffic.since(Date.now() - WINDOW_MS);
  const sides = (['legacy', 'coach'] as const).map((side) => {
    const own = lately.filter((answer) => sideOf(answer) === side);
    const people = new Set(own.map(({ person }) => person)).size;
    return `${side} ${people} people${own.length > 0 ? `, p95 ${p95(own)}` : ''}`;
  });
  return [`${weight} %`, ...sides, `${traffic.answers.filter(({ status }) => status !== 200).length} failed`].join(
    ' · ',
  );
}

/** Who is saved by the old side is the new side's. */
function sideOf({ servedBy, fallback }: Answer): string | null {
  return fallback === null ? servedBy : 'coach';
}

function p95(answers: readonly Answer[]): string {
  const times = answers.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  const ms = times[Math.ceil(times.length * 0.95) - 1]!;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function shortened(text = ''): string {
  const said = text.replace(/^[^:]*: /, '');
  return said.length <= LONGEST_DECISION ? said : `${said.slice(0, LONGEST_DECISION)}…`;
}

import { EDGE_FALLBACK, SERVED_BY } from '@fit/contracts/headers';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';

/** What a person got. */
export type Answer = {
  person: number;
  /** When the person asked; milliseconds since 1970. */
  at: number;
  tookMs: number;
  /** 0: none at all. */
  status: number;
  servedBy: string | null;
  /** Why the old side answered in place of the new one. */
  fallback: string | null;
  /** A workout as the contract has it, with no exercise twice; true of what is no workout. */
  isRight: boolean;
};

export type TrafficOptions = {
  /** Of each person one. */
  tokens: readonly string[];
  /** Of the edges that live. */
  urls: () => readonly string[];
  requestsPerSecond: number;
};

/** Requests under way at most: more are not made then. */
const MOST_UNDER_WAY = 100;

/**
 * People who ask for their workouts, one after another, at a steady rate, each with one request at a time. As a load balancer
 * does, they ask the next edge if one ends before it answered.
 */
export class Traffic implements AsyncDisposable {
  readonly answers: Answer[] = [];
  readonly #options: TrafficOptions;
  readonly #underWay = new Map<number, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#askOnce(), 1000 / options.requestsPerSecond);
  }

  /** Who asked since then. */
  since(at: number): readonly Answer[] {
    return this.answers.filter((answer) => answer.at >= at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #askOnce(): void {
    const person = this.#turn++ % this.#options.tokens.length;
    if (this.#underWay.has(person) || this.#underWay.size >= MOST_UNDER_WAY) return;
    const asked = this.#ask(person).finally(() => this.#underWay.delete(person));
    this.#underWay.set(person, asked);
  }

  async #ask(person: number): Promise<void> {
    const at = Date.now();
    const startedAt = performance.now();
    const turn = this.#turn;
    const got = await this.#askEdge(person, turn)
      .catch(() => this.#askEdge(person, turn + 1))
      .catch(() => NOTHING);
    this.answers.push({ person, at, tookMs: performance.now() - startedAt, ...got });
  }

  async #askEdge(person: number, turn: number): Promise<typeof NOTHING> {
    const urls = this.#options.urls();
    const answer = await fetch(`${urls[turn % urls.length]}/fitness/wod`, {
      headers: { authorization: `Bearer ${this.#options.tokens[person]}` },
    });
    const { status, headers } = answer;
    const text = await answer.text();
    const isRight = status !== 200 || isWorkout(JSON.parse(text));
    return { status, servedBy: headers.get(SERVED_BY), fallback: headers.get(EDGE_FALLBACK), isRight };
  }
}

const NOTHING: Pick<Answer, 'status' | 'servedBy' | 'fallback' | 'isRight'> = {
  status: 0,
  servedBy: null,
  fallback: null,
  isRight: true,
};

function isWorkout(body: unknown): boolean {
  const workout = workoutOfTheDaySchema.safeParse(body);
  return workout.success && new Set(workout.data.exercises.map(({ id }) => id)).size === workout.data.exercises.length;
}

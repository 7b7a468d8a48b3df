import { tokenSchema } from '@fit/contracts/auth';
import { historySchema } from '@fit/contracts/history';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import { Agent, fetch } from 'undici';
import type { Response } from 'undici';

const DAY_MS = 86_400_000;

export type Person = { email: string; token: string };

/** Who answered, and after which fallback. */
export type Served = { by: string | null; fallback: string | null };

/** The system as people reach it: Nginx with TLS, whose certificate is checked against the one that was made for it. */
export class FrontDoor {
  readonly #origin: string;
  readonly #agent: Agent;

  /** @param certificate PEM that is trusted besides nothing else */
  constructor(origin: string, certificate: string) {
    this.#origin = origin;
    this.#agent = new Agent({ connect: { ca: certificate } });
  }

  async logIn(login: { email: string; password: string; audience?: string; roles?: string[] }): Promise<Person> {
    const answer = await this.#ask('/auth/login', { method: 'POST', body: { ...login, expires_in: 3600 } });
    return { email: login.email, token: tokenSchema.parse(await answer.json()).access_token };
  }

  /** @throws Error unless the answer is 200 and a workout by the contract */
  async workout({ token }: Person): Promise<Served> {
    const answer = await this.#ask('/fitness/wod', { token });
    workoutOfTheDaySchema.parse(await answer.json());
    return { by: answer.headers.get('x-served-by'), fallback: answer.headers.get('x-edge-fallback') };
  }

  /** @param key of the request's idempotency */
  async logWorkout({ token }: Person, exerciseIds: readonly number[], key: string): Promise<void> {
    const exercises = exerciseIds.map((id) => ({ exercise_id: id, reps: 10 }));
    const headers = { 'idempotency-key': key };
    await this.#ask('/fitness/workouts', { method: 'POST', token, headers, body: { exercises } });
  }

  /** What somebody completed on the days around now, one of which is today where that person lives. */
  async recentHistory({ token }: Person): Promise<readonly number[]> {
    const days = [-1, 0, 1].map((day) => new Date(Date.now() + day * DAY_MS).toISOString().slice(0, 10));
    const histories = days.map(async (date) => {
      const answer = await this.#ask(`/fitness/history?date=${date}`, { token });
      return historySchema.parse(await answer.json()).exercise_ids;
    });
    return (await Promise.all(histories)).flat();
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #ask(path: string, request: Request): Promise<Response> {
    const { method = 'GET', token, headers, body } = request;
    const init = {
      method,
      dispatcher: this.#agent,
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const answer = await fetch(`${this.#origin}${path}`, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

type Request = { method?: string; token?: string; headers?: Record<string, string>; body?: unknown };

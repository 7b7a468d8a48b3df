import { loggedWorkoutSchema } from '@fit/contracts/history';
import type { LoggedWorkout } from '@fit/contracts/history';
import type { Logger } from '@fit/service-kit/logger';
import { sql } from 'kysely';
import { z } from 'zod';
import type { OpenDatabase } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

const CHANNEL = 'workout_logged';

const messageSchema = z.object({ user_id: z.string(), workout: loggedWorkoutSchema });

type Listener = (workout: LoggedWorkout) => void;

/**
 * To be called in the transaction that logs the workout: it is announced when that is committed, in every process on
 * this database. (PostgreSQL takes 8,000 bytes a notification; fifty exercises need half of it.)
 */
export async function announceWorkout(db: Database, userId: string, workout: LoggedWorkout): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify({ user_id: userId, workout })})`.execute(db);
}

/** Newly logged workouts, by user. */
export class WorkoutFeed {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #logger: Logger;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async start(listen: OpenDatabase['listen']): Promise<void> {
    this.#unlisten = await listen(CHANNEL, (payload) => this.#deliver(payload));
  }

  async stop(): Promise<void> {
    await this.#unlisten?.();
  }

  /** How many listen for this user. */
  count(userId: string): number {
    return this.#listeners.get(userId)?.size ?? 0;
  }

  /** @returns ends the subscription */
  subscribe(userId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(userId) === listeners) this.#listeners.delete(userId);
    };
  }

  #deliver(payload: string): void {
    try {
      const { user_id, workout } = messageSchema.parse(JSON.parse(payload));
      for (const listener of this.#listeners.get(user_id) ?? []) listener(workout);
    } catch (error) {
      this.#logger.warn({ err: error }, 'a live update could not be read');
    }
  }
}

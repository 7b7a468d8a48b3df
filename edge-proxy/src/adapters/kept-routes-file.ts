import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@fit/service-kit/logger';
import { z } from 'zod';
import type { KeptRoutes, RouteKeeper } from '../control-plane/kept-routes.ts';
import { oneAtATime } from '../control-plane/one-at-a-time.ts';
import { replaceFile } from './replace-file.ts';
import { firstIssue, keptState, schemaVersionSchema, stateOf, stateSchema } from './route-entry.ts';
import { sealed, unsealed } from './sealed-line.ts';
import { setAside } from './set-aside.ts';

export const KEPT_ROUTES_NAME = 'known-routes.json';

export type KeptRoutesOptions = {
  /** The edge's own; made if absent. */
  folder: string;
  logger: Logger;
  /** Node's own `open`, unless a test puts faults in its way. */
  openFile?: typeof open;
};

/** One line of JSON that a checksum closes, replaced as a whole. */
const contentSchema = z.object({
  schemaVersion: schemaVersionSchema,
  storeId: z.string().optional(),
  states: z.array(stateSchema),
  pending: z.array(stateSchema),
});

const NOTHING: KeptRoutes = { storeId: undefined, states: new Map(), pending: [] };

/**
 * What a replica knew last, in `known-routes.json` of its folder, replaced as a whole. What cannot be read is set aside, not
 * written over.
 */
export class KeptRoutesFile implements RouteKeeper {
  readonly path: string;
  readonly #logger: Logger;
  readonly #openFile: typeof open;
  readonly #inTurn = oneAtATime();

  constructor({ folder, logger, openFile = open }: KeptRoutesOptions) {
    this.path = join(folder, KEPT_ROUTES_NAME);
    this.#logger = logger;
    this.#openFile = openFile;
  }

  async load(): Promise<KeptRoutes> {
    try {
      return decode(await readFile(this.path, 'utf8'));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      await this.#setAside(cause);
      return NOTHING;
    }
  }

  async save(kept: KeptRoutes): Promise<void> {
    await this.#inTurn(async () => await replaceFile(this.path, encode(kept), this.#openFile));
  }

  async #setAside(cause: unknown): Promise<void> {
    const facts = { file: this.path, err: cause };
    try {
      const aside = await setAside(this.path, 'damaged');
      this.#logger.error({ ...facts, aside }, 'what this edge knew of its routes cannot be read; it was set aside');
    } catch (refusal) {
      this.#logger.error({ ...facts, refusal }, 'what this edge knew of its routes cannot be read, nor set aside');
    }
  }
}

function encode({ storeId, states, pending }: KeptRoutes): string {
  const content: z.infer<typeof contentSchema> = {
    schemaVersion: 1,
    ...(storeId !== undefined && { storeId }),
    states: [...states.values()].map(keptState),
    pending: pending.map(keptState),
  };
  return `${sealed(content)}\n`;
}

/** @throws Error saying why the text is not what was written */
function decode(text: string): KeptRoutes {
  const line = unsealed(text.trimEnd());
  if (line.kind === 'broken') throw new Error(line.why);
  const result = contentSchema.safeParse(line.content);
  if (!result.success) throw new Error(firstIssue(result.error));
  return {
    storeId: result.data.storeId,
    states: new Map(result.data.states.map((state) => [state.route, stateOf(state)])),
    pending: result.data.pending.map(stateOf),
  };
}

import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import { CONFIGURATION_FILE, faultOf, runningPid } from './nginx-process.ts';
import { REVISION_PATH } from './render.ts';
import type { Rendered } from './render.ts';
import { ask, servedRevision } from './served-revision.ts';
import type { NginxFolder } from './settings.ts';

/** The configuration was not put in force; the one before is, unless the message says otherwise. */
export class ApplyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApplyError';
  }
}

export type ApplyOptions = NginxFolder & {
  rendered: Rendered;
  /** Asked through the reloaded Nginx; anything but a 5xx says that it works. Default `/health`. */
  probePath?: string;
};

const VERIFY_TIMEOUT_MS = 5000;
/** The workers of the old configuration take connections for a moment longer; after so many new ones in turn they are gone. */
const SURE_AFTER = 5;

/**
 * Puts a configuration in force in a running Nginx, step by step: check, swap, reload, verify; restored on failure. No
 * request is lost: the old workers finish what they have.
 *
 * @returns how long it took from the swap until it was seen in force, in milliseconds
 * @throws ApplyError, FolderInUseError while another process applies
 */
export async function applyConfiguration({ rendered, probePath = '/health', ...place }: ApplyOptions): Promise<number> {
  const pid = runningPid(place.folder);
  const before = await servedRevision(place.settings);
  if (pid === undefined || before === undefined) throw new ApplyError(`No nginx of ours runs on ${place.folder}`);
  const lock = lockFolder(join(place.folder, 'apply'));
  try {
    return await swap(place, { rendered, probePath, pid, before });
  } catch (cause) {
    throw cause instanceof ApplyError ? cause : new ApplyError((cause as Error).message, { cause });
  } finally {
    lock.release();
  }
}

type Swap = { rendered: Rendered; probePath: string; pid: number; /** The revision in force. */ before: string };

async function swap(place: NginxFolder, { rendered, probePath, pid, before }: Swap): Promise<number> {
  const current = join(place.folder, CONFIGURATION_FILE);
  const [next, previous] = [`${current}.next`, `${current}.previous`];
  check(place, rendered, next);
  copyFileSync(current, previous);
  const swappedAt = performance.now();
  renameSync(next, current);
  const fault = await reload(place, { pid, revision: rendered.revision, probePath });
  if (fault === undefined) return performance.now() - swappedAt;

  renameSync(previous, current);
  const another = await reload(place, { pid, revision: before, probePath: REVISION_PATH });
  const end = another === undefined ? 'the previous configuration is in force again' : `then, going back: ${another}`;
  throw new ApplyError(`${fault}; ${end}`);
}

type Reload = { pid: number; revision: string; probePath: string };

/** @returns what went wrong, undefined if the revision is in force and answers */
async function reload(place: NginxFolder, { pid, revision, probePath }: Reload): Promise<string | undefined> {
  try {
    process.kill(pid, 'SIGHUP');
    return await verify(place, revision, probePath);
  } catch (error) {
    return (error as Error).message;
  }
}

function check({ folder }: NginxFolder, { text }: Rendered, next: string): void {
  writeFileSync(next, text, { mode: 0o600 });
  const fault = faultOf(folder, next);
  if (fault === undefined) return;
  rmSync(next);
  throw new ApplyError(`nginx refuses the configuration, and nothing has changed:\n${fault}`);
}

async function verify(place: NginxFolder, revision: string, probePath: string): Promise<string | undefined> {
  if (!(await isServed(place, revision))) {
    return `the configuration was not in force within ${VERIFY_TIMEOUT_MS / 1000} s of the reload`;
  }
  const answer = await ask(place.settings, probePath, VERIFY_TIMEOUT_MS);
  if (answer && answer.status < 500) return undefined;
  return `GET ${probePath} through the new configuration got ${answer ? `a ${answer.status}` : 'no answer'}`;
}

async function isServed({ settings }: NginxFolder, revision: string): Promise<boolean> {
  const deadline = performance.now() + VERIFY_TIMEOUT_MS;
  let inTurn = 0;
  while (inTurn < SURE_AFTER) {
    if (performance.now() > deadline) return false;
    inTurn = (await servedRevision(settings)) === revision ? inTurn + 1 : 0;
    if (inTurn === 0) await delay(10);
  }
  return true;
}

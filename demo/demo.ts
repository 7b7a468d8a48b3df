import { ensureDashboard } from '@fit/dashboard/build';
import { Commentary } from './commentary.ts';
import { Narrator } from './narrator.ts';
import { USAGE, readOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { hasRedis } from './redis.ts';
import { startScene } from './scene.ts';
import { tellPage, tellStory } from './story.ts';
import type { StoryOptions } from './story.ts';

/** `npm run demo` */
const EDGES = 3;
const PEOPLE = 160;
const INTERRUPTED = 130;

const options = optionsOrExit();
if (options.kind === 'help') {
  process.stdout.write(USAGE);
  process.exit(0);
}
const narrator = new Narrator();
let isInterrupted = false;
const interrupted = Promise.withResolvers<undefined>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    narrator.tell('Stopping …');
    interrupted.resolve(undefined);
    // For an impatient person, who asks twice: what was started ends with us.
    process.once(signal, () => process.exit(INTERRUPTED));
  });
}
// Whoever read what is printed has gone.
process.stdout.on('error', () => interrupted.resolve(undefined));
process.exit(await play(options));

/** The last line is printed when all that was started has ended. @returns the exit code */
async function play(story: StoryOptions): Promise<number> {
  try {
    const told = await onStage(story);
    narrator.end(told ?? 'Stopped before the end.', told !== undefined);
    return told === undefined ? INTERRUPTED : 0;
  } catch (error) {
    narrator.end(`It did not go as promised: ${(error as Error).message}`, false);
    return 1;
  }
}

/** @returns what happened; undefined if somebody stopped it */
async function onStage(story: StoryOptions): Promise<string | undefined> {
  // Edges serve it as it is; without it they say at `/` that it is missing.
  await ensureDashboard().catch((error: Error) => narrator.tell(`The page was not built: ${error.message}`));
  const edges = hasRedis() ? EDGES : 0;
  narrator.tell(`Starting a monolith, a coach, ${edges > 0 ? `${edges} edges` : 'one edge'} and ${PEOPLE} people …`);
  await using scene = await startScene({
    edgesOnRedis: edges,
    people: PEOPLE,
    legacyCostMs: '600-1200',
    objectiveMs: 5000,
    requestsPerSecond: 40,
  });
  if (isInterrupted) return undefined;
  await using commentary = new Commentary(scene, narrator);
  await tellPage({ scene, narrator });
  return await Promise.race([tellStory({ scene, narrator, commentary }, story), interrupted.promise]);
}

function optionsOrExit(): DemoOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

import { readFile } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { ImportConflictError, importExercises } from '../import/import-exercises.ts';
import type { ImportProgress } from '../import/import-exercises.ts';
import { parsePublished } from '../import/published-exercise.ts';
import type { PublishedExercise } from '../import/published-exercise.ts';
import { toExercise } from '../import/to-exercise.ts';
import { CommandError, UsageError, runCommand, withDatabase } from './command.ts';

const USAGE = `Usage: npm run import-exercises -- FILE
  FILE is free-exercise-db's exercises.json, as published. All records are imported, or none.
  DATABASE_URL or DATA_DIR say into which database, as for the monolith.`;
const PROBLEMS_SHOWN = 50;

await runCommand(async ([file, ...rest]) => {
  if (file === undefined || rest.length > 0 || file.startsWith('-')) throw new UsageError(USAGE);
  const records = await readRecords(file);
  const bar = progressBar();
  const summary = await withDatabase((db) => importExercises(db, records.map(toExercise), bar.advance))
    .catch((error: unknown) => {
      throw error instanceof ImportConflictError ? refusal(file, error.problems) : error;
    })
    .finally(bar.stop);
  const { added, updated, unchanged } = summary;
  process.stdout.write(`${records.length} exercises: ${added} added, ${updated} updated, ${unchanged} unchanged\n`);
});

async function readRecords(file: string): Promise<PublishedExercise[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  const parsed = parsePublished(parseJson(file, text));
  if (parsed.kind === 'bad') throw refusal(file, parsed.problems);
  return parsed.records;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CommandError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function refusal(file: string, problems: readonly string[]): CommandError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problem}`);
  const more = problems.length > PROBLEMS_SHOWN ? [`  … and ${problems.length - PROBLEMS_SHOWN} more`] : [];
  const heading = `${file} has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was imported:`;
  return new CommandError([heading, ...shown, ...more].join('\n'));
}

/** A bar for a person, and one line now and then for a log. */
function progressBar(): { advance: ImportProgress; stop: () => void } {
  if (!process.stdout.isTTY) {
    const lineEvery = 250;
    let line = -1;
    return {
      advance: (done, total) => {
        if (done !== total && Math.floor(done / lineEvery) === line) return;
        line = Math.floor(done / lineEvery);
        process.stdout.write(`${done}/${total}\n`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({ format: '{bar} {value}/{total} exercises', hideCursor: true });
  return {
    advance: (done, total) => (bar.isActive ? bar.update(done) : bar.start(total, done)),
    stop: () => bar.stop(),
  };
}

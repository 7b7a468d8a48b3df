import { describe, test } from '@jest/globals';

/** Whether a real component can be used here, and how, or why not. */
export type Finding<Found> = { available: true; value: Found } | { available: false; reason: string };

/** Something real that a test needs and a machine may lack: a database, a proxy, a browser, a load generator. */
export type Component<Found> = {
  name: string;
  find: () => Finding<Found> | Promise<Finding<Found>>;
};

/** Skipped where a component is absent, except in CI, where everything must be there. */
export type Absence = { kind: 'skip' | 'fail'; title: string };

export function absenceOf(component: string, title: string, reason: string, env: NodeJS.ProcessEnv): Absence {
  return { kind: env['CI'] === 'true' ? 'fail' : 'skip', title: `${title} (needs ${component}: ${reason})` };
}

/**
 * A `describe` whose tests need a real component. Where it is absent there is one test instead, skipped by name with the
 * reason; with `CI=true` that test fails.
 *
 * To be awaited at the top level of a test file.
 */
export async function describeWith<Found>(
  component: Component<Found>,
  title: string,
  suite: (found: Found) => void,
): Promise<void> {
  const finding = await component.find();
  if (finding.available) {
    describe(title, () => suite(finding.value));
    return;
  }
  reportAbsence(component.name, title, finding.reason);
}

type TestWith = <Found>(
  component: { name: string; finding: Finding<Found> },
  title: string,
  body: (found: Found) => Promise<void>,
  timeoutMs?: number,
) => void;

/** The same for one test of a suite that needs something more; the finding was awaited at the top of the file. */
export const testWith = testingWith(test);

/** The same for a test that runs at the same time as others: `test.concurrent`. */
export const concurrentTestWith = testingWith(test.concurrent);

function testingWith(run: typeof test | typeof test.concurrent): TestWith {
  return ({ name, finding }, title, body, timeoutMs) => {
    if (finding.available) run(title, async () => await body(finding.value), timeoutMs);
    else reportAbsence(name, title, finding.reason);
  };
}

function reportAbsence(component: string, title: string, reason: string): void {
  const absence = absenceOf(component, title, reason, process.env);
  const report = absence.kind === 'fail' ? test : test.skip;
  report(absence.title, () => {
    throw new Error(`${component} must be there when CI=true: ${reason}`);
  });
}

/** Ends a run with what was skipped, by name, and one line that a person and a machine can read. */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const files = results.testResults;
    const skippedTests = files.flatMap((file) => file.testResults).filter(({ status }) => status === 'pending');
    const failed = results.numFailedTests + files.filter((file) => file.testExecError !== undefined).length;
    const skipped = results.numPendingTests + results.numTodoTests;
    const lines = [
      ...skippedTests.map(({ fullName }) => `skipped: ${fullName}`),
      `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`,
    ];
    // Jest's own summary comes after all reporters; these lines come after that.
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}

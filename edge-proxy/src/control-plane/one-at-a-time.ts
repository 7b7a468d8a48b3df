/**
 * Runs tasks one after the other, in the order in which they came.
 *
 * @returns a function that settles as its task does; a task that fails does not stop the next one
 */
export function oneAtATime(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

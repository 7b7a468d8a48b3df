import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Tells in the terminal what happens; in colours only where somebody looks at it, and not against `NO_COLOR`. */
export class Narrator {
  readonly #startedAt = performance.now();

  headline(text: string): void {
    this.#print(`\n${styled('bold', text)}`);
  }

  /** What the narrator does or knows. */
  tell(text: string): void {
    this.#print(`  ${text}`);
  }

  good(text: string): void {
    this.#timed(styled('green', text));
  }

  bad(text: string): void {
    this.#timed(styled('red', text));
  }

  /** What is so all the time. */
  quietly(text: string): void {
    this.#timed(styled('dim', text));
  }

  /** The last words. */
  end(text: string, isGood: boolean): void {
    this.#print(`\n${styled(isGood ? ['bold', 'green'] : ['bold', 'red'], text)}`);
  }

  #timed(text: string): void {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.#print(`  ${styled('dim', clock)}  ${text}`);
  }

  #print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

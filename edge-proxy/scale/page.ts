import { join } from 'node:path';

export const PAGE_FILE = join(import.meta.dirname, '..', '..', 'docs', 'scale.md');

/**
 * The page with its computed parts anew: each stands between `<!-- NAME -->` and `<!-- end of NAME -->`.
 *
 * @throws Error naming a part that the page has no place for
 */
export function withParts(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/scale.md must have ${begin} and then ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
  }, page);
}

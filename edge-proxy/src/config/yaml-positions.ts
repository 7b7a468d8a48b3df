import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';

type Position = { line: number; column: number };

type Found = { node: Node | null; key: Node | null };

/** A YAML document, and where in its text each of its values is. */
export class PositionedYaml {
  readonly document: Document;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  /** Lines and columns count from 1. */
  positionOf(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Where a value is; of what is missing, where the nearest thing around it is. */
  positionAt(path: readonly PropertyKey[]): Position {
    const { node, key } = this.#find(path);
    // A value that was left out is behind its key, perhaps lines further down.
    const isLeftOut = isScalar(node) && node.range?.[0] === node.range?.[1];
    const at = (isLeftOut ? key : node) ?? key ?? node;
    return this.positionOf(at?.range?.[0] ?? 0);
  }

  /** Where the key of a member is. */
  keyPositionAt(path: readonly PropertyKey[]): Position {
    return this.positionOf(this.#find(path).key?.range?.[0] ?? 0);
  }

  #find(path: readonly PropertyKey[]): Found {
    let found: Found = { node: this.document.contents, key: null };
    for (const member of path) {
      const next = this.#memberOf(found.node, member);
      if (!next) return found;
      found = next;
    }
    return found;
  }

  #memberOf(parent: Node | null, member: PropertyKey): Found | undefined {
    const node = isAlias(parent) ? parent.resolve(this.document) : parent;
    if (isSeq(node)) {
      const item = node.items[Number(member)];
      return isNode(item) ? { node: item, key: null } : undefined;
    }
    if (!isMap(node)) return undefined;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === member);
    return pair && { node: isNode(pair.value) ? pair.value : null, key: pair.key as Node };
  }
}
